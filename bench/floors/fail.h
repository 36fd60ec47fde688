/*
 * Floors end with a line on standard error and 1 when anything fails: half a
 * measurement is none. From any thread, and at once.
 */
#ifndef FLOOR_FAIL_H
#define FLOOR_FAIL_H

_Noreturn void floor_fail(const char *what, const char *why);

/* Fails with errno's text. */
_Noreturn void floor_fail_errno(const char *what);

#endif
