/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs and options as tables: the parser, the usage texts and the shell completion all read them.
 */
#ifndef EMBARGO_CLI_OPTIONS_H
#define EMBARGO_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

/* A repeated option: 64 is what a generation holds of policies, the largest such list. */
#define EMBARGO_TEXTS_MAX 64

struct embargo_texts {
	const char *text[EMBARGO_TEXTS_MAX + 1]; /* NULL after the last */
	size_t count;
};

/* What an option fills at its offset in the verb's own struct. */
enum embargo_option_type {
	EMBARGO_OPTION_UNKNOWN,
	EMBARGO_OPTION_FLAG,   /* bool */
	EMBARGO_OPTION_TEXT,   /* const char *, into argv */
	EMBARGO_OPTION_TEXTS,  /* struct embargo_texts: may be given several times */
	EMBARGO_OPTION_NUMBER, /* uint64_t, decimal */
	EMBARGO_OPTION_TIME,   /* int64_t, ns since 1970; INT64_MIN before, to tell "not given" */
	EMBARGO_OPTION_TYPES,
};

struct embargo_option {
	const char *name;     /* without the two dashes; NULL ends a table */
	const char *argument; /* what it takes, as usage shows it; NULL for a flag */
	const char *summary;  /* one line */
	const char *(*choice)(
		size_t index); /* the words it may take, NULL after the last; NULL: any */
	size_t offset;
	enum embargo_option_type type;
	char letter; /* the short form, or 0 */
};

#define EMBARGO_OPTIONS_END \
	{                   \
	}

struct embargo_verb {
	const char *name;		      /* with its parent's before it: "policy lint" */
	const char *operands;		      /* as usage shows them: "FILE...", or NULL for none */
	const char *summary;		      /* one line */
	const char *details;		      /* further lines for `embargo help VERB`, or NULL */
	const struct embargo_option *options; /* or NULL for none */
	const struct embargo_verb *const
		*verbs;			   /* `embargo NAME VERB`: NULL ends them; then no run */
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit code */
	int hidden;			   /* works, but help and completion leave it out */
};

/* What a program answers; a command returns one of them. */
enum embargo_exit {
	EMBARGO_EXIT_YES = 0,
	EMBARGO_EXIT_NO = 1,	  /* no, denied, found */
	EMBARGO_EXIT_FAILURE = 2, /* wrong usage, or it could not be done */
};

#define EMBARGO_OPTIONS_PARSED (-1)

/*
 * Fills @options (the struct that the verb's offsets point into, preset with its defaults) from
 * @argv and leaves the operands, and only them, in @argc and @argv. Options may stand anywhere;
 * `--` ends them. Returns EMBARGO_OPTIONS_PARSED to go on, or the exit code to leave with: help
 * was asked for and printed, or something was wrong and was said on standard error.
 */
int embargo_options_parse(const struct embargo_verb *verb, int *argc, char ***argv, void *options);

/* Says that @operand is one too many or that one is missing (NULL); returns the exit code. */
int embargo_options_refuse(const struct embargo_verb *verb, const char *operand);

#endif
