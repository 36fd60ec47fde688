#include "base/near.h"

#include <ctype.h>

#define MAX_NAME 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

size_t near_distance(struct slice a, struct slice b, size_t max)
{
	size_t rows[3][MAX_NAME + 1];

	if (a.len > MAX_NAME || b.len > MAX_NAME) {
		return max + 1;
	}
	for (size_t j = 0; j <= b.len; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = rows[i % 3];
		size_t *up = rows[(i + 2) % 3];
		size_t *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			int x = tolower((unsigned char)a.ptr[i - 1]);
			int y = tolower((unsigned char)b.ptr[j - 1]);

			row[j] = min3(up[j] + 1, row[j - 1] + 1,
				      up[j - 1] + (x != y));
			if (i > 1 && j > 1 && x != y &&
			    x == tolower((unsigned char)b.ptr[j - 2]) &&
			    y == tolower((unsigned char)a.ptr[i - 2]) &&
			    up2[j - 2] + 1 < row[j]) {
				row[j] = up2[j - 2] + 1;
			}
		}
	}
	size_t distance = rows[a.len % 3][b.len];

	return distance > max ? max + 1 : distance;
}

void near_try(struct near *near, struct slice wrong, const char *candidate)
{
	size_t allowed = wrong.len < 5 ? 1 : wrong.len < 9 ? 2 : wrong.len / 3;
	size_t distance = near_distance(wrong, slice_of(candidate), allowed);

	if (distance <= allowed && (!near->best || distance < near->distance)) {
		near->best = candidate;
		near->distance = distance;
	}
}
