#include "bus/link_secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void link_secret_make(char *text, size_t digits)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i + 1 < digits; i += 2) {
		unsigned char byte;
		ssize_t got;

		do {
			got = getrandom(&byte, 1, 0);
		} while (got < 0 && errno == EINTR);
		if (got != 1) {
			perror("getrandom");
			abort();
		}
		text[i] = hex[byte >> 4];
		text[i + 1] = hex[byte & 15];
	}
	text[digits] = '\0';
}

bool link_secret_equal(struct slice a, struct slice b)
{
	unsigned char difference = a.len == b.len ? 0 : 1;

	for (size_t i = 0; i < a.len && i < b.len; i++) {
		difference |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
	}
	return difference == 0;
}
