/*
 * `tutti version`: of the program, of the plugins' interface and of the store.
 */
#include <tutti/plugin.h>

#include "cli/verb.h"
#include "document/json.h"
#include "store/store.h"

static struct value describe(void)
{
	struct value about = value_map();
	char abi[16];

	(void)snprintf(abi, sizeof(abi), "%d.%d", TUTTI_ABI_MAJOR,
		       TUTTI_ABI_MINOR);
	value_set(&about, "version", value_text(TUTTI_VERSION));
	value_set(&about, "plugin_abi", value_text(abi));
	value_set(&about, "store_schema", value_int(STORE_SCHEMA));
	return about;
}

static int run(struct cli *cli)
{
	struct buf text = { 0 };

	if (cli->form == FORM_JSON) {
		struct value about = describe();

		json_write(&text, &about, JSON_PRETTY);
		buf_put_byte(&text, '\n');
		value_clear(&about);
	} else {
		buf_printf(&text,
			   "tutti %s (plugin interface %d.%d, store schema "
			   "%d)\n",
			   TUTTI_VERSION, TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR,
			   STORE_SCHEMA);
	}
	cli_print(cli, &text);
	return EXIT_DONE;
}

const struct verb verb_version = {
	.name = "version",
	.group = VERB_UPKEEP,
	.summary = "versions of the program, its interfaces and its store",
	.usage = "",
	.forms = FORM_BIT(FORM_TEXT) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
