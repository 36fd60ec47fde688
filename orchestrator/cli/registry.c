#include "cli/registry.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/shell.h"
#include "cli/json_run.h"
#include "cli/text.h"
#include "document/json.h"

/* What the daemon knows better than the store, in the order of the row. */
static const char *const live_keys[] = {
	"version",    "help",    "module",      "hash",      "form",
	"state",      "message", "max_tasks",   "in_flight", "capacity",
	"misbehaved", "crashes", "quarantined", "ephemeral", "entry",
	"instances",  "queue",
};

static struct value json_list(struct slice json)
{
	struct value list;

	return json_read(json, NULL, &list, NULL) ? value_array() : list;
}

static struct value json_map(struct slice json)
{
	struct value map;

	return json.len == 0 || json_read(json, NULL, &map, NULL) ? value_null()
								  : map;
}

/* A row with every key, in the order in which people want them. */
static struct value new_row(struct slice name)
{
	static const char *const keys[] = {
		"version",     "help",          "module",     "hash",
		"form",        "state",         "message",    "max_tasks",
		"in_flight",   "capacity",      "ready",      "wanted",
		"misbehaved",  "crashes",       "restarts",   "last_exit",
		"quarantined", "ephemeral",     "entry",      "instances",
		"params",      "subscriptions", "registered", "queue",
	};
	struct value row = value_map();

	value_set(&row, "name", value_string(name));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		value_set(&row, keys[i], value_null());
	}
	return row;
}

static struct value row_of_record(const struct plugin_record *plugin)
{
	struct value row = new_row(plugin->name);

	value_set(&row, "version", json_text(plugin->version));
	value_set(&row, "help", json_text(plugin->help));
	value_set(&row, "module", json_text(plugin->module));
	value_set(&row, "hash", json_text(plugin->hash));
	value_set(&row, "form", json_text(plugin->form));
	value_set(&row, "state", json_text(plugin->state));
	value_set(&row, "message", json_text(plugin->message));
	value_set(&row, "max_tasks", value_int(plugin->max_tasks));
	value_set(&row, "crashes", value_int(plugin->crashes));
	value_set(&row, "quarantined", value_bool(plugin->quarantined));
	value_set(&row, "ephemeral", value_bool(plugin->ephemeral));
	value_set(&row, "params", json_list(plugin->params));
	value_set(&row, "subscriptions", json_list(plugin->subscriptions));
	value_set(&row, "queue", json_map(plugin->queue));
	value_set(&row, "registered", value_bool(true));
	return row;
}

/* Tasks at a time of all that are there. */
static int64_t capacity_of(const struct value *instances)
{
	int64_t sum = 0;

	for (size_t i = 0; i < value_len(instances); i++) {
		sum += value_get_int(value_at(instances, i), "max_tasks", 0);
	}
	return sum;
}

static int64_t ready_of(const struct value *instances)
{
	int64_t ready = 0;

	for (size_t i = 0; i < value_len(instances); i++) {
		ready += slice_is(
		    value_get_text(value_at(instances, i), "state"), "ready");
	}
	return ready;
}

static bool is_array(const struct value *value)
{
	return value && value->type == VALUE_ARRAY;
}

static void add_live(struct value *row, const struct value *live)
{
	const struct value *instances = value_get(live, "instances");

	for (size_t i = 0; i < sizeof(live_keys) / sizeof(live_keys[0]); i++) {
		const struct value *value = value_get(live, live_keys[i]);

		if (value) {
			value_set(row, live_keys[i], value_copy(value));
		}
	}
	if (is_array(instances)) {
		value_set(row, "capacity", value_int(capacity_of(instances)));
		value_set(row, "ready", value_int(ready_of(instances)));
	}
	value_set(row, "registered", value_bool(true));
}

static void add_process(struct value *row, const struct value *process)
{
	const struct value *last = value_get(process, "last_exit");

	value_set(row, "entry", value_string(value_get_text(process, "entry")));
	value_set(row, "wanted",
		  value_int(value_get_int(process, "wanted", 0)));
	value_set(row, "restarts",
		  value_int(value_get_int(process, "deaths", 0)));
	value_set(row, "last_exit", last ? value_copy(last) : value_null());
}

static struct value row_of_process(const struct value *process)
{
	struct value row = new_row(value_get_text(process, "entry"));

	add_process(&row, process);
	value_set(&row, "module",
		  json_text(value_get_text(process, "command")));
	value_set(&row, "form", json_text(value_get_text(process, "form")));
	value_set(&row, "state", value_text(registry_process_state(process)));
	value_set(&row, "message",
		  json_text(value_get_text(process, "last_exit")));
	value_set(&row, "ready", value_int(value_get_int(process, "ready", 0)));
	value_set(&row, "instances", value_array());
	value_set(&row, "registered", value_bool(false));
	return row;
}

static const struct value *find(const struct value *rows, const char *key,
				struct slice text)
{
	for (size_t i = 0; i < value_len(rows); i++) {
		const struct value *row = value_at(rows, i);

		if (slice_equal(value_get_text(row, key), text)) {
			return row;
		}
	}
	return NULL;
}

/* A plugin that is known from before belongs to the entry of its name, until
 * that has registered and says so itself. */
static const struct value *process_of(const struct registry *registry,
				      const struct value *row)
{
	struct slice entry = value_get_text(row, "entry");
	bool there = value_get_int(row, "ready", 0) > 0;

	if (!entry.len && !there) {
		entry = value_get_text(row, "name");
	}
	return entry.len ? registry_process(registry, entry) : NULL;
}

/* One without a name has the plugin's. */
static void name_queue(struct value *row)
{
	struct value queue = value_copy(value_get(row, "queue"));

	if (queue.type == VALUE_MAP && !value_get(&queue, "name")) {
		value_set(&queue, "name",
			  value_string(value_get_text(row, "name")));
	}
	value_set(row, "queue", queue);
}

static void add_row(struct registry *registry, struct value row)
{
	const struct value *process = process_of(registry, &row);

	name_queue(&row);

	if (process) {
		add_process(&row, process);
	}
	/* The daemon knows all of them: here are none. */
	if (registry->live && !is_array(value_get(&row, "instances"))) {
		value_set(&row, "instances", value_array());
	}
	value_push(&registry->plugins, row);
}

/* What has registered without being remembered. */
static void add_unrecorded(struct registry *registry,
			   const struct plugin_list *records,
			   const struct value *live)
{
	for (size_t i = 0; i < value_len(live); i++) {
		const struct value *it = value_at(live, i);
		struct slice name = value_get_text(it, "name");
		bool known = false;

		for (size_t j = 0; j < records->len && !known; j++) {
			known = slice_equal(records->plugins[j].name, name);
		}
		if (!known) {
			struct value row = new_row(name);

			add_live(&row, it);
			add_row(registry, row);
		}
	}
}

static void add_silent_entries(struct registry *registry)
{
	for (size_t i = 0; i < value_len(&registry->processes); i++) {
		const struct value *process = value_at(&registry->processes, i);

		if (!find(&registry->plugins, "entry",
			  value_get_text(process, "entry"))) {
			value_push(&registry->plugins, row_of_process(process));
		}
	}
}

static struct value list_of(const struct value *answer, const char *key)
{
	const struct value *list = value_get(answer, key);

	return is_array(list) ? value_copy(list) : value_array();
}

void registry_join(struct registry *registry, const struct plugin_list *records,
		   const struct value *answer)
{
	struct value live = list_of(answer, "plugins");
	const struct value *bus = value_get(answer, "bus");

	*registry = (struct registry){
		.plugins = value_array(),
		.processes = list_of(answer, "processes"),
		.bus = bus ? value_copy(bus) : value_null(),
		.live = answer->type == VALUE_MAP,
	};
	for (size_t i = 0; i < records->len; i++) {
		struct value row = row_of_record(&records->plugins[i]);
		const struct value *it =
		    find(&live, "name", records->plugins[i].name);

		if (it) {
			add_live(&row, it);
		}
		add_row(registry, row);
	}
	add_unrecorded(registry, records, &live);
	add_silent_entries(registry);
	value_clear(&live);
}

/* The daemon's own numbers; null when it is down or silent. */
static struct value ask_daemon(const struct looking *looking)
{
	struct control_client *client;
	struct value args = value_map();
	struct value result = value_null();

	if (looking->owner.alive &&
	    !control_connect(looking->place.control, &client, NULL)) {
		if (place_call(client, "plugins", &args, &result, NULL)) {
			result = value_null();
		}
		control_disconnect(client);
	}
	value_clear(&args);
	return result;
}

int registry_read(struct registry *registry, const struct looking *looking,
		  struct err *reterr)
{
	struct plugin_list records;
	int rc = view_plugins(looking->view, &records, reterr);

	if (rc) {
		return rc;
	}
	struct value answer = ask_daemon(looking);

	registry_join(registry, &records, &answer);
	value_clear(&answer);
	plugin_list_fini(&records);
	return 0;
}

void registry_fini(struct registry *registry)
{
	value_clear(&registry->plugins);
	value_clear(&registry->processes);
	value_clear(&registry->bus);
	*registry = (struct registry){ 0 };
}

const struct value *registry_row(const struct registry *registry,
				 struct slice name)
{
	return find(&registry->plugins, "name", name);
}

const struct value *registry_plugin(const struct registry *registry,
				    struct slice name)
{
	const struct value *row = registry_row(registry, name);

	return row && value_get_bool(row, "registered", false) ? row : NULL;
}

const struct value *registry_process(const struct registry *registry,
				     struct slice entry)
{
	return find(&registry->processes, "entry", entry);
}

const char *registry_process_state(const struct value *process)
{
	const struct value *next = value_get(process, "next_start_in_ms");
	int64_t wanted = value_get_int(process, "wanted", 0);

	if (value_get_bool(process, "given_up", false)) {
		return "gave up";
	}
	if (wanted == 0) {
		return "not wanted";
	}
	if (value_get_int(process, "ready", 0) >= wanted) {
		return "ready";
	}
	return value_get_int(process, "actual", 0) == 0 && next &&
		       next->type != VALUE_NULL
		   ? "down"
		   : "starting";
}

static void put_given_up(struct buf *out, const struct value *process)
{
	struct slice last = value_get_text(process, "last_exit");

	buf_put_text(out, "was given up after ");
	text_put_count(out, (uint64_t)value_get_int(process, "deaths", 0),
		       "death", "deaths");
	if (last.len) {
		buf_printf(out, ", the last: %.*s", SLICE_ARG(last));
	}
	buf_put_text(out, "; 'tutti plugins release ");
	shell_put_word(out, value_get_text(process, "entry"));
	buf_put_text(out, "' starts it again");
}

static void put_not_ready(struct buf *out, const struct value *process)
{
	struct slice last = value_get_text(process, "last_exit");
	const struct value *next = value_get(process, "next_start_in_ms");

	buf_printf(out, "is starting, %" PRId64 " of %" PRId64 " ready",
		   value_get_int(process, "ready", 0),
		   value_get_int(process, "wanted", 0));
	if (last.len) {
		buf_printf(out, "; the last one that ended: %.*s",
			   SLICE_ARG(last));
	}
	if (next && next->type == VALUE_INT) {
		buf_put_text(out, "; the next start is in ");
		text_put_duration(out, next->as.integer * 1000);
	}
}

void registry_put_process(struct buf *out, const struct value *process)
{
	struct slice state = slice_of(registry_process_state(process));

	if (slice_is(state, "gave up")) {
		put_given_up(out, process);
	} else if (slice_is(state, "not wanted")) {
		buf_put_text(out, "is wanted by nobody; 'tutti plugins scale ");
		shell_put_word(out, value_get_text(process, "entry"));
		buf_put_text(out, " 1' starts one");
	} else if (!slice_is(state, "ready")) {
		put_not_ready(out, process);
	}
}
