/*
 * `tutti config check FILE` and `tutti config show [FILE]`.
 */
#include "cli/place.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "document/json.h"
#include "document/yaml_write.h"

/* How many different activities the workflows have. */
static size_t count_activities(const struct config *config)
{
	struct value names = value_map();

	for (size_t i = 0; i < config->workflow_count; i++) {
		const struct definition *workflow = config->workflows[i];

		for (size_t j = 0; j < workflow->len; j++) {
			value_set(&names, workflow->activities[j].name,
				  value_null());
		}
	}
	size_t count = value_len(&names);

	value_clear(&names);
	return count;
}

static void put_summary(struct buf *out, const char *file,
			const struct config *config)
{
	buf_printf(out, "%s: ok, ", file);
	text_put_count(out, config->workflow_count, "workflow", "workflows");
	buf_put_text(out, ", ");
	text_put_count(out, count_activities(config), "activity", "activities");
	buf_put_text(out, ", ");
	text_put_count(out, config->module_count + config->announced_count,
		       "plugin", "plugins");
	buf_put_byte(out, '\n');
}

/* What only shows once the plugins are loaded. */
static int check_plugins(const struct cli *cli, const struct config *config)
{
	struct daemon_options options = {
		.config = config,
		.modules = cli->program->modules,
		.module_count = cli->program->module_count,
	};
	struct buf diagnostics = { 0 };
	int rc = daemon_check(&options, &diagnostics);

	text_emit(cli->program->err, &diagnostics);
	buf_fini(&diagnostics);
	return rc ? EXIT_USAGE : EXIT_DONE;
}

static void note_unnamed(const struct cli *cli, const struct config *config)
{
	for (size_t i = 0; i < config->module_count; i++) {
		const struct config_module *module = &config->modules[i];

		if (config_lacks_plugin(module)) {
			cli_note(cli,
				 "%s:%u: the queue of the entry '%s' is "
				 "nobody's until its program has registered a "
				 "plugin; 'plugin: NAME' in the entry names it",
				 config->file, module->place.line,
				 module->name);
		}
	}
}

static int run_check(struct cli *cli)
{
	const char *file = cli_arg(cli, 0);
	struct config *config;
	struct buf text = { 0 };
	int code = place_load(cli, file, &config);

	if (code) {
		return code;
	}
	code = check_plugins(cli, config);
	if (code == EXIT_DONE) {
		note_unnamed(cli, config);
		put_summary(&text, file, config);
		cli_print(cli, &text);
	}
	config_destroy(config);
	return code;
}

static int load(const struct cli *cli, struct config **ret_config)
{
	const char *file = cli_arg(cli, 0);

	if (!file) {
		file = place_config_file(cli);
	}
	if (!file) {
		*ret_config = config_default();
		cli_note(cli, "no config: these are the defaults");
		return EXIT_DONE;
	}
	return place_load(cli, file, ret_config);
}

static int run_show(struct cli *cli)
{
	struct config *config;
	struct buf text = { 0 };
	int code = load(cli, &config);

	if (code) {
		return code;
	}
	struct value effective = config_to_value(config);

	if (cli->form == FORM_JSON) {
		json_write(&text, &effective, JSON_PRETTY);
		buf_put_byte(&text, '\n');
	} else {
		yaml_write(&text, &effective);
	}
	cli_print(cli, &text);
	value_clear(&effective);
	config_destroy(config);
	return EXIT_DONE;
}

const struct verb verb_config_check = {
	.name = "config check",
	.group = VERB_UPKEEP,
	.summary = "find all mistakes of a config, plugins included",
	.usage = "FILE",
	.min_args = 1,
	.max_args = 1,
	.run = run_check,
};

const struct verb verb_config_show = {
	.name = "config show",
	.group = VERB_UPKEEP,
	.summary = "the effective config, with every default",
	.usage = "[FILE]",
	.forms = FORM_BIT(FORM_YAML) | FORM_BIT(FORM_JSON),
	.min_args = 0,
	.max_args = 1,
	.run = run_show,
};
