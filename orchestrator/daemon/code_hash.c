/* What code a module or program is: see processes_hash(). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/processes.h"

static char *in_hex(const unsigned char hash[DEFINITION_HASH_SIZE])
{
	struct buf text = { 0 };

	for (size_t i = 0; i < DEFINITION_HASH_SIZE; i++) {
		buf_printf(&text, "%02x", hash[i]);
	}
	return buf_take(&text);
}

static bool read_file(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;

	while (fd >= 0) {
		char *room = buf_reserve(out, 65536);

		len = read(fd, room, 65536);
		if (len <= 0) {
			break;
		}
		out->len += (size_t)len;
	}
	if (fd >= 0) {
		close(fd);
	}
	return len == 0;
}

/* As the host says it of a loaded module: over the content. */
static char *hash_file(const char *path)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	struct buf bytes = { 0 };
	char *text = NULL;

	if (read_file(path, &bytes)) {
		definition_hash(buf_slice(&bytes), hash);
		text = in_hex(hash);
	}
	buf_fini(&bytes);
	return text;
}

/* Which file it is, not what is in it: an interpreter is large. */
static void put_identity(const char *path, struct buf *out)
{
	struct stat about;

	if (stat(path, &about) == 0 && S_ISREG(about.st_mode)) {
		buf_printf(
		    out, "%s %llu %llu %lld %lld.%09ld\n", path,
		    (unsigned long long)about.st_dev,
		    (unsigned long long)about.st_ino, (long long)about.st_size,
		    (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
	}
}

static void put_relative(const char *directory, const char *name,
			 struct buf *out)
{
	struct buf path = { 0 };

	if (*name == '/' || !directory) {
		put_identity(name, out);
		return;
	}
	buf_printf(&path, "%s/%s", directory, name);
	char *text = buf_take(&path);

	put_identity(text, out);
	free(text);
}

/* A program without '/' is looked for as the shell does. */
static void put_program(const char *directory, const char *name,
			struct buf *out)
{
	const char *folders = getenv("PATH");
	char *copy = alloc_string(folders ? folders : "/usr/bin:/bin");
	char *rest = copy;
	char *folder;
	size_t before = out->len;

	if (strchr(name, '/')) {
		put_relative(directory, name, out);
		free(copy);
		return;
	}
	while (out->len == before && (folder = strsep(&rest, ":"))) {
		put_relative(folder, name, out);
	}
	free(copy);
}

char *processes_hash(const struct config_module *module)
{
	unsigned char hash[DEFINITION_HASH_SIZE];
	struct buf files = { 0 };

	if (module->form != FORM_PROCESS) {
		return hash_file(module->path);
	}
	put_program(module->directory, module->argv[0], &files);
	for (char **argument = module->argv + 1; *argument; argument++) {
		put_relative(module->directory, *argument, &files);
	}
	definition_hash(buf_slice(&files), hash);
	buf_fini(&files);
	return in_hex(hash);
}
