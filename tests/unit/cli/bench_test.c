/*
 * What `tutti bench` computes from its samples, and how it is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/bench.h"
#include "cli/bench_measure.h"
#include "program.h"
#include "schema_check.h"

#define SCHEMA TEST_DATA "/../../docs/schemas/bench.schema.json"

#define MS INT64_C(1000000)

static bool near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

/* ---- samples ---- */

static void test_quantiles(void **state)
{
	struct samples samples = { 0 };

	(void)state;
	assert_int_equal(samples_quantile(&samples, 0.5), 0);
	for (int64_t i = 100; i > 0; i--) {
		samples_add(&samples, i);
	}
	assert_int_equal(samples_quantile(&samples, 0), 1);
	assert_int_equal(samples_quantile(&samples, 0.5), 50);
	assert_int_equal(samples_quantile(&samples, 0.99), 99);
	assert_int_equal(samples_quantile(&samples, 1), 100);
	samples_add(&samples, 0);
	assert_int_equal(samples_quantile(&samples, 0), 0);
	samples_fini(&samples);
	samples_add(&samples, 7);
	assert_int_equal(samples_quantile(&samples, 0.01), 7);
	assert_int_equal(samples_quantile(&samples, 0.99), 7);
	samples_fini(&samples);
}

static void test_rates_and_joining(void **state)
{
	struct samples one = { .within_ns = 500 * MS };
	struct samples other = { .within_ns = 1500 * MS };

	(void)state;
	samples_add(&one, 3000);
	samples_add(&other, 1000);
	samples_add(&other, 2000);
	assert_true(near(samples_rate(&one), 2));
	samples_join(&one, &other);
	assert_int_equal(one.len, 3);
	assert_true(near(samples_rate(&one), 1.5));
	struct bench_times times = bench_times(&one);

	assert_int_equal(times.count, 3);
	assert_true(near(times.per_second, 1.5));
	assert_true(near(times.p50_us, 2));
	assert_true(near(times.p99_us, 3));
	samples_fini(&one);
	samples_fini(&other);
	assert_true(near(samples_rate(&one), 0));
}

/* ---- rows ---- */

static void test_flushes(void **state)
{
	static const unsigned expected[BENCH_FORMS][DURABILITIES] = {
		[BENCH_IN_PROCESS] = { 8, 4, 4 },
		[BENCH_PROCESSES] = { 8, 8, 4 },
	};

	(void)state;
	for (int form = 0; form < BENCH_FORMS; form++) {
		for (int i = 0; i < DURABILITIES; i++) {
			struct bench_row row = {
				.form = (enum bench_form)form,
				.durability = (enum durability)i,
				.in_flight = 1,
				.runs.p50_us = 1000,
				.flush_us = 100,
			};

			assert_int_equal(bench_flushes(&row),
					 expected[form][i]);
			assert_true(near(bench_floor_us(&row),
					 100 * expected[form][i]));
			assert_true(
			    near(bench_ratio(&row), 10.0 / expected[form][i]));
		}
	}
	assert_true(near(bench_ratio(&(struct bench_row){ 0 }), 0));
}

static void test_plan(void **state)
{
	struct bench_plan plan = bench_plan(2000 * MS);

	(void)state;
	assert_int_equal(plan.rounds, 5);
	assert_int_equal(plan.disk_ns, 50 * MS);
	assert_int_equal(plan.load_ns, 150 * MS);
	plan = bench_plan(800 * MS);
	assert_int_equal(plan.rounds, 2);
	/* Long ones have no more rounds, but longer ones. */
	plan = bench_plan(20000 * MS);
	assert_int_equal(plan.rounds, 5);
	assert_int_equal(plan.disk_ns, 500 * MS);
	/* Late as it is, something is measured. */
	plan = bench_plan(-MS);
	assert_int_equal(plan.rounds, 1);
	assert_int_equal(plan.disk_ns, 10 * MS);
	assert_int_equal(plan.load_ns, 30 * MS);
}

/* ---- how it is told ---- */

static void add_row(struct bench *bench, enum bench_form form,
		    unsigned in_flight, double p50_us, double per_second)
{
	bench->rows[bench->row_count++] = (struct bench_row){
		.form = form,
		.durability = DURABILITY_STRICT,
		.in_flight = in_flight,
		.runs = {
			.count = 1000,
			.per_second = per_second,
			.p50_us = p50_us,
			.p99_us = 2 * p50_us,
		},
		.cpu_us = 30,
		.flush_us = 100,
	};
}

static struct bench measured(void)
{
	struct bench bench = {
		.version = "1.2.3",
		.store = "./.tutti",
		.seconds = 15.004,
		.flush = { 5000, 9600, 100, 210.26 },
		.strict = { 2000, 4100.04, 240, 400 },
		.relaxed = { 3000, 7000, 140, 200 },
	};

	add_row(&bench, BENCH_IN_PROCESS, 1, 1000, 990);
	add_row(&bench, BENCH_IN_PROCESS, BENCH_MANY, 7100, 36000);
	add_row(&bench, BENCH_PROCESSES, 1, 12345, 81);
	return bench;
}

static char *text_of(const struct bench *bench)
{
	struct buf text = { 0 };

	bench_put_text(&text, (struct style){ 0 }, bench);
	return buf_take(&text);
}

static void expect(const struct bench *bench, const char *part)
{
	char *text = text_of(bench);

	program_expect(text, part);
	free(text);
}

static void test_text(void **state)
{
	struct bench bench = measured();

	(void)state;
	expect(&bench, "4 KiB overwritten and flushed        0.100   0.210"
		       "     9,600\n");
	expect(&bench, "in-process  strict              1     990    9,900"
		       "    1.00    2.00        8      0.800   1.25\n");
	expect(&bench, "in-process  strict            256  36,000  360,000"
		       "    7.10    14.2        -          -      -\n");
	expect(&bench, "process     strict              1      81      810"
		       "    12.3    24.7        8      0.800  15.43\n");
	expect(&bench, "One run at a time, strict: the disk is the limit. The "
		       "8 flushes that a run waits for take 0.800 ms, all of "
		       "it 1.00 ms; a disk that flushes faster helps, or "
		       "durability: pipelined.\n");
	expect(&bench, "256 runs at a time, strict: they share commits, and "
		       "the processor is the limit. 36,000 runs a second keep "
		       "the daemon busy for 108 % of the time.\n");
}

static void test_other_meanings(void **state)
{
	struct bench bench = measured();

	(void)state;
	bench.rows[0].flush_us = 10;
	bench.rows[1].cpu_us = 20;
	bench.left_out = "there is none";
	expect(&bench, "not the disk is the limit but the processor");
	expect(&bench, "share commits, and they wait for the disk and the "
		       "processor in turn. 36,000 runs a second keep the "
		       "daemon busy for 72 %");
	bench.rows[1].cpu_us = 10;
	expect(&bench, "share commits, and the disk is the limit. 36,000");
	expect(&bench, "Plugins in processes were left out: there is none.\n");
	bench.in_memory = true;
	expect(&bench, "kept in memory: there is no disk");
	char *text = text_of(&bench);

	program_expect_not(text, "is the limit");
	free(text);
}

static struct value schema(void)
{
	static char text[65536];
	FILE *file = fopen(SCHEMA, "re");
	struct value schema;

	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text), file);

	(void)fclose(file);
	assert_int_equal(
	    json_read((struct slice){ text, len }, NULL, &schema, NULL), 0);
	return schema;
}

static void check_fits(const struct value *map)
{
	struct value root = schema();
	struct schema_check check = { .root = &root };

	if (!schema_accepts(&check, &root, map, "bench")) {
		fail_msg("%s", check.where);
	}
	value_clear(&root);
}

static void expect_number(const struct value *map, const char *key,
			  double number)
{
	struct value expected = value_double(number);
	const struct value *found = value_get(map, key);

	assert_non_null(found);
	assert_int_equal(value_compare_numbers(found, &expected), 0);
}

static void test_json(void **state)
{
	struct bench bench = measured();
	struct value map = bench_json(&bench);
	const struct value *disk = value_get(&map, "disk");
	const struct value *rows = value_get(&map, "rows");

	(void)state;
	check_fits(&map);
	expect_number(&map, "seconds", 15);
	expect_number(value_get(disk, "flush"), "p99_us", 210.26);
	expect_number(value_get(disk, "commit_strict"), "per_second", 4100);
	expect_number(value_get(disk, "commit_relaxed"), "count", 3000);
	assert_int_equal(value_len(rows), 3);
	expect_number(value_at(rows, 0), "tasks_per_second", 9900);
	expect_number(value_at(rows, 0), "ratio", 1.25);
	assert_true(value_get(value_at(rows, 1), "ratio")->type == VALUE_NULL);
	assert_int_equal(value_len(value_get(&map, "meaning")), 2);
	value_clear(&map);
	bench.left_out = "there is none";
	bench.in_memory = true;
	map = bench_json(&bench);
	check_fits(&map);
	value_clear(&map);
}

static void test_seconds(void **state)
{
	static char *wrong[] = { "0", "-1", "3601", "1.5", "", "x", "2x" };
	static char bench[] = "bench";
	static char seconds[] = "--seconds";
	struct program program = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    program_run(&program, bench, seconds, wrong[i], NULL), 2);
		program_expect(program.err, "a whole number from 1 to 3600");
	}
	program_fini(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_rates_and_joining),
		cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_other_meanings),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
