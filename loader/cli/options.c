// SPDX-License-Identifier: GPL-2.0-or-later
/* The option parser: fills a verb's struct from the command line by the verb's table. */
#include "loader/cli/options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/log.h"
#include "loader/cli/usage.h"
#include "loader/model/time.h"

static const struct embargo_option help = { .name = "help", .letter = 'h' };

static const struct embargo_option *find(const struct embargo_verb *verb, const char *name,
					 size_t length)
{
	const struct embargo_option *option = verb->options;

	for (; option && option->name; option++)
		if (strlen(option->name) == length && !memcmp(option->name, name, length))
			return option;
	return length == 4 && !memcmp(name, "help", 4) ? &help : NULL;
}

static const struct embargo_option *find_letter(const struct embargo_verb *verb, char letter)
{
	const struct embargo_option *option = verb->options;

	for (; option && option->name; option++)
		if (option->letter == letter)
			return option;
	return letter == help.letter ? &help : NULL;
}

static bool is_choice(const struct embargo_option *option, const char *value)
{
	const char *word;

	if (!option->choice)
		return true;
	for (size_t i = 0; (word = option->choice(i)); i++)
		if (!strcmp(word, value))
			return true;
	return false;
}

static int complain(const struct embargo_verb *verb, const char *object, const char *what)
{
	embargo_log_error(object, "%s; see embargo help %s", what, verb->name);
	return EMBARGO_EXIT_FAILURE;
}

static int store_number(const char *value, uint64_t *number)
{
	unsigned long long parsed;
	char *end;

	if (*value < '0' || *value > '9')
		return -EINVAL;
	errno = 0;
	parsed = strtoull(value, &end, 10);
	if (errno || *end)
		return -EINVAL;
	*number = parsed;
	return 0;
}

/* Enters @value (NULL for a flag) where the option says. @object is the option as it was typed. */
static int store(const struct embargo_verb *verb, const struct embargo_option *option,
		 const char *object, const char *value, void *options)
{
	void *target = (char *)options + option->offset;
	struct embargo_texts *texts = target;

	if (value && !is_choice(option, value)) {
		embargo_log_error(object, "'%s' is none of its words; see embargo help %s", value,
				  verb->name);
		return EMBARGO_EXIT_FAILURE;
	}
	switch (option->type) {
	case EMBARGO_OPTION_FLAG:
		*(bool *)target = true;
		return EMBARGO_OPTIONS_PARSED;
	case EMBARGO_OPTION_TEXT:
		*(const char **)target = value;
		return EMBARGO_OPTIONS_PARSED;
	case EMBARGO_OPTION_TEXTS:
		if (texts->count == EMBARGO_TEXTS_MAX)
			return complain(verb, object, "is given too often, 64 times at most");
		texts->text[texts->count++] = value;
		return EMBARGO_OPTIONS_PARSED;
	case EMBARGO_OPTION_NUMBER:
		if (store_number(value, target))
			return complain(verb, object, "takes a decimal number");
		return EMBARGO_OPTIONS_PARSED;
	case EMBARGO_OPTION_TIME:
		if (embargo_time_parse(value, target))
			return complain(
				verb, object,
				"takes a time with its offset, like 2024-09-29T00:00:00-04:00");
		return EMBARGO_OPTIONS_PARSED;
	case EMBARGO_OPTION_UNKNOWN:
	case EMBARGO_OPTION_TYPES:
		break;
	}
	return complain(verb, object, "cannot be stored");
}

/*
 * Takes the option at argv[*at]; moves *at over a value that is a word of its own. One letter a
 * word: bundles like -jq save little and hide mistakes.
 */
static int take(const struct embargo_verb *verb, int argc, char **argv, int *at, void *options)
{
	const struct embargo_option *option;
	const char *typed = argv[*at], *value = NULL;

	if (typed[1] == '-') {
		const char *equals = strchr(typed, '=');

		option = find(verb, typed + 2,
			      equals ? (size_t)(equals - typed - 2) : strlen(typed + 2));
		value = equals ? equals + 1 : NULL;
	} else {
		option = find_letter(verb, typed[1]);
		value = typed[2] ? typed + 2 : NULL;
	}
	if (!option)
		return complain(verb, typed, "is no option of this verb");
	if (!option->argument && value)
		return complain(verb, typed, "takes no value");
	if (option == &help) {
		embargo_usage_verb(stdout, verb);
		return EMBARGO_EXIT_YES;
	}
	if (option->argument && !value) {
		if (*at + 1 >= argc)
			return complain(verb, typed, "takes a value");
		value = argv[++*at];
	}
	return store(verb, option, typed, value, options);
}

int embargo_options_parse(const struct embargo_verb *verb, int *argc, char ***argv, void *options)
{
	char **words = *argv;
	int operands = 0, status;

	for (int i = 1; i < *argc; i++) {
		if (!strcmp(words[i], "--")) {
			while (++i < *argc)
				words[operands++] = words[i];
			break;
		}
		if (words[i][0] != '-' || !words[i][1]) {
			words[operands++] = words[i];
			continue;
		}
		status = take(verb, *argc, words, &i, options);
		if (status != EMBARGO_OPTIONS_PARSED)
			return status;
	}
	words[operands] = NULL;
	*argc = operands;
	return EMBARGO_OPTIONS_PARSED;
}

int embargo_options_refuse(const struct embargo_verb *verb, const char *operand)
{
	if (operand)
		return complain(verb, operand, "is not expected here");
	embargo_log_error(verb->name, "wants %s; see embargo help %s", verb->operands, verb->name);
	return EMBARGO_EXIT_FAILURE;
}
