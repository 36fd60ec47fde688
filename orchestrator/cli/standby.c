#include "cli/standby.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/interrupt.h"
#include "cli/notify.h"
#include "cli/text.h"
#include "store/lock.h"
#include "store/successor.h"

void standby_init(struct standby *standby, const struct cli *cli,
		  struct place *place)
{
	*standby = (struct standby){
		.cli = cli,
		.place = place,
		.wake_fd = -1,
		.watch_fd = -1,
	};
}

/* ---- saying so ---- */

static void tell_service_manager(const struct standby *standby,
				 const char *owner)
{
	struct buf state = { 0 };

	/* For a service manager a standby is up: it waits for no more. */
	buf_printf(&state, "READY=1\nSTATUS=standby: %s owns the store %s",
		   owner, standby->place->store);
	char *text = buf_take(&state);

	if (notify_send(text)) {
		cli_note(standby->cli, "tutti: cannot tell $NOTIFY_SOCKET");
	}
	free(text);
}

/* Once for each owner. */
static void say(struct standby *standby, const char *directory)
{
	int pid = owner_find(directory);
	struct buf owner = { 0 };

	/* Nobody, or our own thread: one that is ending, or whose lock file has
	 * been deleted. */
	if (pid == 0 || pid == getpid()) {
		pid = standby->owner ? standby->owner : -1;
	}
	if (pid == standby->owner) {
		return;
	}
	standby->owner = pid;
	if (pid > 0) {
		buf_printf(&owner, "process %d", pid);
	} else {
		buf_put_text(&owner, "another process");
	}
	char *text = buf_take(&owner);

	cli_note(standby->cli,
		 "tutti: standby: %s owns the store %s; takes over when it "
		 "ends",
		 text, directory);
	log_info("msg=standby owner=%d", pid > 0 ? pid : 0);
	tell_service_manager(standby, text);
	free(text);
}

static void say_taken(const struct standby *standby)
{
	cli_note(standby->cli, "tutti: the owner of the store has ended, "
			       "taking over");
	log_info("msg=\"taking over\"");
	(void)notify_send("STATUS=taking over");
}

/* ---- another config ---- */

static bool usable(const struct standby *standby, const struct place *place)
{
	struct buf diagnostics = { 0 };
	struct daemon_options options = {
		.config = place->config,
		.modules = standby->cli->program->modules,
		.module_count = standby->cli->program->module_count,
	};
	int rc = daemon_check(&options, &diagnostics);

	text_emit(standby->cli->program->err, &diagnostics);
	buf_fini(&diagnostics);
	return rc == 0;
}

/* Into standby->fresh, when it can be used. */
static void take_config_up(struct standby *standby)
{
	const struct cli *cli = standby->cli;
	struct place place = { 0 };
	struct config *config = NULL;

	if (place_load(cli, standby->place->config->file, &config)) {
		cli_note(cli, "tutti: standby keeps the config it has");
		return;
	}
	place_of_config(cli, config, &place);
	if (strcmp(place.store, standby->place->store) != 0) {
		cli_note(cli, "tutti: standby keeps the config it has: "
			      "'store' cannot be another while it waits; "
			      "restart it");
	} else if (!usable(standby, &place)) {
		cli_note(cli, "tutti: standby keeps the config it has");
	} else {
		standby->fresh = config;
		place.config = NULL;
		cli_note(cli, "tutti: standby has taken the config up again");
	}
	place_fini(&place);
}

bool standby_again(struct standby *standby)
{
	struct config *fresh = standby->fresh;

	if (!fresh) {
		return false;
	}
	standby->fresh = NULL;
	place_fini(standby->place);
	place_of_config(standby->cli, fresh, standby->place);
	return true;
}

/* ---- waiting ---- */

static int watch_owner(const char *directory)
{
	struct buf path = { 0 };
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	buf_printf(&path, "%s/owner.lock", directory);
	char *text = buf_take(&path);

	/* Without it only a later owner's pid is not said. */
	if (fd >= 0) {
		(void)inotify_add_watch(fd, text, IN_MODIFY);
	}
	free(text);
	return fd;
}

static int begin(struct standby *standby, const char *directory,
		 struct err *reterr)
{
	if (standby->successor) {
		return 0;
	}
	standby->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (standby->wake_fd < 0) {
		return err_set(reterr, E_IO, "eventfd: %s", strerror(errno));
	}
	standby->watch_fd = watch_owner(directory);
	standby->waited = true;
	interrupt_wake(standby->wake_fd);
	return successor_create(directory, &standby->successor, reterr);
}

static void empty(int fd)
{
	char bytes[4096];

	while (fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0) {
	}
}

/* True: the lock is there, or will never be. */
static bool wait_for_something(struct standby *standby)
{
	struct pollfd fds[] = {
		{ .fd = successor_fd(standby->successor), .events = POLLIN },
		{ .fd = standby->wake_fd, .events = POLLIN },
		{ .fd = standby->watch_fd, .events = POLLIN },
	};

	while (poll(fds, 3, -1) < 0 && errno == EINTR) {
	}
	empty(standby->wake_fd);
	empty(standby->watch_fd);
	return fds[0].revents != 0;
}

/* 0, or E_STALE as in standby_wait(). */
static int heed_signals(struct standby *standby)
{
	if (interrupt_wanted() != INTERRUPT_NONE) {
		standby->ended = true;
		return E_STALE;
	}
	if (interrupt_hangup()) {
		take_config_up(standby);
	}
	return standby->fresh ? E_STALE : 0;
}

int standby_wait(void *arg, const char *directory, int *ret_lock,
		 struct err *reterr)
{
	struct standby *standby = arg;
	int rc = begin(standby, directory, reterr);

	while (rc == 0) {
		say(standby, directory);
		if (wait_for_something(standby)) {
			break;
		}
		rc = heed_signals(standby);
	}
	if (rc) {
		return rc;
	}
	say_taken(standby);
	rc = successor_take(standby->successor, ret_lock, reterr);
	standby->successor = NULL;
	return rc;
}
