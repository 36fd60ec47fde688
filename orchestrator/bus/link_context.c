#include "bus/link_context.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct link_context {
	struct link_contexts *contexts;
	struct link_context *next; /* in `free` or `sending` */
	nng_ctx ctx;
	nng_aio *receive;
	nng_aio *send;   /* has no callback: that would wake a thread */
	uint32_t serial; /* odd while a request waits for its answer */
};

void link_contexts_init(struct link_contexts *contexts)
{
	(void)pthread_mutex_init(&contexts->mutex, NULL);
}

/* ---- receiving, on nng's threads ---- */

static void put_free(struct link_contexts *contexts,
		     struct link_context *context)
{
	context->next = contexts->free;
	contexts->free = context;
}

/* The serial number of the request. */
static uint32_t note_received(struct link_context *context, int rc)
{
	struct link_contexts *contexts = context->contexts;

	(void)pthread_mutex_lock(&contexts->mutex);
	contexts->receives = false;
	if (rc == 0) {
		context->serial++;
	} else {
		put_free(contexts, context);
	}
	uint32_t serial = context->serial;

	(void)pthread_mutex_unlock(&contexts->mutex);
	return serial;
}

static void on_received(void *arg)
{
	struct link_context *context = arg;
	int rc = nng_aio_result(context->receive);

	uint32_t serial = note_received(context, rc);

	if (rc == NNG_ECLOSED || rc == NNG_ECANCELED) {
		return;
	}
	bool more = true;

	if (rc == 0) {
		nng_msg *message = nng_aio_get_msg(context->receive);
		const struct link_route route = {
			.pipe =
			    (uint32_t)nng_pipe_id(nng_msg_get_pipe(message)),
			.serial = serial,
			.context = context,
		};

		nng_aio_set_msg(context->receive, NULL);
		more = context->contexts->received(context->contexts->arg,
						   message, &route);
	}
	if (more) {
		link_contexts_receive(context->contexts);
	}
}

/* ---- contexts ---- */

static void context_free(struct link_context *context)
{
	if (context->receive) {
		nng_aio_free(context->receive);
	}
	if (context->send) {
		nng_aio_free(context->send);
	}
	free(context);
}

static struct link_context *context_make(struct link_contexts *contexts)
{
	struct link_context *context = alloc_zeroed(1, sizeof(*context));

	context->contexts = contexts;
	if (nng_aio_alloc(&context->receive, on_received, context) ||
	    nng_aio_alloc(&context->send, NULL, NULL) ||
	    nng_ctx_open(&context->ctx, contexts->socket)) {
		context_free(context);
		return NULL;
	}
	return context;
}

/* nng takes the message out of the operation when it is done. */
static bool is_sent(const struct link_context *context)
{
	return nng_aio_get_msg(context->send) == NULL;
}

/* What was refused is still there, and ours. */
static bool has_failed(const struct link_context *context)
{
	return nng_aio_result(context->send) != 0;
}

static void collect_sent(struct link_contexts *contexts)
{
	struct link_context **place = &contexts->sending;

	while (*place) {
		struct link_context *context = *place;

		if (is_sent(context)) {
			*place = context->next;
			nng_aio_wait(context->send);
			put_free(contexts, context);
		} else {
			place = &context->next;
		}
	}
}

/* One that may receive, if none does. */
static struct link_context *next_receiver(struct link_contexts *contexts)
{
	struct link_context *context = NULL;

	(void)pthread_mutex_lock(&contexts->mutex);
	if (!contexts->receives) {
		if (!contexts->free) {
			collect_sent(contexts);
		}
		context = contexts->free;
		if (context) {
			contexts->free = context->next;
		} else {
			context = context_make(contexts);
		}
		contexts->receives = context != NULL;
	}
	(void)pthread_mutex_unlock(&contexts->mutex);
	return context;
}

void link_contexts_receive(struct link_contexts *contexts)
{
	struct link_context *context = next_receiver(contexts);

	if (context) {
		nng_ctx_recv(context->ctx, context->receive);
	}
}

/* ---- answers ---- */

/* From now on nobody else answers. */
static bool use_up(struct link_contexts *contexts,
		   const struct link_route *route)
{
	struct link_context *context = route->context;
	bool valid = false;

	if (route->pipe) {
		(void)pthread_mutex_lock(&contexts->mutex);
		valid = context->serial == route->serial;
		context->serial += valid;
		(void)pthread_mutex_unlock(&contexts->mutex);
	}
	return valid;
}

static void put_back(struct link_contexts *contexts,
		     struct link_context *context, bool sent)
{
	(void)pthread_mutex_lock(&contexts->mutex);
	if (sent) {
		put_free(contexts, context);
	} else {
		context->next = contexts->sending;
		contexts->sending = context;
	}
	(void)pthread_mutex_unlock(&contexts->mutex);
}

static nng_msg *message_of(struct slice body)
{
	nng_msg *message;

	if (nng_msg_alloc(&message, body.len)) {
		return NULL;
	}
	memcpy(nng_msg_body(message), body.ptr, body.len);
	return message;
}

void link_contexts_reply(struct link_contexts *contexts,
			 const struct link_route *route, struct slice body)
{
	struct link_context *context = route->context;

	if (!use_up(contexts, route)) {
		return;
	}
	nng_msg *message = message_of(body);
	bool sent = true;

	if (message) {
		nng_aio_set_msg(context->send, message);
		nng_ctx_send(context->ctx, context->send);
		if (!is_sent(context) && has_failed(context)) {
			nng_msg_free(message);
			nng_aio_set_msg(context->send, NULL);
		}
		sent = is_sent(context);
	}
	put_back(contexts, context, sent);
}

void link_contexts_drop(struct link_contexts *contexts,
			const struct link_route *route)
{
	if (use_up(contexts, route)) {
		put_back(contexts, route->context, true);
	}
}
