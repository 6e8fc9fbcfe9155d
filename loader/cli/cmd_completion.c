// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo completion bash`: the shell completion, written from the tables of verbs and options. */
#include <stdio.h>
#include <string.h>

#include "loader/base/log.h"
#include "loader/cli/commands.h"

static void print_names(const struct embargo_verb *const *verbs)
{
	for (; *verbs; verbs++) {
		const char *space = strrchr((*verbs)->name, ' ');

		if (!(*verbs)->hidden)
			printf(" %s", space ? space + 1 : (*verbs)->name);
	}
}

/* The values of each option that takes one; where there are none, the shell's default is files. */
static void print_values(const struct embargo_verb *verb)
{
	const struct embargo_option *option = verb->options;
	const char *word;

	for (; option && option->name; option++) {
		if (!option->argument)
			continue;
		printf("\t\"%s --%s\") words=\"", verb->name, option->name);
		for (size_t i = 0; option->choice && (word = option->choice(i)); i++)
			printf(" %s", word);
		puts("\" ;;");
	}
}

static void print_options(const struct embargo_verb *verb)
{
	const struct embargo_option *option = verb->options;

	printf("\t\"%s -\"*) words=\" --help", verb->name);
	for (; option && option->name; option++)
		printf(" --%s", option->name);
	puts("\" ;;");
}

static void print_verb(const struct embargo_verb *verb, void (*print)(const struct embargo_verb *))
{
	print(verb);
	for (size_t i = 0; verb->verbs && verb->verbs[i]; i++)
		print(verb->verbs[i]);
}

static void print_verbs(void (*print)(const struct embargo_verb *))
{
	for (size_t i = 0; embargo_verbs[i]; i++)
		if (!embargo_verbs[i]->hidden)
			print_verb(embargo_verbs[i], print);
}

/* `embargo policy <TAB>` and `embargo help <TAB>`: the words that follow a verb. */
static void print_below(void)
{
	for (size_t i = 0; embargo_verbs[i]; i++) {
		if (!embargo_verbs[i]->verbs)
			continue;
		printf("\t\"%s\") words=\"", embargo_verbs[i]->name);
		print_names(embargo_verbs[i]->verbs);
		puts("\" ;;");
	}
	fputs("\t\"help\") words=\"", stdout);
	print_names(embargo_verbs);
	puts("\" ;;");
}

static void print_bash(void)
{
	puts("# bash completion for embargo; written by `embargo completion bash`\n"
	     "_embargo()\n"
	     "{\n"
	     "\tlocal word=$2 verb=\"${COMP_WORDS[1]}\" below=\"${COMP_WORDS[2]}\" words=\n"
	     "\tCOMPREPLY=()\n"
	     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	     "\t\tverb= below=\n"
	     "\telif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
	     "\t\tbelow=\n"
	     "\tfi");
	puts("\tcase \"$verb\" in");
	for (size_t i = 0; embargo_verbs[i]; i++)
		if (embargo_verbs[i]->verbs)
			printf("\t\"%s\") [ -n \"$below\" ] && verb=\"$verb $below\" ;;\n",
			       embargo_verbs[i]->name);
	puts("\tesac\n"
	     "\tcase \"$verb\" in");
	fputs("\t\"\") words=\" --help --version help", stdout);
	print_names(embargo_verbs);
	puts("\" ;;");
	print_below();
	puts("\tesac\n"
	     "\tcase \"$verb $word\" in");
	print_verbs(print_options);
	puts("\tesac\n"
	     "\tcase \"$verb $3\" in");
	print_verbs(print_values);
	puts("\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	     "}\n"
	     "complete -o bashdefault -o default -F _embargo embargo");
}

int embargo_cmd_completion(int argc, char **argv)
{
	int status = embargo_options_parse(&embargo_verb_completion, &argc, &argv, NULL);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc != 1)
		return embargo_options_refuse(&embargo_verb_completion, argc ? argv[1] : NULL);
	if (strcmp(argv[0], "bash")) {
		embargo_log_error(argv[0], "no completion is written for this shell; bash has one");
		return EMBARGO_EXIT_FAILURE;
	}
	print_bash();
	return EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_completion = {
	.name = "completion",
	.operands = "bash",
	.summary = "print a shell completion",
	.run = embargo_cmd_completion,
	.hidden = 1,
};
