// SPDX-License-Identifier: GPL-2.0-or-later
/* The option parser: every form that it takes, and what it refuses. */
#include "loader/cli/options.h"

#include <stdbool.h>

#include "tests/unit/unit.h"

struct options {
	bool json;
	const char *file;
	struct embargo_texts policies;
	uint64_t number;
	int64_t at;
};

static const char *choice(size_t index)
{
	static const char *const words[] = { "exec", "map", NULL };

	return words[index];
}

static const struct embargo_option table[] = {
	{ .name = "json",
	  .letter = 'j',
	  .summary = "",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "file",
	  .letter = 'f',
	  .argument = "FILE",
	  .summary = "",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, file) },
	{ .name = "policy",
	  .argument = "P",
	  .summary = "",
	  .type = EMBARGO_OPTION_TEXTS,
	  .offset = offsetof(struct options, policies) },
	{ .name = "number",
	  .argument = "N",
	  .summary = "",
	  .type = EMBARGO_OPTION_NUMBER,
	  .offset = offsetof(struct options, number) },
	{ .name = "at",
	  .argument = "TIME",
	  .summary = "",
	  .type = EMBARGO_OPTION_TIME,
	  .offset = offsetof(struct options, at) },
	{ .name = "operation",
	  .argument = "OP",
	  .summary = "",
	  .choice = choice,
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, file) },
	EMBARGO_OPTIONS_END,
};

static const struct embargo_verb verb = { .name = "verb", .summary = "", .options = table };

/* Splits @line at spaces and parses it; what is left goes to @operands. */
static int parse(const char *line, struct options *options, char *operands)
{
	static char words[4096];
	char name[] = "verb", *argv[256] = { name }, **rest = argv, *word, *more;
	int argc = 1, status;

	memset(options, 0, sizeof(*options));
	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok_r(words, " ", &more); word; word = strtok_r(NULL, " ", &more))
		argv[argc++] = word;
	status = embargo_options_parse(&verb, &argc, &rest, options);
	operands[0] = '\0';
	for (int i = 0; status == EMBARGO_OPTIONS_PARSED && i < argc; i++)
		sprintf(operands + strlen(operands), "%s%s", i ? " " : "", rest[i]);
	return status;
}

static void takes_options_anywhere(void **state)
{
	static const char *const lines[] = { "a b --json --file x", "--json a --file=x b",
					     "-j -fx a b", "a -f x -j b",
					     "--json --file x -- a b" };
	struct options options;
	char operands[256];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i], &options, operands), EMBARGO_OPTIONS_PARSED);
		assert_true(options.json);
		assert_string_equal(options.file, "x");
		assert_string_equal(operands, "a b");
	}
}

static void two_dashes_end_the_options(void **state)
{
	struct options options;
	char operands[256];

	(void)state;
	assert_int_equal(parse("a -- --json -- -x", &options, operands), EMBARGO_OPTIONS_PARSED);
	assert_false(options.json);
	assert_string_equal(operands, "a --json -- -x");
	assert_int_equal(parse("-", &options, operands), EMBARGO_OPTIONS_PARSED);
	assert_string_equal(operands, "-");
	assert_int_equal(parse("--file --json", &options, operands), EMBARGO_OPTIONS_PARSED);
	assert_string_equal(options.file, "--json");
}

static void values_are_read(void **state)
{
	struct options options;
	char operands[256];

	(void)state;
	assert_int_equal(parse("--policy a --policy=b --number 18446744073709551615 "
			       "--at 1970-01-01T01:00:01+01:00 --operation map --file=",
			       &options, operands),
			 EMBARGO_OPTIONS_PARSED);
	assert_int_equal(options.policies.count, 2);
	assert_string_equal(options.policies.text[1], "b");
	assert_null(options.policies.text[2]);
	assert_true(options.number == UINT64_MAX);
	assert_int_equal(options.at, 1000000000);
	assert_string_equal(options.file, "");
}

static void refuses_with_status_2(void **state)
{
	static const char *const lines[] = { "--jso",
					     "--jsonx",
					     "--json=yes",
					     "--file",
					     "-f",
					     "-x",
					     "-jx",
					     "--number x",
					     "--number -1",
					     "--number 18446744073709551616",
					     "--number 1k",
					     "--at 2024-01-01",
					     "--at tomorrow",
					     "--operation run",
					     "--=x",
					     "--helpx",
					     "--hel",
					     "--help=x",
					     "---" };
	char operands[256], many[2048] = "";
	struct options options;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i], &options, operands), EMBARGO_EXIT_FAILURE);
	for (int i = 0; i <= EMBARGO_TEXTS_MAX; i++)
		strcat(many, "--policy p ");
	assert_int_equal(parse(many, &options, operands), EMBARGO_EXIT_FAILURE);
}

static void help_ends_well(void **state)
{
	struct options options;
	char operands[256];

	int results = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);

	(void)state;
	assert_true(results >= 0 && nowhere >= 0);
	fflush(stdout);
	dup2(nowhere, STDOUT_FILENO);
	assert_int_equal(parse("a --help --nonsense", &options, operands), EMBARGO_EXIT_YES);
	assert_int_equal(parse("-h", &options, operands), EMBARGO_EXIT_YES);
	fflush(stdout);
	dup2(results, STDOUT_FILENO);
	close(nowhere);
	close(results);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_options_anywhere),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(refuses_with_status_2),
		cmocka_unit_test(help_ends_well),
	};

	/* What the parser says is for people; here it would stand between the results. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
