/*
 * nng's sockets over tcp loopback. They are never closed: that may hang with
 * this nng; the process ends with them.
 */
#ifndef FLOOR_TCP_H
#define FLOOR_TCP_H

#include <nng/nng.h>
#include <stddef.h>

void tcp_check(int rc, const char *what);

/* On a free port; returns the address, to be freed by the caller. */
char *tcp_listen(nng_socket socket);

/* Connects sooner or later. */
void tcp_dial(nng_socket socket, const char *address);

/*
 * From now on counts those who connect to the socket, and ends the process
 * when one leaves.
 */
void tcp_watch(nng_socket socket);

/* They may leave now. */
void tcp_unwatch(void);

/*
 * Until so many have connected to sockets that are watched; fails when that
 * takes a minute.
 */
void tcp_wait(size_t connected);

/* Sends a copy, once the last message of this aio is on its way. */
void tcp_send(nng_socket socket, nng_aio *aio, const void *body, size_t len);

/* Sleeps until the process is killed. */
_Noreturn void tcp_serve(void);

#endif
