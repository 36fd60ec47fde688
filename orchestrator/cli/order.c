#include "cli/order.h"

#include "cli/place.h"
#include "cli/text.h"
#include "document/json.h"

const struct option_spec order_options[] = {
	{
	    .name = "dry-run",
	    .kind = OPTION_FLAG,
	    .help = "only say what would change",
	},
	{ 0 },
};

static void print(const struct cli *cli, const struct value *result,
		  order_put put)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		json_write(&text, result, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		put(&text, result, options_has(&cli->options, "dry-run"));
	}
	cli_print(cli, &text);
}

static void tell_notes(const struct cli *cli, const struct value *notes)
{
	size_t len = notes && notes->type == VALUE_ARRAY ? value_len(notes) : 0;

	for (size_t i = 0; i < len; i++) {
		const struct value *note = value_at(notes, i);
		struct buf text = { 0 };

		if (note->type == VALUE_STRING) {
			text_put_clean(&text, note->as.text);
			cli_note(cli, "%.*s", SLICE_ARG(buf_slice(&text)));
		}
		buf_fini(&text);
	}
}

/* Takes `args` over. */
static int call(const struct cli *cli, struct control_client *client,
		const char *verb, struct value args, struct value *ret_result,
		struct err *reterr)
{
	value_set(&args, "dry_run",
		  value_bool(options_has(&cli->options, "dry-run")));
	int rc = place_call(client, verb, &args, ret_result, reterr);

	value_clear(&args);
	return rc;
}

static int finish(const struct cli *cli, int rc, struct value *result,
		  const struct err *error, order_put put)
{
	if (rc) {
		return cli_fail(cli, error);
	}
	print(cli, result, put);
	tell_notes(cli, value_get(result, "notes"));
	value_clear(result);
	return EXIT_DONE;
}

int order_send(const struct cli *cli, const char *verb, struct value args,
	       order_put put)
{
	struct control_client *client;
	struct value result;
	struct err error = { 0 };
	int code = place_connect(cli, &client);

	if (code) {
		value_clear(&args);
		return code;
	}
	int rc = call(cli, client, verb, args, &result, &error);

	control_disconnect(client);
	return finish(cli, rc, &result, &error, put);
}

static struct value named(const char *key, const char *name)
{
	struct value args = value_map();

	value_set(&args, key, value_text(name));
	return args;
}

int order_send_either(const struct cli *cli, const char *verb,
		      const char *const keys[2], const char *name,
		      order_put put)
{
	struct control_client *client;
	struct value result;
	struct err error = { 0 };
	struct err other = { 0 };
	int code = place_connect(cli, &client);

	if (code) {
		return code;
	}
	int rc = call(cli, client, verb, named(keys[0], name), &result, &error);

	if (rc == E_NOT_FOUND || rc == E_UNCHANGED) {
		int second = call(cli, client, verb, named(keys[1], name),
				  &result, &other);

		/* The first answer counts when the second knows less. */
		if (second != E_NOT_FOUND) {
			rc = second;
			error = other;
		}
	}
	control_disconnect(client);
	return finish(cli, rc, &result, &error, put);
}
