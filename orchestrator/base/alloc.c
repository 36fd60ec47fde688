#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t fail_countdown;

static _Noreturn void out_of_memory(size_t size)
{
	fprintf(stderr,
		"tutti: out of memory (%zu bytes wanted); what was "
		"acknowledged is in the store, start again to go on\n",
		size);
	_Exit(111);
}

void *alloc_bytes(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory) {
		out_of_memory(size);
	}
	return memory;
}

void *alloc_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory) {
		out_of_memory(count * size);
	}
	return memory;
}

void *alloc_resize(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		out_of_memory(SIZE_MAX);
	}
	size_t bytes = count * size;
	void *memory = realloc(old, bytes ? bytes : 1);

	if (!memory) {
		out_of_memory(bytes);
	}
	return memory;
}

char *alloc_string(const char *text)
{
	if (!text) {
		return NULL;
	}
	size_t size = strlen(text) + 1;

	return memcpy(alloc_bytes(size), text, size);
}

static int injected_failure(void)
{
	if (fail_countdown == 0) {
		return 0;
	}
	if (fail_countdown > 1) {
		fail_countdown--;
		return 0;
	}
	return 1;
}

void *alloc_try(size_t size)
{
	return injected_failure() ? NULL : malloc(size ? size : 1);
}

void *alloc_try_resize(void *old, size_t size)
{
	return injected_failure() ? NULL : realloc(old, size ? size : 1);
}

void alloc_fail_after(size_t calls)
{
	fail_countdown = calls;
}
