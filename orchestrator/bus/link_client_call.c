#include <string.h>
#include <sys/random.h>

#include "bus/link_client_inside.h"

/* The top bit says that this is the last word of the SP header. */
#define ID_BIT UINT32_C(0x80000000)

static uint32_t next_id(struct link_client *client)
{
	if (!client->last_id) {
		(void)!getrandom(&client->last_id, sizeof(client->last_id), 0);
	}
	client->last_id = (client->last_id + 1) | ID_BIT;
	return client->last_id;
}

void link_call_end(struct link_call *call)
{
	buf_fini(&call->frame);
	*call = (struct link_call){ 0 };
}

void link_call_start(struct link_client *client, struct link_call *call,
		     struct wire_request *request, int64_t now_ms)
{
	link_call_end(call);
	call->id = next_id(client);
	call->due_ms = now_ms;
	request->session = client->id;
	buf_put_u32(&call->frame, call->id);
	wire_put_request(&call->frame, request);
}

static void send_due(struct link_client *client, struct link_call *call,
		     int64_t again_ms, int64_t now_ms)
{
	if (!call->id || call->due_ms > now_ms) {
		return;
	}
	/* What has not even left need not be repeated. */
	if (!call->sent_ms || !sp_stream_has_unsent(&client->requests)) {
		sp_stream_send(&client->requests, buf_slice(&call->frame));
		call->sent_ms = now_ms;
	}
	call->due_ms = again_ms;
}

void link_call_send_due(struct link_client *client, int64_t now_ms)
{
	int64_t again_ms = now_ms + LINK_RESEND_MS;

	send_due(client, &client->talk, again_ms, now_ms);
	send_due(client, &client->up, again_ms, now_ms);
	/* It is answered late on purpose: the session makes a new one. */
	send_due(client, &client->poll, INT64_MAX, now_ms);
}

static void renew(struct link_call *call, int64_t now_ms)
{
	call->sent_ms = 0;
	call->due_ms = now_ms;
}

void link_call_renew(struct link_client *client, int64_t now_ms)
{
	renew(&client->talk, now_ms);
	renew(&client->up, now_ms);
	renew(&client->poll, now_ms);
}
