// SPDX-License-Identifier: GPL-2.0-or-later
/* Usage texts, written from the tables of verbs and options. */
#include "loader/cli/usage.h"

#include <string.h>

#define WIDTH 26 /* columns of an option before its summary */

static void print_choices(FILE *out, const struct embargo_option *option)
{
	const char *word;

	for (size_t i = 0; (word = option->choice(i)); i++)
		fprintf(out, "%s%s", i ? ", " : " (", word);
	fputc(')', out);
}

static void print_option(FILE *out, const struct embargo_option *option)
{
	int width = fprintf(out, "  ");

	if (option->letter)
		width += fprintf(out, "-%c, ", option->letter);
	width += fprintf(out, "--%s", option->name);
	if (option->argument)
		width += fprintf(out, " %s", option->argument);
	if (width >= WIDTH) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s%s", WIDTH - width, "", option->summary);
	if (option->choice)
		print_choices(out, option);
	fputc('\n', out);
}

/* A verb's own word: "lint" of "policy lint". */
static const char *last_word(const struct embargo_verb *verb)
{
	const char *space = strrchr(verb->name, ' ');

	return space ? space + 1 : verb->name;
}

static void print_verbs(FILE *out, const struct embargo_verb *const *verbs)
{
	for (; *verbs; verbs++)
		if (!(*verbs)->hidden)
			fprintf(out, "  %-12s%s\n", last_word(*verbs), (*verbs)->summary);
}

void embargo_usage_program(FILE *out, const struct embargo_verb *const *verbs)
{
	fputs("usage: embargo VERB [OPTION]... [OPERAND]...\n"
	      "Keeps a banned vendor's software from running, from the date that the policy "
	      "names.\n"
	      "\n",
	      out);
	print_verbs(out, verbs);
	fputs("\n"
	      "  embargo help VERB says more of one; embargo --version prints the version.\n"
	      "Exit status: 0 yes or done, 1 no, denied or found, 2 wrong usage or failure.\n",
	      out);
}

void embargo_usage_verb(FILE *out, const struct embargo_verb *verb)
{
	const struct embargo_option *option = verb->options;
	const char *operands = verb->verbs ? "VERB" : verb->operands;

	fprintf(out, "usage: embargo %s%s%s%s\n%s\n", verb->name, option ? " [OPTION]..." : "",
		operands ? " " : "", operands ? operands : "", verb->summary);
	if (verb->details)
		fprintf(out, "%s\n", verb->details);
	fputc('\n', out);
	if (verb->verbs)
		print_verbs(out, verb->verbs);
	for (; option && option->name; option++)
		print_option(out, option);
	fprintf(out, "  %-*s%s\n", WIDTH - 2, "-h, --help", "print this");
}
