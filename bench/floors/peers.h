/*
 * Plugin processes: each has a PAIR socket over tcp loopback, and a message
 * holds any number of requests, or of replies. Requests are the number of the
 * plugin and what request_pack() makes.
 */
#ifndef FLOOR_PEERS_H
#define FLOOR_PEERS_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "children.h"

struct peers;

/* `most`: messages that may be under way. Returns once all are there. */
struct peers *peers_open(size_t processes, uint32_t reply_len, size_t most);

/* Ends the processes; what nng holds stays. */
void peers_close(struct peers *peers);

int64_t peers_cpu_ns(const struct peers *peers);

void peers_send(struct peers *peers, size_t peer, const void *body, size_t len);

/*
 * Takes all messages that have come since the last call, which are the
 * caller's; the list is valid until the next call. Waits for the first one
 * when `wait` is set.
 */
size_t peers_take(struct peers *peers, bool wait, nng_msg ***ret_messages);

/* In the child: does what it is asked. */
_Noreturn void peers_serve(const char *address, uint32_t reply_len);

#endif
