#include "config/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

char *path_absolute(const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct buf whole = { 0 };

	if (here) {
		buf_put_text(&whole, here);
		if (!strcmp(path, ".")) {
			path = "";
		} else {
			buf_put_byte(&whole, '/');
		}
		while (path[0] == '.' && path[1] == '/') {
			path += 2;
		}
	}
	buf_put_text(&whole, path);
	free(here);
	return buf_take(&whole);
}
