#include "cli/line_input.h"

bool line_input_next(struct line_input *input)
{
	int c = getc_unlocked(input->stream);

	buf_clear(&input->line);
	input->too_long = false;
	if (c == EOF) {
		return false;
	}
	input->number++;
	for (; c != EOF && c != '\n'; c = getc_unlocked(input->stream)) {
		if (input->line.len < input->limit) {
			buf_put_byte(&input->line, (uint8_t)c);
		} else {
			input->too_long = true;
		}
	}
	return true;
}

bool line_input_blank(const struct line_input *input)
{
	for (size_t i = 0; i < input->line.len; i++) {
		char c = input->line.data[i];

		if (c != ' ' && c != '\t' && c != '\r') {
			return false;
		}
	}
	return !input->too_long;
}

void line_input_fini(struct line_input *input)
{
	buf_fini(&input->line);
}
