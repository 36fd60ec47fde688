#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void keep_head(struct capture *capture, const char *bytes, size_t len)
{
	size_t room = capture->limit - capture->head.len;

	if (len > room) {
		capture->truncated = true;
		len = room;
	}
	text_put(&capture->head, bytes, len);
}

static void keep_tail(struct capture *capture, const char *bytes, size_t len)
{
	if (len > TAIL_SIZE) {
		bytes += len - TAIL_SIZE;
		len = TAIL_SIZE;
	}
	if (capture->tail_len + len > TAIL_SIZE) {
		size_t keep = TAIL_SIZE - len;

		memmove(capture->tail, capture->tail + capture->tail_len - keep,
			keep);
		capture->tail_len = keep;
	}
	memcpy(capture->tail + capture->tail_len, bytes, len);
	capture->tail_len += len;
}

size_t capture_read(struct capture *capture)
{
	char bytes[16384];
	ssize_t len = read(capture->fd, bytes, sizeof(bytes));

	if (len > 0) {
		keep_head(capture, bytes, (size_t)len);
		keep_tail(capture, bytes, (size_t)len);
		return (size_t)len;
	}
	if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		capture_close(capture);
	}
	return 0;
}

void capture_drain(struct capture *capture)
{
	if (capture->fd < 0) {
		return;
	}
	int size = fcntl(capture->fd, F_GETPIPE_SZ);
	size_t left = size > 0 ? (size_t)size : 65536;

	/* Whoever else writes to the pipe cannot hold us up for ever. */
	while (capture->fd >= 0 && left > 0) {
		size_t got = capture_read(capture);

		if (got == 0) {
			return;
		}
		left = got < left ? left - got : 0;
	}
}

void capture_close(struct capture *capture)
{
	if (capture->fd >= 0) {
		(void)close(capture->fd);
		capture->fd = -1;
	}
}

void capture_fini(struct capture *capture)
{
	capture_close(capture);
	text_fini(&capture->head);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct tutti_slice capture_last_line(const struct capture *capture)
{
	size_t end = capture->tail_len;

	while (end > 0 && is_space(capture->tail[end - 1])) {
		end--;
	}
	size_t start = end;

	while (start > 0 && capture->tail[start - 1] != '\n' &&
	       capture->tail[start - 1] != '\r') {
		start--;
	}
	/* The tail may begin inside a character. */
	while (start == 0 && start < end && capture->tail_len == TAIL_SIZE &&
	       ((unsigned char)capture->tail[start] & 0xc0) == 0x80) {
		start++;
	}
	struct tutti_slice line = { capture->tail + start, end - start };

	return line;
}
