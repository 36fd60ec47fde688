/*
 * How much of this process is in memory, by /proc/self/statm. Any thread.
 */
#ifndef BASE_RESIDENT_H
#define BASE_RESIDENT_H

/* In pages: all of it, and what of it belongs to files that are mapped. Zeros
 * when the system does not tell. */
struct resident {
	unsigned long pages;
	unsigned long file_pages;
};

struct resident resident_now(void);

#endif
