/*
 * For tests that begin with an empty folder each: set_up() makes it,
 * tear_down() removes it with all that is in it.
 */
#ifndef TEST_STORE_IN_FOLDER_H
#define TEST_STORE_IN_FOLDER_H

#include "support.h"

static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = test_folder();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_remove(folder);
	return 0;
}

#endif
