/* What processes are given, and what becomes of their output. */
#include "children.h"

static void output_becomes_lines(void **state)
{
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry(
	    "e", SCRIPT("printf 'one\\n\\ntwo\\r\\n'; printf 'bad\\377\\n' >&2;"
			"printf 'a\\0b\\n'; printf 'no end'; exit 9"));

	(void)state;
	children_set(children, &entry);
	children_until(children, children->end_count == 1);
	assert_int_equal(children->line_count, 6);
	assert_true(children_said(children, "e#1 1 one"));
	assert_true(children_said(children, "e#1 1 "));
	assert_true(children_said(children, "e#1 1 two"));
	assert_true(children_said(children, "e#1 2 bad\xef\xbf\xbd"));
	assert_true(children_said(children, "e#1 1 a\xef\xbf\xbd"
					    "b"));
	assert_true(children_said(children, "e#1 1 no end"));
	assert_string_equal(children->ends[0], "e#1 exited with status 9");
	children_destroy(children);
}

static void run_script(struct children *children, const char *program)
{
	struct supervisor_entry entry = children_entry("e", SCRIPT(program));

	entry.deaths = 1;
	children_set(children, &entry);
	children_until(children, children->end_count == 1);
}

static void long_lines_come_in_pieces(void **state)
{
	struct children *children = children_create();

	(void)state;
	run_script(children, "printf '%8192s\\n%8193s\\n%20000s\\nend\\n' "
			     "a b c");
	assert_int_equal(children->line_count, 7);
	assert_int_equal(children->lengths[0], 8192);
	assert_int_equal(children->lengths[1], 8192);
	assert_int_equal(children->lengths[2], 1);
	assert_int_equal(children->lengths[3], 8192);
	assert_int_equal(children->lengths[4], 8192);
	assert_int_equal(children->lengths[5], 20000 - 2 * 8192);
	assert_int_equal(children->lengths[6], 3);
	children_destroy(children);
}

/* One byte in front, so that the limit falls into the middle of a letter. */
static void pieces_end_with_whole_characters(void **state)
{
	struct children *children = children_create();

	(void)state;
	run_script(children, "printf x; i=0; while [ $i -lt 5000 ]; do printf "
			     "'\\303\\244'; i=$((i+1)); done; echo");
	assert_int_equal(children->line_count, 2);
	assert_int_equal(children->lengths[0], 8191);
	assert_int_equal(children->lengths[1], 10001 - 8191);
	assert_int_equal((unsigned char)children->lines[1][6], 0xc3);
	children_destroy(children);
}

static void binary_output_is_bounded_too(void **state)
{
	struct children *children = children_create();

	(void)state;
	run_script(children, "tr '\\0' '\\377' </dev/zero | head -c 100000");
	size_t total = 0;

	for (size_t i = 0; i < children->line_count; i++) {
		total += children->lengths[i];
	}
	assert_int_equal(total, 300000);
	children_destroy(children);
}

/* All that a child has, said by itself: see main(). */
static void a_process_begins_clean(void **state)
{
	static const char *const self[] = { "/proc/self/exe", "describe",
					    NULL };
	static const char *const env[] = { "TUTTI_TEST=a b", "HOME=/there",
					   NULL };
	struct children *children = children_create();
	struct supervisor_entry entry = children_entry("e", self);
	sigset_t blocked;
	sigset_t before;

	(void)state;
	entry.env = env;
	entry.directory = "/tmp";
	int inherited = dup(2); /* not O_CLOEXEC */

	(void)sigfillset(&blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, &before);
	(void)signal(SIGUSR1, SIG_IGN);
	children_set(children, &entry);
	children_turn(children);
	(void)signal(SIGUSR1, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	children_until(children, children->end_count == 1);
	(void)close(inherited);
	assert_true(children_said(children, "e#1 1 fds 0 1 2"));
	assert_true(children_said(children, "e#1 1 leads its session"));
	assert_true(children_said(children, "e#1 1 no signal is blocked"));
	assert_true(children_said(children, "e#1 1 no signal is ignored"));
	assert_true(children_said(children, "e#1 1 instance e#1"));
	assert_true(children_said(children, "e#1 1 test a b"));
	assert_true(children_said(children, "e#1 1 home /there"));
	assert_true(children_said(children, "e#1 1 folder /tmp"));
	children_destroy(children);
}

static void describe_fds(void)
{
	(void)printf("fds");
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0) {
			(void)printf(" %d", fd);
		}
	}
	(void)printf("\n");
}

static void describe_signals(void)
{
	sigset_t blocked;
	int blocks = 0;
	int ignores = 0;

	(void)sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;

		blocks += sigismember(&blocked, i) == 1;
		if (sigaction(i, NULL, &action) == 0) {
			ignores += action.sa_handler == SIG_IGN;
		}
	}
	(void)printf("%s signal is blocked\n", blocks ? "a" : "no");
	(void)printf("%s signal is ignored\n", ignores ? "a" : "no");
}

static int describe(void)
{
	char *folder = getcwd(NULL, 0);

	describe_fds();
	describe_signals();
	(void)printf("%s its session\n",
		     getsid(0) == getpid() ? "leads" : "does not lead");
	(void)printf("instance %s\ntest %s\nhome %s\nfolder %s\n",
		     getenv("TUTTI_INSTANCE"), getenv("TUTTI_TEST"),
		     getenv("HOME"), folder);
	free(folder);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_becomes_lines),
		cmocka_unit_test(long_lines_come_in_pieces),
		cmocka_unit_test(pieces_end_with_whole_characters),
		cmocka_unit_test(binary_output_is_bounded_too),
		cmocka_unit_test(a_process_begins_clean),
	};

	if (argc > 1 && strcmp(argv[1], "warden") == 0) {
		return warden_main();
	}
	if (argc > 1 && strcmp(argv[1], "describe") == 0) {
		return describe();
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
