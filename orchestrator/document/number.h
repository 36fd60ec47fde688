/*
 * Text of numbers, the same in every locale. Inside this room only.
 */
#ifndef DOCUMENT_NUMBER_H
#define DOCUMENT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define NUMBER_TEXT_SIZE 40

/*
 * The fewest digits that read back the same; always with a fraction or an
 * exponent, so that it stays a double.
 */
void number_format(double number, char text[NUMBER_TEXT_SIZE]);

/* Decimal text with nothing else; false when it is none or not finite. */
bool number_parse(struct slice text, double *ret_number);

/* Only digits of this base, at least one; false also beyond 64 bits. */
bool number_parse_digits(struct slice digits, unsigned base,
			 uint64_t *ret_number);

#endif
