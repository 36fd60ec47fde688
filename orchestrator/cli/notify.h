/*
 * Telling the service manager how the daemon fares, as sd_notify(3) does it:
 * a datagram to the socket in $NOTIFY_SOCKET.
 */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

/*
 * Send "READY=1" and the like. Does nothing without a service manager. 0, or
 * E_INVALID for an address that is none, E_IO.
 */
int notify_send(const char *state);

#endif
