#include "store/codec.h"
#include "store/record.h"

void pause_encode(struct buf *out, const struct pause_record *pause)
{
	record_begin(out);
	record_put_time(out, pause->since_us);
	record_put_text(out, pause->actor);
}

int pause_decode(struct slice bytes, struct slice workflow,
		 struct pause_record *ret_pause)
{
	struct record_reader in = record_read(bytes);
	struct pause_record pause = { .workflow = workflow };

	pause.since_us = record_get_time(&in);
	pause.actor = record_get_text(&in);
	int rc = record_end(&in);

	if (rc == 0) {
		*ret_pause = pause;
	}
	return rc;
}
