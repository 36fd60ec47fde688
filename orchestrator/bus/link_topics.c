#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bus/link_private.h"

void link_topics_free(char ***topics, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		free((*topics)[i]);
	}
	free(*topics);
	*topics = NULL;
	*count = 0;
}

static int compare(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;

	return strcmp(*x, *y);
}

/* Sorted and each once: they are looked up for every publication. */
void link_topics_set(char ***topics, size_t *count, const struct slice *names,
		     size_t len)
{
	char **copies = alloc_zeroed(len ? len : 1, sizeof(*copies));
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		copies[i] = slice_dup(names[i]);
	}
	qsort(copies, len, sizeof(*copies), compare);
	for (size_t i = 0; i < len; i++) {
		if (kept && strcmp(copies[kept - 1], copies[i]) == 0) {
			free(copies[i]);
		} else {
			copies[kept++] = copies[i];
		}
	}
	link_topics_free(topics, count);
	*topics = copies;
	*count = kept;
}

bool link_session_subscribes(const struct link_session *session,
			     const char *activity)
{
	/* The peer does not know of its newest topics yet. */
	if (session->topics_seq || !session->topic_count) {
		return false;
	}
	return bsearch(&activity, session->topics, session->topic_count,
		       sizeof(*session->topics), compare) != NULL;
}

void link_topics_prefixes(const struct link_session *session,
			  char ***ret_prefixes, size_t *ret_count)
{
	size_t count = session->topic_count + 1;
	char **prefixes = alloc_zeroed(count, sizeof(*prefixes));
	struct buf text = { 0 };

	buf_printf(&text, "instance/%s/", session->nonce);
	prefixes[0] = buf_take(&text);
	for (size_t i = 1; i < count; i++) {
		buf_printf(&text, "work/%s/", session->topics[i - 1]);
		prefixes[i] = buf_take(&text);
	}
	*ret_prefixes = prefixes;
	*ret_count = count;
}
