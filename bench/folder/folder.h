/*
 * A folder of one's own, for a store.
 */
#ifndef BENCH_FOLDER_H
#define BENCH_FOLDER_H

/* In $TMPDIR, or /tmp; NULL when none can be made. */
char *folder_create(void);

/* With all that is in it. */
void folder_destroy(char *folder);

#endif
