/* Reading what the handler of the last process wrote. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "host/crash_inside.h"

/* A note is smaller; what is not is none. */
#define NOTE_MAX 1024

static bool take(struct slice *rest, struct slice prefix)
{
	if (!slice_starts_with(*rest, prefix)) {
		return false;
	}
	rest->ptr += prefix.len;
	rest->len -= prefix.len;
	return true;
}

static bool take_number(struct slice *rest, uint32_t *ret_number)
{
	uint64_t number = 0;
	size_t len = 0;

	while (len < rest->len && len < 10 && rest->ptr[len] >= '0' &&
	       rest->ptr[len] <= '9') {
		number = number * 10 + (uint64_t)(rest->ptr[len++] - '0');
	}
	if (len == 0 || number > UINT32_MAX) {
		return false;
	}
	*ret_number = (uint32_t)number;
	return take(rest, (struct slice){ rest->ptr, len });
}

static int nibble(char digit)
{
	const char *digits = "0123456789abcdef";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool take_id(struct slice *rest, struct id *ret_id)
{
	size_t len = 2 * sizeof(ret_id->bytes);

	if (rest->len < len) {
		return false;
	}
	for (size_t i = 0; i < len; i += 2) {
		int high = nibble(rest->ptr[i]);
		int low = nibble(rest->ptr[i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		ret_id->bytes[i / 2] = (unsigned char)(high * 16 + low);
	}
	return take(rest, (struct slice){ rest->ptr, len });
}

static bool take_task(struct slice *rest, struct host_key *ret_key)
{
	return take_id(rest, &ret_key->run) && take(rest, SLICE(" ")) &&
	       take_number(rest, &ret_key->number) && take(rest, SLICE(" ")) &&
	       take_number(rest, &ret_key->attempt) && take(rest, SLICE("\n"));
}

static bool take_plugin(struct slice *rest, char plugin[LIMIT_NAME + 1])
{
	const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->ptr) : 0;

	if (!end || len > LIMIT_NAME ||
	    !utf8_valid((struct slice){ rest->ptr, len })) {
		return false;
	}
	memcpy(plugin, rest->ptr, len);
	plugin[len] = '\0';
	return take(rest, (struct slice){ rest->ptr, len });
}

static bool parse(struct slice rest, struct host_crash *ret_crash)
{
	struct host_crash crash = { 0 };
	uint32_t number = 0;

	if (!take(&rest, SLICE(CRASH_NOTE_HEAD "\nsignal ")) ||
	    !take_number(&rest, &number) || number < 1 || number > 64 ||
	    !take(&rest, SLICE("\n"))) {
		return false;
	}
	crash.signal = (int)number;
	if (take(&rest, SLICE("task "))) {
		crash.has_task = true;
		if (!take_task(&rest, &crash.key)) {
			return false;
		}
	}
	if (!take(&rest, SLICE("plugin ")) ||
	    !take_plugin(&rest, crash.plugin) || !slice_is(rest, "\nend\n")) {
		return false;
	}
	*ret_crash = crash;
	return true;
}

static ssize_t read_file(const char *file, char *bytes, size_t size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);

	if (fd < 0) {
		return -errno;
	}
	ssize_t len = read(fd, bytes, size);
	int failure = errno;

	(void)close(fd);
	return len < 0 ? -failure : len;
}

int host_read_crash(const char *file, struct host_crash *ret_crash,
		    struct err *reterr)
{
	char bytes[NOTE_MAX];
	ssize_t len = read_file(file, bytes, sizeof(bytes));

	if (len < 0 && len != -ENOENT) {
		return err_set(reterr, E_IO, "cannot read '%.200s': %s", file,
			       strerror((int)-len));
	}
	bool known =
	    len > 0 && parse((struct slice){ bytes, (size_t)len }, ret_crash);

	if (len >= 0) {
		(void)unlink(file);
	}
	return known ? 0
		     : err_set(reterr, E_NOT_FOUND,
			       "the last process left no note of a crash");
}
