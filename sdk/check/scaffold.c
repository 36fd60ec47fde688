#include "check/scaffold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

#define NAME_MAX_CHARACTERS 64

static bool is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

int scaffold_check_name(const char *name, struct err *reterr)
{
	struct slice text = slice_of(name);

	if (!utf8_valid(text) || !text.len ||
	    utf8_length(text) > NAME_MAX_CHARACTERS) {
		return err_set(
		    reterr, E_INVALID,
		    "a plugin's name has 1 to %d characters of UTF-8",
		    NAME_MAX_CHARACTERS);
	}
	if (name[0] == '-' || name[0] == '.') {
		return err_set(reterr, E_INVALID,
			       "a plugin's name cannot begin with '%c'",
			       name[0]);
	}
	for (size_t i = 0; i < text.len; i++) {
		char byte = name[i];

		if (!is_plain(byte) && byte != '-' && byte != '.' &&
		    !(byte & 0x80)) {
			return err_set(reterr, E_INVALID,
				       "'%s' cannot be the name of a project: "
				       "use letters, digits, '-', '_' and '.'",
				       name);
		}
	}
	return 0;
}

/* Names that targets of CMake, modules of Python or Tutti itself have. */
static bool is_taken(const char *id)
{
	static const char *const taken[] = {
		"all",       "array",
		"base",      "check",
		"class",     "clean",
		"code",      "copy",
		"date",      "def",
		"depend",    "edit_cache",
		"email",     "enum",
		"for",       "from",
		"help",      "html",
		"http",      "if",
		"import",    "install",
		"int",       "io",
		"json",      "list_install_components",
		"logging",   "main",
		"msgpack",   "os",
		"package",   "package_source",
		"queue",     "random",
		"re",        "rebuild_cache",
		"run",       "sdk",
		"select",    "signal",
		"site",      "socket",
		"string",    "struct",
		"sys",       "test",
		"threading", "time",
		"token",     "tutti",
		"types",     "typing",
		"unittest",  "uuid",
	};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (!strcmp(id, taken[i])) {
			return true;
		}
	}
	return false;
}

char *scaffold_identifier(const char *name)
{
	struct slice rest = slice_of(name);
	struct buf id = { 0 };
	bool letters = false;

	if (name[0] >= '0' && name[0] <= '9') {
		buf_put_text(&id, "plugin_");
	}
	while (rest.len) {
		size_t size;

		(void)utf8_decode(rest, &size);
		buf_put_byte(&id, is_plain(*rest.ptr) ? (unsigned char)*rest.ptr
						      : '_');
		letters |= is_plain(*rest.ptr) && *rest.ptr != '_';
		rest.ptr += size;
		rest.len -= size;
	}
	if (!letters) {
		buf_clear(&id);
		buf_put_text(&id, "plugin");
	}
	char *text = buf_take(&id);

	if (is_taken(text)) {
		buf_printf(&id, "%s_module", text);
		free(text);
		text = buf_take(&id);
	}
	return text;
}

struct filling {
	const char *name;
	char *id;
};

/* Words between @ are replaced. */
static void fill(struct buf *out, const char *text,
		 const struct filling *filling)
{
	while (*text) {
		size_t len = strcspn(text, "@");

		buf_put(out, text, len);
		text += len;
		if (!strncmp(text, "@NAME@", 6)) {
			buf_put_text(out, filling->name);
			text += 6;
		} else if (!strncmp(text, "@ID@", 4)) {
			buf_put_text(out, filling->id);
			text += 4;
		} else if (*text) {
			buf_put_byte(out, (unsigned char)*text++);
		}
	}
}

static int write_text(const char *path, struct slice text, struct err *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t written = fd < 0 ? -1 : write(fd, text.ptr, text.len);

	if (fd >= 0 && close(fd) < 0) {
		written = -1;
	}
	return written == (ssize_t)text.len
		   ? 0
		   : err_set(reterr, E_IO, "cannot write '%s': %s", path,
			     strerror(errno));
}

static int write_file(const struct scaffold_file *file, const char *folder,
		      const struct filling *filling, struct err *reterr)
{
	struct buf path = { 0 };
	struct buf text = { 0 };
	bool named = !strncmp(file->path, "NAME", 4);

	buf_printf(&path, "%s/%s%s", folder, named ? filling->id : "",
		   file->path + (named ? 4 : 0));
	fill(&text, file->text, filling);
	char *name = buf_take(&path);
	int rc = write_text(name, buf_slice(&text), reterr);

	free(name);
	buf_fini(&text);
	return rc;
}

static bool is_language(const char *language)
{
	const struct scaffold_file *file = scaffold_files;

	while (file->language && strcmp(file->language, language) != 0) {
		file++;
	}
	return file->language != NULL;
}

static int make_folder(const char *folder, struct err *reterr)
{
	if (mkdir(folder, 0777) == 0) {
		return 0;
	}
	if (errno == EEXIST) {
		return err_set(reterr, E_CONFLICT,
			       "'%s' is there already: choose another name, or "
			       "another place with --dir",
			       folder);
	}
	return err_set(reterr, E_IO, "cannot make the folder '%s': %s", folder,
		       strerror(errno));
}

int scaffold_write(const char *name, const char *language, const char *folder,
		   struct err *reterr)
{
	int rc = scaffold_check_name(name, reterr);

	if (rc == 0 && !is_language(language)) {
		rc = err_set(reterr, E_INVALID,
			     "there is no template for '%s': it is c, cpp or "
			     "python",
			     language);
	}
	if (rc == 0) {
		rc = make_folder(folder, reterr);
	}
	struct filling filling = { name,
				   rc ? NULL : scaffold_identifier(name) };

	for (const struct scaffold_file *file = scaffold_files;
	     rc == 0 && file->language; file++) {
		if (!strcmp(file->language, language)) {
			rc = write_file(file, folder, &filling, reterr);
		}
	}
	free(filling.id);
	return rc;
}
