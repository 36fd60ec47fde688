#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/records.h"
#include "check/rules.h"
#include "host/host.h"

void trial_report(const struct trial *trial, enum check_status status,
		  const char *rule, const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	records_write(trial->records, status, rule ? rule : trial->rule->name,
		      buf_slice(&text));
	buf_fini(&text);
}

void trial_give_up(const struct trial *trial)
{
	if (trial->is_child) {
		records_write(trial->records, CHECK_PASS, RECORD_DONE,
			      SLICE(""));
		_exit(0);
	}
}

const struct tutti_module *trial_load(const struct trial *trial)
{
	void *handle =
	    dlopen(trial->subject->real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	void *symbol = handle ? dlsym(handle, "tutti_plugin_v1") : NULL;
	host_entry entry;

	if (!symbol) {
		trial_fail(trial, "it cannot be loaded: see file.loads");
		return NULL;
	}
	memcpy(&entry, &symbol, sizeof(entry));
	const struct tutti_module *module = entry();

	if (!module) {
		trial_fail(trial, "tutti_plugin_v1() returned NULL: use "
				  "TUTTI_MODULE");
	}
	return module;
}

void put_signal(struct buf *out, int number)
{
	const char *name = sigabbrev_np(number);

	buf_printf(out, "signal %d (SIG%s)", number, name ? name : "?");
}
