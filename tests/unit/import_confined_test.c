// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that reads what is imported: what it finds comes through, and it can do nothing else.
 */
#include "loader/import/confined.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "tests/unit/unit.h"

struct taken {
	struct embargo_import_entry entry;
	char name[2 * EMBARGO_IMPORT_TEXT], provenance[64], supplier[64], note[64], type[64];
	size_t entries;
	int answer; /* to each entry */
};

static int take_entry(void *context, const struct embargo_import_entry *entry)
{
	struct taken *taken = context;

	taken->entry = *entry;
	snprintf(taken->name, sizeof(taken->name), "%s", entry->name);
	snprintf(taken->provenance, sizeof(taken->provenance), "%s", entry->provenance);
	snprintf(taken->supplier, sizeof(taken->supplier), "%s",
		 entry->supplier ? entry->supplier : "NULL");
	taken->entries++;
	return taken->answer;
}

static int take_package(void *context, const struct embargo_import_package *package)
{
	struct taken *taken = context;

	snprintf(taken->type, sizeof(taken->type), "%s", package->type);
	return 0;
}

static int take_supplier(void *context, const char *name, uint64_t count)
{
	struct taken *taken = context;

	snprintf(taken->supplier, sizeof(taken->supplier), "%s %llu", name,
		 (unsigned long long)count);
	return 0;
}

static int take_note(void *context, const char *text)
{
	struct taken *taken = context;

	snprintf(taken->note, sizeof(taken->note), "%s", text);
	return 0;
}

static int take_progress(void *context, uint64_t done, uint64_t total)
{
	(void)context, (void)done, (void)total;
	return 0;
}

static struct embargo_diagnostic diagnostic;

static int read_by(int (*read)(struct embargo_import *import), struct taken *taken)
{
	const struct embargo_import_taker taker = { taken,	   take_entry, take_package,
						    take_supplier, take_note,  take_progress };
	const struct embargo_import_choice choice = { .takes_all = true };
	const struct embargo_import_format format = { .name = "test", .read = read };
	_cleanup_close_ int fd = unit_file("content", 7);
	struct embargo_import import = {
		.path = "source",
		.fd = fd,
		.choice = &choice,
		.taker = &taker,
		.diagnostic = &diagnostic,
	};
	int error;

	diagnostic = (struct embargo_diagnostic) { .line = 0 };
	error = embargo_import_read_confined(&format, &import);
	/* Whatever came of it, the process is gone. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return error;
}

static int say_all(struct embargo_import *import)
{
	const struct embargo_import_taker *taker = import->taker;
	char content[8] = "";
	const struct embargo_import_entry entry = {
		.digest.bytes = { 1, 2, 3 },
		.sized = true,
		.size = UINT64_C(1) << 40,
		.kind = EMBARGO_KIND_ELF,
		.name = content,
		.provenance = "",
		.from = 5,
		.until = INT64_MAX,
	};
	const struct embargo_import_package package = { "deb", "name", "", NULL };

	if (pread(import->fd, content, 7, 0) != 7)
		return -EIO;
	if (taker->entry(taker->context, &entry) || taker->package(taker->context, &package) ||
	    taker->supplier(taker->context, "somebody", 9) ||
	    taker->note(taker->context, "a note") || taker->progress(taker->context, 1, 2))
		return -EPIPE;
	return import->choice->takes_all ? 0 : -EINVAL;
}

static void test_all_comes_through(void **state)
{
	struct taken taken = { .answer = 0 };

	(void)state;
	assert_int_equal(read_by(say_all, &taken), 0);
	assert_int_equal(taken.entries, 1);
	assert_string_equal(taken.name, "content");
	assert_string_equal(taken.provenance, "");
	assert_string_equal(taken.supplier, "somebody 9");
	assert_string_equal(taken.note, "a note");
	assert_string_equal(taken.type, "deb");
	assert_int_equal(taken.entry.digest.bytes[2], 3);
	assert_true(taken.entry.sized && taken.entry.size == UINT64_C(1) << 40);
	assert_true(taken.entry.kind == EMBARGO_KIND_ELF);
	assert_true(taken.entry.from == 5 && taken.entry.until == INT64_MAX);
}

static int refuse_all(struct embargo_import *import)
{
	embargo_diagnostic_at(import->diagnostic, "there", 3, 4);
	embargo_diagnostic_remedy(import->diagnostic, "mend it");
	return embargo_diagnostic_what(import->diagnostic, -EINVAL, "is wrong");
}

static void test_refusal_comes_through(void **state)
{
	struct taken taken = { .answer = 0 };
	char text[512];

	(void)state;
	assert_int_equal(read_by(refuse_all, &taken), -EINVAL);
	assert_string_equal(embargo_diagnostic_format(&diagnostic, text, sizeof(text)),
			    "there:3:4: is wrong; mend it");
}

static int say_long(struct embargo_import *import)
{
	char name[2 * EMBARGO_IMPORT_TEXT];
	const struct embargo_import_entry entry = { .name = name, .provenance = "" };

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	return import->taker->entry(import->taker->context, &entry);
}

static void test_long_texts_are_cut(void **state)
{
	struct taken taken = { .answer = 0 };

	(void)state;
	assert_int_equal(read_by(say_long, &taken), 0);
	assert_int_equal(strlen(taken.name), EMBARGO_IMPORT_TEXT - 1);
}

/* What it tries, and may not: the note says what came of it. */
static int try_things(struct embargo_import *import)
{
	/* Not for the compiler to leave out. */
	void *volatile much = malloc(EMBARGO_IMPORT_MEMORY);
	char text[128];
	int opened = open("/etc/passwd", O_RDONLY), connected = socket(AF_INET, SOCK_STREAM, 0);
	int forked = fork();
	int written = pwrite(import->fd, "x", 1, 0) == 1;

	snprintf(text, sizeof(text), "%d %d %d %d %d %d", opened, connected, forked, written,
		 much != NULL, kill(getppid(), 0));
	free(much);
	return import->taker->note(import->taker->context, text);
}

/* A sanitizer's shadow takes more address space than the bound leaves: it has none. */
#ifdef __SANITIZE_ADDRESS__
#define MUCH "1"
#else
#define MUCH "0"
#endif

static void test_it_can_do_nothing_else(void **state)
{
	struct taken taken = { .answer = 0 };

	(void)state;
	assert_int_equal(read_by(try_things, &taken), 0);
	assert_string_equal(taken.note, "-1 -1 -1 0 " MUCH " -1");
}

static int die(struct embargo_import *import)
{
	(void)import;
	__builtin_trap();
}

static void test_it_dies(void **state)
{
	struct taken taken = { .answer = 0 };

	(void)state;
	assert_int_equal(read_by(die, &taken), -EPIPE);
	assert_non_null(strstr(diagnostic.what, "came to no end"));
	assert_non_null(strstr(diagnostic.remedy, "--unconfined"));
}

/* It is no longer what it was: texts that are missing, sayings that are none. */
static int say_nothing_of_it(struct embargo_import *import)
{
	const struct embargo_import_entry entry = { .name = NULL, .provenance = "" };

	return import->taker->entry(import->taker->context, &entry);
}

static int say_no_kind(struct embargo_import *import)
{
	const struct embargo_import_entry entry = {
		.name = "",
		.provenance = "",
		.kind = (enum embargo_kind)77,
	};

	return import->taker->entry(import->taker->context, &entry);
}

static int say_bytes(struct embargo_import *import)
{
	char bytes[4096];

	(void)import;
	memset(bytes, 0x7f, sizeof(bytes));
	return write(4, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes) ? 0 : -EIO;
}

static void test_it_is_not_believed(void **state)
{
	int (*const lies[])(struct embargo_import * import) = { say_nothing_of_it, say_no_kind,
								say_bytes };
	struct taken taken = { .answer = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++)
		assert_int_equal(read_by(lies[i], &taken), -EPIPE);
	assert_int_equal(taken.entries, 0);
}

static int say_forever(struct embargo_import *import)
{
	const struct embargo_import_entry entry = { .name = "", .provenance = "" };
	int error = 0;

	while (!error)
		error = import->taker->entry(import->taker->context, &entry);
	return error;
}

static void test_the_taker_ends_it(void **state)
{
	struct taken taken = { .answer = -E2BIG };

	(void)state;
	assert_int_equal(read_by(say_forever, &taken), -E2BIG);
	assert_int_equal(taken.entries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_comes_through),
		cmocka_unit_test(test_refusal_comes_through),
		cmocka_unit_test(test_long_texts_are_cut),
		cmocka_unit_test(test_it_can_do_nothing_else),
		cmocka_unit_test(test_it_dies),
		cmocka_unit_test(test_it_is_not_believed),
		cmocka_unit_test(test_the_taker_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
