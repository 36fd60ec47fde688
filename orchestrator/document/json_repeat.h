/*
 * Keys that are in one object of a JSON text twice. The text must be
 * well-formed but for that. Inside this room only, but for
 * json_repeat_find(), which is in json.h.
 */
#ifndef DOCUMENT_JSON_REPEAT_H
#define DOCUMENT_JSON_REPEAT_H

#include <stddef.h>

/*
 * Blank every member that another one with its key follows, up to the comma
 * behind it: all other bytes stay where they are.
 */
void json_repeat_drop(char *text, size_t len);

#endif
