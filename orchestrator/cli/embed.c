#include "cli/embed.h"

#include "cli/interrupt.h"
#include "cli/text.h"

int embed_create(const struct cli *cli, struct daemon_options options,
		 struct daemon **ret_daemon)
{
	struct buf diagnostics = { 0 };
	struct err error = { 0 };

	options.modules = cli->program->modules;
	options.module_count = cli->program->module_count;
	int rc = daemon_create(&options, ret_daemon, &diagnostics, &error);

	text_emit(cli->program->err, &diagnostics);
	if (rc && rc != E_STALE && !diagnostics.len) {
		(void)cli_fail(cli, &error);
	}
	if (rc == E_BUSY) {
		cli_note(cli, "'tutti start' hands a run to the daemon that "
			      "owns the store.");
	}
	buf_fini(&diagnostics);
	if (rc == E_NOT_FOUND) {
		/* A folder on the way to the store. */
		return EXIT_UNREACHABLE;
	}
	if (rc) {
		return (int)exit_code_of_error(rc);
	}
	interrupt_watch(*ret_daemon);
	return EXIT_DONE;
}

void embed_destroy(struct daemon *daemon)
{
	interrupt_forget();
	daemon_destroy(daemon);
}
