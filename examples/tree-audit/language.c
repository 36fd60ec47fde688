#include "language.h"

#include <string.h>

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

bool language_is_c(const struct file *file)
{
	return ends_with(file->name, ".c") || ends_with(file->name, ".h");
}

bool language_is_sh(const struct file *file)
{
	return ends_with(file->name, ".sh");
}
