/*
 * A folder of one's own, for a store.
 */
#ifndef GUARD_FOLDER_H
#define GUARD_FOLDER_H

/* In $TMPDIR, or /tmp. */
char *folder_create(void);

/* With all that is in it. */
void folder_destroy(char *folder);

#endif
