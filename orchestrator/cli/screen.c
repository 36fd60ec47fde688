#include "cli/screen.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/text.h"

#define DEFAULT_ROWS    24
#define DEFAULT_COLUMNS 80
#define CTRL_C          3
#define CTRL_D          4

static void measure(struct screen *screen)
{
	struct winsize size = { 0 };

	(void)ioctl(fileno(screen->out), TIOCGWINSZ, &size);
	screen->rows = size.ws_row ? size.ws_row : DEFAULT_ROWS;
	screen->columns = size.ws_col ? size.ws_col : DEFAULT_COLUMNS;
}

/* Byte by byte, unseen. A screen that is stopped would leave the terminal as it
 * is. */
static int take_keys(struct screen *screen, int keys)
{
	struct termios wanted;

	screen->keys = -1;
	if (tcgetattr(keys, &screen->keys_before)) {
		return 0;
	}
	wanted = screen->keys_before;
	wanted.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	wanted.c_cc[VMIN] = 1;
	wanted.c_cc[VTIME] = 0;
	wanted.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(keys, TCSADRAIN, &wanted)) {
		return -1;
	}
	screen->keys = keys;
	return 0;
}

static int take_signals(struct screen *screen)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGWINCH };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		(void)sigaddset(&set, numbers[i]);
	}
	screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen->signals < 0) {
		return -1;
	}
	(void)pthread_sigmask(SIG_BLOCK, &set, &screen->mask_before);
	return 0;
}

static void leave_signals(struct screen *screen)
{
	(void)pthread_sigmask(SIG_SETMASK, &screen->mask_before, NULL);
	(void)close(screen->signals);
}

int screen_open(struct screen *screen, FILE *out, int keys, struct err *reterr)
{
	*screen = (struct screen){ .out = out };
	if (take_signals(screen)) {
		return err_set(reterr, E_IO, "signals: %s", strerror(errno));
	}
	if (take_keys(screen, keys)) {
		(void)err_set(reterr, E_IO, "terminal: %s", strerror(errno));
		leave_signals(screen);
		return E_IO;
	}
	measure(screen);
	(void)fputs("\033[?1049h\033[?25l\033[?7l", out);
	return 0;
}

void screen_close(struct screen *screen)
{
	(void)fputs("\033[?7h\033[?25h\033[?1049l", screen->out);
	(void)fflush(screen->out);
	if (screen->keys >= 0) {
		(void)tcsetattr(screen->keys, TCSADRAIN, &screen->keys_before);
	}
	/* What came meanwhile has been heeded: it must not end the process
	 * now. */
	struct signalfd_siginfo info;

	while (read(screen->signals, &info, sizeof(info)) == sizeof(info)) {
	}
	leave_signals(screen);
}

void screen_draw(struct screen *screen, struct slice text)
{
	struct slice line;

	(void)fputs("\033[H", screen->out);
	for (size_t row = 0; row < screen->rows && text_next_line(&text, &line);
	     row++) {
		(void)fprintf(screen->out, "%s%.*s\033[0m\033[K",
			      row ? "\r\n" : "", SLICE_ARG(line));
	}
	(void)fputs("\033[J", screen->out);
	(void)fflush(screen->out);
}

static enum screen_event take_signal(struct screen *screen)
{
	struct signalfd_siginfo info;
	enum screen_event event = SCREEN_RESIZED;

	while (read(screen->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGWINCH) {
			event = SCREEN_LEAVE;
		}
	}
	measure(screen);
	return event;
}

/* SCREEN_TIME: a key that means nothing. */
static enum screen_event take_key(const struct screen *screen)
{
	char key;

	if (read(screen->keys, &key, 1) != 1) {
		return SCREEN_LEAVE;
	}
	switch (key) {
	case 'q':
	case 'Q':
	case CTRL_C:
	case CTRL_D:
		return SCREEN_LEAVE;
	case ' ':
	case '\r':
	case '\n':
		return SCREEN_AGAIN;
	default:
		return SCREEN_TIME;
	}
}

static int left_ms(int64_t end_ns)
{
	int64_t left_ns = end_ns - clock_mono_ns();

	return left_ns > 0 ? (int)((left_ns + 999999) / 1000000) : 0;
}

enum screen_event screen_wait(struct screen *screen, int64_t end_ns)
{
	struct pollfd fds[] = {
		{ .fd = screen->signals, .events = POLLIN },
		{ .fd = screen->keys, .events = POLLIN },
	};
	enum screen_event event = SCREEN_TIME;

	while (event == SCREEN_TIME) {
		int left = left_ms(end_ns);

		if (ferror(screen->out)) {
			return SCREEN_LEAVE;
		}
		if (poll(fds, 2, left) == 0) {
			return SCREEN_TIME;
		}
		if (fds[0].revents) {
			event = take_signal(screen);
		} else if (fds[1].revents) {
			event = take_key(screen);
		}
	}
	return event;
}
