#include "cli/verb.h"

#include <string.h>

#include "base/near.h"

const struct verb *const verbs[] = {
	&verb_run,
	&verb_serve,
	&verb_start,
	&verb_reload,
	&verb_ls,
	&verb_show,
	&verb_why,
	&verb_explain,
	&verb_filter_match,
	&verb_history,
	&verb_events,
	&verb_logs,
	&verb_top,
	&verb_cancel,
	&verb_skip,
	&verb_retry,
	&verb_pause,
	&verb_resume,
	&verb_delete,
	&verb_plugins,
	&verb_plugins_show,
	&verb_plugins_remove,
	&verb_plugins_release,
	&verb_plugins_scale,
	&verb_plugin_new,
	&verb_plugin_check,
	&verb_plugin_host,
	&verb_queue_ls,
	&verb_queue_show,
	&verb_queue_peek,
	&verb_queue_redrive,
	&verb_queue_purge,
	&verb_queue_pause,
	&verb_queue_resume,
	&verb_config_check,
	&verb_config_show,
	&verb_store_stat,
	&verb_store_check,
	&verb_store_backup,
	&verb_store_compact,
	&verb_store_export,
	&verb_store_import,
	&verb_bench,
	&verb_version,
	&verb_help,
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

const struct option_spec verb_common_options[] = {
	{
	    .name = "store",
	    .kind = OPTION_VALUE,
	    .argument = "DIR",
	    .help = "the store's directory (also $TUTTI_STORE)",
	},
	{
	    .name = "config",
	    .letter = 'c',
	    .kind = OPTION_VALUE,
	    .argument = "FILE",
	    .help = "the config (also $TUTTI_CONFIG; else ./tutti.yaml)",
	},
	{
	    .name = "to",
	    .kind = OPTION_VALUE,
	    .argument = "ADDRESS",
	    .help = "the daemon's control socket",
	},
	{
	    .name = "output",
	    .letter = 'o',
	    .kind = OPTION_VALUE,
	    .argument = "FORM",
	    .help = "form of the output",
	},
	{
	    .name = "tenant",
	    .kind = OPTION_VALUE,
	    .argument = "T",
	    .help = "only runs of this tenant; a new run's tenant",
	},
	{
	    .name = "ascii",
	    .kind = OPTION_FLAG,
	    .help = "draw with ASCII only",
	},
	{
	    .name = "help",
	    .letter = 'h',
	    .kind = OPTION_FLAG,
	    .help = "what the verb does and takes",
	},
	{ 0 },
};

int verb_words(const struct verb *verb)
{
	return strchr(verb->name, ' ') ? 2 : 1;
}

bool verb_has_first_word(const struct verb *verb, struct slice word)
{
	size_t len = strcspn(verb->name, " ");

	return slice_equal(word, (struct slice){ verb->name, len });
}

static bool matches(const struct verb *verb, const char *first,
		    const char *word)
{
	if (!verb_has_first_word(verb, slice_of(first))) {
		return false;
	}
	const char *rest = strchr(verb->name, ' ');

	return !rest || (word && !strcmp(word, rest + 1));
}

static const struct verb *find(const char *first, const char *second)
{
	const struct verb *found = NULL;

	for (size_t i = 0; i < verb_count; i++) {
		if (matches(verbs[i], first, second) &&
		    (!found || verb_words(verbs[i]) > verb_words(found))) {
			found = verbs[i];
		}
	}
	return found;
}

/* How many words of an unknown name to speak about. */
static int words_meant(const char *first, const char *second)
{
	for (size_t i = 0; i < verb_count; i++) {
		if (verb_words(verbs[i]) == 2 && second && *second != '-' &&
		    verb_has_first_word(verbs[i], slice_of(first))) {
			return 2;
		}
	}
	return 1;
}

static int unknown(const char *first, const char *second, struct err *reterr)
{
	struct buf name = { 0 };
	struct near near = { 0 };
	bool alone = words_meant(first, second) == 1;

	buf_put_text(&name, first);
	if (!alone) {
		buf_printf(&name, " %s", second);
	}
	for (size_t i = 0; i < verb_count; i++) {
		near_try(&near, buf_slice(&name), verbs[i]->name);
		if (alone && verb_has_first_word(verbs[i], buf_slice(&name))) {
			near.best = verbs[i]->name;
			break;
		}
	}
	int rc = err_set(reterr, E_INVALID, "unknown verb '%.*s'%s%s%s",
			 SLICE_ARG(buf_slice(&name)),
			 near.best ? "; did you mean '" : "",
			 near.best ? near.best : "", near.best ? "'?" : "");

	buf_fini(&name);
	return rc;
}

int verb_find(const char *first, const char *second,
	      const struct verb **ret_verb, struct err *reterr)
{
	const struct verb *verb = find(first, second);

	/* "plugins shw" is a mistyped verb, not `plugins` with an argument. */
	if (!verb || (verb->max_args == 0 && verb_words(verb) == 1 &&
		      words_meant(first, second) == 2)) {
		return unknown(first, second, reterr);
	}
	*ret_verb = verb;
	return verb_words(verb);
}
