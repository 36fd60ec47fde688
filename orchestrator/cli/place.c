#include "cli/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cli/text.h"

#define CONFIG_FILE  "tutti.yaml"
#define CONTROL_FILE "control.sock"

/* The option, else the environment, or NULL; empty counts as not given. */
static const char *given(const struct cli *cli, const char *option,
			 const char *variable)
{
	const char *value = options_value(&cli->options, option);

	if (!value) {
		value = getenv(variable);
	}
	return value && *value ? value : NULL;
}

const char *place_config_file(const struct cli *cli)
{
	const char *file = given(cli, "config", "TUTTI_CONFIG");

	if (file) {
		return file;
	}
	return access(CONFIG_FILE, F_OK) == 0 ? CONFIG_FILE : NULL;
}

int place_load(const struct cli *cli, const char *file,
	       struct config **ret_config)
{
	struct buf diagnostics = { 0 };
	int rc = config_load(file, ret_config, &diagnostics);

	if (diagnostics.len) {
		(void)fflush(cli->program->out);
		text_emit(cli->program->err, &diagnostics);
	} else if (rc) {
		cli_note(cli, "tutti: cannot load the config '%s': %s", file,
			 err_text(rc));
	}
	buf_fini(&diagnostics);
	return rc ? EXIT_USAGE : EXIT_DONE;
}

static char *join(const char *directory, const char *file)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s", directory, file);
	return buf_take(&path);
}

/* Is the config's socket only the default that follows from its store? */
static bool control_is_default(const struct config *config)
{
	char *path = join(config->store, CONTROL_FILE);
	bool same = !strcmp(path, config->control);

	free(path);
	return same;
}

static char *find_control(const struct cli *cli, const struct config *config,
			  const char *store)
{
	const char *to = options_value(&cli->options, "to");

	if (to) {
		return alloc_string(to);
	}
	if (config && config->control && !control_is_default(config)) {
		return alloc_string(config->control);
	}
	return join(store, CONTROL_FILE);
}

void place_of_config(const struct cli *cli, struct config *config,
		     struct place *ret_place)
{
	const char *store = given(cli, "store", "TUTTI_STORE");
	struct config *fallback = NULL;

	if (!store && config) {
		store = config->store;
	} else if (!store) {
		fallback = config_default();
		store = fallback->store;
	}
	*ret_place = (struct place){
		.config = config,
		.store = alloc_string(store),
		.control = find_control(cli, config, store),
	};
	config_destroy(fallback);
}

int place_find(const struct cli *cli, struct place *ret_place)
{
	bool store_named = given(cli, "store", "TUTTI_STORE") != NULL;
	bool config_named = given(cli, "config", "TUTTI_CONFIG") != NULL;
	const char *file =
	    store_named && !config_named ? NULL : place_config_file(cli);
	struct config *config = NULL;

	if (file && place_load(cli, file, &config)) {
		cli_note(cli, "--store DIR names the store without a config.");
		return EXIT_USAGE;
	}
	place_of_config(cli, config, ret_place);
	return EXIT_DONE;
}

void place_fini(struct place *place)
{
	config_destroy(place->config);
	free(place->store);
	free(place->control);
	*place = (struct place){ 0 };
}

void place_tell_no_store(const char *store, struct err *error)
{
	if (error->code == E_NOT_FOUND) {
		(void)err_set(error, E_UNREACHABLE,
			      "there is no store at '%s'; --store DIR names "
			      "another, 'tutti run FILE' makes one",
			      store);
	}
}

static int fail_open(const struct cli *cli, const char *store,
		     struct err *error)
{
	place_tell_no_store(store, error);
	(void)cli_fail(cli, error);
	return EXIT_UNREACHABLE;
}

int looking_open(const struct cli *cli, struct looking *ret_looking)
{
	struct looking looking = { .now_us = clock_wall_us() };
	struct err error = { 0 };
	int code = place_find(cli, &looking.place);

	if (code) {
		return code;
	}
	if (view_open(looking.place.store, &looking.view, &error) ||
	    view_owner(looking.view, &looking.owner, &error)) {
		code = fail_open(cli, looking.place.store, &error);
		looking_close(&looking);
		return code;
	}
	*ret_looking = looking;
	return EXIT_DONE;
}

void looking_close(struct looking *looking)
{
	view_close(looking->view);
	place_fini(&looking->place);
	*looking = (struct looking){ 0 };
}

void looking_put_daemon(const struct looking *looking, struct buf *out)
{
	if (looking->owner.file) {
		buf_put_text(out, "no daemon: an exported run, written ");
		text_put_age(out, looking->owner.last_write_us,
			     looking->now_us);
		return;
	}
	if (looking->owner.alive) {
		buf_printf(out, "daemon: up, pid %d", looking->owner.pid);
		return;
	}
	buf_put_text(out, "daemon: down, ");
	if (looking->owner.last_write_us) {
		buf_put_text(out, "last write ");
		text_put_age(out, looking->owner.last_write_us,
			     looking->now_us);
	} else {
		buf_put_text(out, "nothing written yet");
	}
}

void looking_note_daemon(const struct cli *cli, const struct looking *looking)
{
	struct buf line = { 0 };

	if (looking->owner.alive || looking->owner.file) {
		return;
	}
	looking_put_daemon(looking, &line);
	cli_note(cli, "%.*s", SLICE_ARG(buf_slice(&line)));
	buf_fini(&line);
}

int place_connect(const struct cli *cli, struct control_client **ret_client)
{
	struct place place;
	struct err error = { 0 };
	int code = place_find(cli, &place);

	if (code) {
		return code;
	}
	if (control_connect(place.control, ret_client, &error)) {
		(void)cli_fail(cli, &error);
		code = EXIT_UNREACHABLE;
	}
	place_fini(&place);
	return code;
}

int place_call(struct control_client *client, const char *verb,
	       const struct value *args, struct value *ret_result,
	       struct err *reterr)
{
	int rc = control_call(client, verb, args, PLACE_ANSWER_MS, ret_result,
			      reterr);

	if (rc == E_TIMEOUT) {
		return err_set(reterr, E_UNREACHABLE,
			       "the daemon did not answer within %d s",
			       PLACE_ANSWER_MS / 1000);
	}
	return rc;
}
