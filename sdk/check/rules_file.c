/*
 * The file itself: what can be told before and while it is loaded.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "check/elf_file.h"
#include "check/rules.h"
#include "check/snapshot.h"

#define ENTRY "tutti_plugin_v1"

static bool open_file(struct trial *trial, struct elf_file *file)
{
	struct err err = { 0 };

	int rc = elf_file_open(trial->subject->real, file, &err);

	/* A script is none; of a module file.loads says so. */
	if (rc == E_INVALID) {
		trial_skip(trial, "%s", err.msg);
	} else if (rc < 0) {
		trial_fail(trial, "%s", err.msg);
	}
	if (rc < 0) {
		return false;
	}
	return true;
}

static void run_loads(struct trial *trial)
{
	void *handle =
	    dlopen(trial->subject->real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle) {
		const char *reason = dlerror();
		bool undefined = reason && strstr(reason, "undefined symbol");

		trial_fail(trial, "the dynamic linker refuses it: %s%s",
			   reason ? reason : "no reason given",
			   undefined ? ": link it with what defines that; "
				       "-Wl,-z,defs tells when it is built"
				     : "");
	}
}

static void run_entry(struct trial *trial)
{
	void *handle =
	    dlopen(trial->subject->real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (int major = 0; handle && major < 100; major++) {
		char symbol[32];

		(void)snprintf(symbol, sizeof(symbol), "tutti_plugin_v%d",
			       major);
		if (major == TUTTI_ABI_MAJOR && dlsym(handle, symbol)) {
			return;
		}
		if (major != TUTTI_ABI_MAJOR && dlsym(handle, symbol)) {
			trial_fail(trial,
				   "it was built for plugin ABI %d, this "
				   "orchestrator speaks %d: rebuild it against "
				   "this SDK",
				   major, TUTTI_ABI_MAJOR);
			return;
		}
	}
	trial_fail(trial, "it exports no " ENTRY ": end one source of it with "
			  "TUTTI_MODULE(&your_plugin);");
}

/* Names of the implementation: of sanitizers, of the C++ runtime. */
static bool is_reserved(const char *name)
{
	return name[0] == '_' &&
	       (name[1] == '_' || name[1] == 'Z' || !strcmp(name, "_init") ||
		!strcmp(name, "_fini"));
}

static void run_exports(struct trial *trial)
{
	struct elf_file file;
	const char *name;
	bool weak;

	if (!open_file(trial, &file)) {
		return;
	}
	for (size_t i = 0; elf_file_export(&file, i, &name, &weak); i++) {
		if (strcmp(name, ENTRY) != 0 && !weak && !is_reserved(name)) {
			trial_fail(trial,
				   "it also exports '%s', which can collide "
				   "with other plugins: compile with "
				   "-fvisibility=hidden, or make it static",
				   name);
			break;
		}
	}
	elf_file_close(&file);
}

static void run_mode(struct trial *trial)
{
	struct stat status;
	char *folder = alloc_string(trial->subject->real);
	char *slash = strrchr(folder, '/');

	if (stat(trial->subject->real, &status) == 0 &&
	    (status.st_mode & S_IWOTH)) {
		trial_fail(trial, "everybody may write to it and so run code "
				  "in the orchestrator: chmod o-w");
	}
	slash[slash == folder] = '\0';
	if (stat(folder, &status) == 0 && (status.st_mode & S_IWOTH) &&
	    !(status.st_mode & S_ISVTX)) {
		trial_fail(trial,
			   "everybody may write to its folder and so replace "
			   "it: chmod o-w '%s'",
			   folder);
	}
	free(folder);
}

static void run_stack(struct trial *trial)
{
	struct elf_file file;

	if (open_file(trial, &file)) {
		if (elf_file_has_executable_stack(&file)) {
			trial_fail(trial,
				   "it asks for an executable stack: do not "
				   "use nested functions in C, end assembler "
				   "files with .section .note.GNU-stack, link "
				   "with -Wl,-z,noexecstack");
		}
		elf_file_close(&file);
	}
}

static void run_relocations(struct trial *trial)
{
	struct elf_file file;

	if (open_file(trial, &file)) {
		if (elf_file_has_text_relocations(&file)) {
			trial_fail(trial, "it has text relocations: compile "
					  "all of it with -fPIC");
		}
		elf_file_close(&file);
	}
}

#define NEEDS_LOAD .needs = "file.loads", .kinds = CHECK_MODULE

static const struct rule file_rules[] = {
	{
	    .name = "file.loads",
	    .says = "the dynamic linker loads it, nothing is undefined",
	    .kinds = CHECK_MODULE,
	    .run = run_loads,
	},
	{
	    .name = "file.entry",
	    .says = "it has the entry point of this ABI",
	    NEEDS_LOAD,
	    .run = run_entry,
	},
	{
	    .name = "file.exports",
	    .says = "it exports its entry point and nothing else",
	    .needs = "file.entry",
	    .kinds = CHECK_MODULE,
	    .run = run_exports,
	},
	{
	    .name = "file.mode",
	    .says = "only its owner and group may write to it",
	    .kinds = CHECK_MODULE | CHECK_PROGRAM,
	    .run = run_mode,
	},
	{
	    .name = "file.stack",
	    .says = "it needs no executable stack",
	    .kinds = CHECK_MODULE | CHECK_PROGRAM,
	    .run = run_stack,
	},
	{
	    .name = "file.relocations",
	    .says = "it is position independent",
	    .kinds = CHECK_MODULE | CHECK_PROGRAM,
	    .run = run_relocations,
	},
};

const struct rule_group rules_file = RULE_GROUP(file_rules);
