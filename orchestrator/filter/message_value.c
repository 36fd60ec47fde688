#include "filter/clause.h"
#include "filter/message.h"

static void read_below(struct message *message, const struct place *place,
		       const struct value *value);

static void read_map(struct message *message, const struct place *place,
		     const struct value *map)
{
	size_t len = value_len(map);

	for (size_t i = 0; i < len; i++) {
		const struct value_entry *entry = value_entry_at(map, i);
		struct place below =
		    message_enter_key(message, place, entry->key);

		read_below(message, &below, &entry->value);
	}
}

/* Scalars of a list bind nothing; what is inside an element does. */
static void read_list(struct message *message, const struct place *place,
		      const struct value *list)
{
	uint32_t number = message_new_list(message);
	size_t len = value_len(list);

	for (size_t i = 0; i < len; i++) {
		const struct value *item = value_at(list, i);

		if (value_is_leaf(item)) {
			message_add_leaf(message, place, item);
		} else if (item->type != VALUE_BYTES) {
			struct place inside =
			    message_enter_element(message, place, number);

			read_below(message, &inside, item);
			message_leave_element(message, &inside);
		}
	}
}

static void read_below(struct message *message, const struct place *place,
		       const struct value *value)
{
	if (value->type == VALUE_MAP) {
		read_map(message, place, value);
	} else if (value->type == VALUE_ARRAY) {
		read_list(message, place, value);
	} else if (value_is_leaf(value)) {
		message_add_leaf(message, place, value);
	}
}

void message_read(struct message *message, const struct value *attributes)
{
	struct place root = { .key = 0 };

	if (!attributes || attributes->type == VALUE_NULL) {
		return;
	}
	message->refused = attributes->type != VALUE_MAP;
	if (!message->refused) {
		read_map(message, &root, attributes);
	}
}
