#include "document/text_position.h"

struct text_position text_position(struct slice text, size_t offset)
{
	struct text_position position = { 1, 1 };

	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.ptr[i] == '\n') {
			position.line++;
			position.column = 1;
		} else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
			position.column++;
		}
	}
	return position;
}
