/*
 * A folder of this process inside another one, on whose file system things are
 * measured.
 */
#ifndef FLOOR_WORK_FOLDER_H
#define FLOOR_WORK_FOLDER_H

/* To be freed by the caller. */
char *work_folder_make(const char *inside);

/* With the files in it; a folder in it is left, and so is it. */
void work_folder_remove(const char *folder);

#endif
