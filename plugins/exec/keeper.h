/*
 * A small shell in a session of its own that kills what is still running of our
 * programs when this process is gone, however it went: also by SIGKILL, and
 * then nothing of ours could do it any more. Otherwise a program would go on
 * beside the one that the next start delivers. There from the first program on
 * until keeper_end(). Without it (no shell, no descriptors) all else works.
 */
#ifndef EXEC_KEEPER_H
#define EXEC_KEEPER_H

#include <sys/types.h>

/* One thread at a time. */
void keeper_begin(void);
void keeper_end(void);

/* The process group is there: told by its leader, before it is the program. It
 * shares memory with this process, and may do nothing but call the kernel. */
void keeper_add(pid_t group);

/* It is not ours any more: before its leader is reaped. Both wait a moment when
 * the keeper is behind. */
void keeper_remove(pid_t group);

#endif
