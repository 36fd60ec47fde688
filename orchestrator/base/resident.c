#include "base/resident.h"

#include <stdio.h>

struct resident resident_now(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	struct resident resident = { 0 };

	if (file) {
		if (fscanf(file, "%*u %lu %lu", &resident.pages,
			   &resident.file_pages) != 2) {
			resident = (struct resident){ 0 };
		}
		(void)fclose(file);
	}
	return resident;
}
