#include "cli/bus_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "document/json.h"

#define SIZE_MAX_BYTES 65536

static int fail_open(const char *path, struct err *reterr)
{
	if (errno == ENOENT) {
		return err_set(reterr, E_NOT_FOUND,
			       "the daemon listens for no plugins and no "
			       "followers; 'listen: tcp://127.0.0.1:7071' in "
			       "its config makes it");
	}
	return err_set(reterr, errno == EACCES ? E_DENIED : E_IO,
		       "cannot read %s: %s", path, strerror(errno));
}

static int read_file(const char *path, struct buf *out, struct err *reterr)
{
	FILE *file = fopen(path, "rbe");

	if (!file) {
		return fail_open(path, reterr);
	}
	out->len +=
	    fread(buf_reserve(out, SIZE_MAX_BYTES), 1, SIZE_MAX_BYTES, file);
	(void)fclose(file);
	return 0;
}

int bus_file_read(const char *store, struct value *ret_bus, struct err *reterr)
{
	struct buf path = { 0 };
	struct buf text = { 0 };
	struct value bus;

	buf_printf(&path, "%s/bus.json", store);
	buf_put_byte(&path, '\0');
	int rc = read_file(path.data, &text, reterr);

	if (!rc && (json_read(buf_slice(&text), NULL, &bus, NULL) ||
		    bus.type != VALUE_MAP)) {
		rc = err_set(reterr, E_CORRUPT,
			     "%s is not what the daemon "
			     "writes there",
			     path.data);
	} else if (!rc) {
		*ret_bus = bus;
	}
	buf_fini(&path);
	buf_fini(&text);
	return rc;
}
