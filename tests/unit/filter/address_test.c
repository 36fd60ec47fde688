/* Addresses, networks, and the operator made of them. */
#include "filter_test.h"

#include "filter/address.h"

static void what_is_an_address(void **arg)
{
	static const struct {
		const char *text;
		bool is;
		bool v6;
	} cases[] = {
		{ "10.0.0.1", true, false },
		{ "0.0.0.0", true, false },
		{ "255.255.255.255", true, false },
		{ "10.0.0.256", false, false },
		{ "10.0.0", false, false },
		{ "10.0.0.0.1", false, false },
		{ "10.0.0.", false, false },
		{ "010.0.0.1", false, false },
		{ "10.0.0.00", false, false },
		{ "10.0.0.01", false, false },
		{ "0x0a.0.0.1", false, false },
		{ "167772161", false, false },
		{ " 10.0.0.1", false, false },
		{ "10.0.0.1 ", false, false },
		{ "10.0.0.1\n", false, false },
		{ "10.0.0.-1", false, false },
		{ "+10.0.0.1", false, false },
		{ "", false, false },
		{ "localhost", false, false },
		{ "::", true, true },
		{ "::1", true, true },
		{ "0:0:0:0:0:0:0:1", true, true },
		{ "2001:DB8::FF", true, true },
		{ "2001:0db8:0000:0000:0000:0000:0000:00ff", true, true },
		{ "2001:00db8::", false, true },
		{ "1::2::3", false, true },
		{ "1:2:3:4:5:6:7", false, true },
		{ "1:2:3:4:5:6:7:8:9", false, true },
		{ ":1", false, true },
		{ "1:", false, true },
		{ "g::", false, true },
		{ "fe80::1%eth0", false, true },
		{ "[::1]", false, true },
		{ "::1.2.3.4", true, true },
		{ "::01.2.3.4", false, true },
		{ "64:ff9b::1.2.3.4", true, true },
		/* IPv4-mapped, in every spelling. */
		{ "::ffff:1.2.3.4", false, true },
		{ "::FFFF:102:304", false, true },
		{ "0:0:0:0:0:ffff:0102:0304", false, true },
		{ "::ffff:0:1.2.3.4", true, true },
		{ "::fffe:1.2.3.4", true, true },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", true, true },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550", false,
		  true },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address address;
		bool is = address_parse(slice_of(cases[i].text), &address);

		if (is != cases[i].is || (is && address.v6 != cases[i].v6)) {
			fail_msg("%s", cases[i].text);
		}
	}
	struct address address;

	assert_false(address_parse(SLICE("10.0.0.1\0"), &address));
	assert_false(address_parse(SLICE("::1\0x"), &address));
}

static void masks(void **arg)
{
	struct address address;

	(void)arg;
	for (unsigned bits = 0; bits <= 128; bits++) {
		memset(address.bytes, 0xff, sizeof(address.bytes));
		address_mask(&address, bits);
		for (unsigned i = 0; i < 128; i++) {
			bool set = address.bytes[i / 8] >> (7 - i % 8) & 1;

			assert_int_equal(set, i < bits);
		}
	}
}

static const struct match_case cases[] = {
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.0.255\"}",
	  true },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.1.0\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.77/24\"}]}", "{\"a\":\"10.0.0.1\"}",
	  true },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/31\"}]}", "{\"a\":\"10.0.0.1\"}",
	  true },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/31\"}]}", "{\"a\":\"10.0.0.2\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.1/32\"}]}", "{\"a\":\"10.0.0.1\"}",
	  true },
	{ "{\"a\":[{\"cidr\":\"10.0.0.1/32\"}]}", "{\"a\":\"10.0.0.0\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"::1/128\"}]}", "{\"a\":\"0:0::0:1\"}", true },
	{ "{\"a\":[{\"cidr\":\"::1/128\"}]}", "{\"a\":\"::2\"}", false },
	{ "{\"a\":[{\"cidr\":\"2001:db8::/33\"}]}",
	  "{\"a\":\"2001:DB8:7FFF::1\"}", true },
	{ "{\"a\":[{\"cidr\":\"2001:db8::/33\"}]}",
	  "{\"a\":\"2001:db8:8000::1\"}", false },
	/* Families never match each other. */
	{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":\"8.8.8.8\"}", true },
	{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":\"::1\"}", false },
	{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":\"::\"}", false },
	{ "{\"a\":[{\"cidr\":\"::/0\"}]}", "{\"a\":\"8.8.8.8\"}", false },
	{ "{\"a\":[{\"cidr\":\"::/0\"}]}", "{\"a\":\"fe80::1\"}", true },
	{ "{\"a\":[{\"cidr\":\"::/0\"}]}", "{\"a\":\"::ffff:8.8.8.8\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/8\"}]}", "{\"a\":\"010.0.0.1\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"10.0.0.0/8\"}]}", "{\"a\":\"10.0.0.1/32\"}",
	  false },
	{ "{\"a\":[{\"cidr\":\"0.0.0.0/0\"}]}", "{\"a\":[1,null,true,{}]}",
	  false },
};

static void networks(void **arg)
{
	(void)arg;
	assert_matches(cases, COUNT(cases));
}

#define AT "filter.k[0].cidr: "
#define NO_SLASH                                                    \
	AT "expected an address, '/' and the bits of the network, " \
	   "as in 10.0.0.0/8"
#define NO_ADDRESS AT "no IPv4 or IPv6 address stands before the '/'"
#define NO_BITS_4  AT "expected a number from 0 to 32 after the '/'"
#define NO_BITS_6  AT "expected a number from 0 to 128 after the '/'"

static void refusals(void **arg)
{
	static const struct {
		const char *text;
		const char *msg;
	} refused[] = {
		{ "", NO_SLASH },
		{ "10.0.0.0", NO_SLASH },
		{ "/8", NO_ADDRESS },
		{ "10.0.0.256/8", NO_ADDRESS },
		{ "010.0.0.0/8", NO_ADDRESS },
		{ "::ffff:10.0.0.0/104", NO_ADDRESS },
		{ "::ffff:0:0/96", NO_ADDRESS },
		{ "localhost/8", NO_ADDRESS },
		{ " 10.0.0.0/8", NO_ADDRESS },
		{ "10.0.0.0 /8", NO_ADDRESS },
		{ "10.0.0.0/", NO_BITS_4 },
		{ "10.0.0.0//8", NO_BITS_4 },
		{ "10.0.0.0/8/8", NO_BITS_4 },
		{ "10.0.0.0/33", NO_BITS_4 },
		{ "10.0.0.0/128", NO_BITS_4 },
		{ "10.0.0.0/-1", NO_BITS_4 },
		{ "10.0.0.0/+8", NO_BITS_4 },
		{ "10.0.0.0/ 8", NO_BITS_4 },
		{ "10.0.0.0/8 ", NO_BITS_4 },
		{ "10.0.0.0/08", NO_BITS_4 },
		{ "10.0.0.0/00", NO_BITS_4 },
		{ "10.0.0.0/8.0", NO_BITS_4 },
		{ "10.0.0.0/0x8", NO_BITS_4 },
		{ "10.0.0.0/255.0.0.0", NO_BITS_4 },
		{ "10.0.0.0/4294967304", NO_BITS_4 },
		{ "::/129", NO_BITS_6 },
		{ "::/1280", NO_BITS_6 },
	};

	(void)arg;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct err err = { 0 };

		assert_int_equal(
		    compile_and_clear(
			with_operator("cidr", value_text(refused[i].text)),
			&err),
		    E_INVALID);
		assert_string_equal(err.msg, refused[i].msg);
	}
	assert_refused("{\"k\":[{\"cidr\":8}]}", E_INVALID,
		       AT "expected a string, found number");
	assert_refused("{\"k\":[{\"cidr\":[\"10.0.0.0/8\"]}]}", E_INVALID,
		       AT "expected a string, found list");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_an_address),
		cmocka_unit_test(masks),
		cmocka_unit_test(networks),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
