#include <string.h>

#include "filter/address.h"
#include "filter/compile.h"

#define V4_BITS 32
#define V6_BITS 128

/* Digits only, and no zero before others. */
static bool read_bits(struct slice text, unsigned *ret_bits)
{
	unsigned bits = 0;

	if (text.len == 0 || text.len > 3 ||
	    (text.ptr[0] == '0' && text.len > 1)) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9') {
			return false;
		}
		bits = bits * 10 + (unsigned)(text.ptr[i] - '0');
	}
	*ret_bits = bits;
	return true;
}

static int network_read(struct compiler *compiler, struct slice text,
			struct network *network)
{
	const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
	struct address address;
	unsigned bits = 0;

	if (!slash) {
		return compiler_fail(compiler, E_INVALID,
				     "expected an address, '/' and the bits "
				     "of the network, as in 10.0.0.0/8");
	}
	struct slice before = { text.ptr, (size_t)(slash - text.ptr) };
	struct slice after = { slash + 1, text.len - before.len - 1 };

	if (!address_parse(before, &address)) {
		return compiler_fail(compiler, E_INVALID,
				     "no IPv4 or IPv6 address stands before "
				     "the '/'");
	}
	unsigned most = address.v6 ? V6_BITS : V4_BITS;

	if (!read_bits(after, &bits) || bits > most) {
		return compiler_fail(compiler, E_INVALID,
				     "expected a number from 0 to %u after "
				     "the '/'",
				     most);
	}
	address_mask(&address, bits);
	memcpy(network->address, address.bytes, sizeof(network->address));
	network->bits = (uint8_t)bits;
	network->v6 = address.v6;
	network->text = text;
	return 0;
}

int cidr_compile(struct compiler *compiler, const struct value *operand,
		 struct alternative *ret_alternative)
{
	struct network *network =
	    scratch_take(&compiler->scratch, 1, sizeof(*network));
	struct slice text;
	int rc = compiler_text(compiler, operand, &text);

	compiler->parts.networks++;
	ret_alternative->kind = ALTERNATIVE_CIDR;
	ret_alternative->as.network = network;
	return rc ? rc : network_read(compiler, text, network);
}
