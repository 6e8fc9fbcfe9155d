// SPDX-License-Identifier: GPL-2.0-or-later
/* Versions that are remembered: written and read back, older ones and others refused, and what is
 * left of a damaged file. */
#include <errno.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/trust/versions.h"
#include "tests/unit/policy_fixture.h"

static struct embargo_version make(const char *id, uint64_t version, char digest, bool is_signed)
{
	struct embargo_version made = { .version = version,
					.is_signed = is_signed,
					.seen = INT64_C(1600000000000000000) };

	snprintf(made.id, sizeof(made.id), "%s", id);
	memset(made.sha256.bytes, digest, sizeof(made.sha256.bytes));
	return made;
}

static void remember(const struct embargo_version *noted, size_t count)
{
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
	bool is_changed = false;

	for (size_t i = 0; i < count; i++)
		assert_int_equal(embargo_versions_note(&versions, &noted[i], &is_changed), 0);
	assert_int_equal(is_changed, count > 0);
	assert_int_equal(embargo_versions_write("versions", &versions), 0);
}

static void reads_back(void **state)
{
	const struct embargo_version noted[] = {
		make("a", 1, 'a', true), make("b", UINT64_C(9223372036854775807), 'b', false)
	};
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
	struct stat status;

	(void)state;
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_int_equal(versions.count, 0);
	assert_false(versions.is_damaged);
	remember(noted, ARRAY_SIZE(noted));
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_false(versions.is_damaged);
	assert_int_equal(versions.count, ARRAY_SIZE(noted));
	assert_memory_equal(versions.array, noted, sizeof(noted));
	/* Anybody may read it: `check` and people ask. */
	assert_int_equal(stat("versions", &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(access("versions.new", F_OK), -1);
}

static void remembers_the_highest(void **state)
{
	const struct embargo_version three = make("a", 3, 'a', true), two = make("a", 2, 'b', true),
				     other = make("a", 3, 'c', true);
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
	bool is_changed = false;

	(void)state;
	assert_int_equal(embargo_versions_note(&versions, &three, &is_changed), 0);
	assert_true(is_changed);
	is_changed = false;
	assert_int_equal(embargo_versions_note(&versions, &three, &is_changed), 0);
	assert_int_equal(embargo_versions_note(&versions, &two, &is_changed), 0);
	assert_false(is_changed);
	assert_memory_equal(versions.array, &three, sizeof(three));
	assert_int_equal(embargo_versions_note(&versions, &other, &is_changed), 0);
	assert_true(is_changed);
	assert_int_equal(versions.count, 1);
}

static void refuses_older_ones(void **state)
{
	static const struct {
		uint64_t version;
		char digest;
		bool is_signed;
		int error;
		const char *what, *remedy;
	} cases[] = {
		{ 3, 'x', true, 0, "", "" },
		{ 2, 'a', true, 0, "", "" },
		/* Two signed texts with one number. */
		{ 2, 'x', true, -ESTALE, "version 2 of 'a' is not the text that was in force here",
		  "raise the version" },
		/* Who signs nothing edits in place. */
		{ 2, 'x', false, 0, "", "" },
		{ 1, 'a', true, -ESTALE,
		  "version 1 of 'a' is older than version 2, in force here since "
		  "2020-09-13T12:26:40Z",
		  "embargo policy versions --forget a" },
		{ 1, 'a', false, -ESTALE, "version 1 of 'a' is older than version 2",
		  "embargo policy versions --forget a" },
	};
	const struct embargo_version former = make("a", 2, 'a', true);
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
	bool is_changed;

	(void)state;
	assert_int_equal(embargo_versions_note(&versions, &former, &is_changed), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct embargo_version version =
			make("a", cases[i].version, cases[i].digest, cases[i].is_signed);
		struct embargo_diagnostic diagnostic = {};

		assert_int_equal(embargo_versions_check(&versions, &version, &diagnostic),
				 cases[i].error);
		assert_ptr_equal(strstr(diagnostic.what, cases[i].what), diagnostic.what);
		assert_non_null(strstr(diagnostic.remedy, cases[i].remedy));
	}
	/* What was edited in place may be signed then. */
	versions.array[0].is_signed = false;
	assert_int_equal(embargo_versions_check(&versions,
						&(struct embargo_version) { .id = "a",
									    .version = 2,
									    .is_signed = true },
						NULL),
			 0);
}

static void forgets(void **state)
{
	const struct embargo_version noted[] = { make("a", 1, 'a', true), make("b", 2, 'b', true) };
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};

	(void)state;
	remember(noted, ARRAY_SIZE(noted));
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_int_equal(embargo_versions_forget(&versions, "c"), -ENOENT);
	assert_int_equal(embargo_versions_forget(&versions, "a"), 0);
	assert_int_equal(versions.count, 1);
	assert_string_equal(versions.array[0].id, "b");
}

/* Each cut and each wrong byte: damaged, and of what can be read nothing is invented. */
static void survives_damage(void **state)
{
	const struct embargo_version noted[] = { make("a", 7, 'a', true),
						 make("b", 8, 'b', false) };
	char text[1024], changed[1024];
	size_t size;
	FILE *file;

	(void)state;
	remember(noted, ARRAY_SIZE(noted));
	file = fopen("versions", "re");
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (size_t at = 0; at < 2 * size; at++) {
		_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
		bool is_cut = at >= size;

		memcpy(changed, text, size);
		changed[at % size] ^= 1;
		file = fopen("versions", "we");
		assert_int_equal(fwrite(changed, 1, is_cut ? at - size : size, file),
				 is_cut ? at - size : size);
		fclose(file);
		assert_int_equal(embargo_versions_read("versions", &versions), 0);
		assert_true(versions.is_damaged);
		assert_true(versions.count <= ARRAY_SIZE(noted));
	}
}

/* A line that is lost loses one policy; the file is kept for who wants to look. */
static void keeps_what_is_left(void **state)
{
	const struct embargo_version noted[] = { make("a", 7, 'a', true),
						 make("b", 8, 'b', false) };
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};

	(void)state;
	remember(noted, ARRAY_SIZE(noted));
	assert_int_equal(system("sed -i 's/^a 7 signed /a 7 sig\\x00ned /' versions"), 0);
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_true(versions.is_damaged);
	assert_int_equal(versions.count, 1);
	assert_memory_equal(&versions.array[0], &noted[1], sizeof(noted[1]));
	assert_int_equal(embargo_versions_write("versions", &versions), 0);
	assert_int_equal(access("versions.damaged", F_OK), 0);
	embargo_versions_free(&versions);
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_false(versions.is_damaged);
	assert_int_equal(versions.count, 1);
}

static void what_is_no_file_is_damaged(void **state)
{
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};

	(void)state;
	assert_int_equal(mkdir("versions", 0700), 0);
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_true(versions.is_damaged);
	assert_int_equal(embargo_versions_write("versions", &versions), 0);
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_false(versions.is_damaged);
}

static void has_a_bound(void **state)
{
	_cleanup_(embargo_versions_free) struct embargo_versions versions = {};
	struct embargo_version version = make("a", INT64_MAX, 'a', false);
	struct stat status;
	bool is_changed;

	(void)state;
	for (size_t i = 0; i < EMBARGO_VERSIONS_COUNT; i++) {
		memset(version.id, 'x', sizeof(version.id) - 1);
		version.id[snprintf(version.id, sizeof(version.id), "p%zu", i)] = 'x';
		assert_int_equal(embargo_versions_note(&versions, &version, &is_changed), 0);
	}
	version = make("one-too-many", 1, 'a', false);
	assert_int_equal(embargo_versions_note(&versions, &version, &is_changed), -E2BIG);
	assert_int_equal(embargo_versions_write("versions", &versions), 0);
	assert_int_equal(stat("versions", &status), 0);
	assert_true(status.st_size <= EMBARGO_VERSIONS_BYTES);
	embargo_versions_free(&versions);
	assert_int_equal(embargo_versions_read("versions", &versions), 0);
	assert_false(versions.is_damaged);
	assert_int_equal(versions.count, EMBARGO_VERSIONS_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(reads_back),
		IN_FOLDER(remembers_the_highest),
		IN_FOLDER(refuses_older_ones),
		IN_FOLDER(forgets),
		IN_FOLDER(survives_damage),
		IN_FOLDER(keeps_what_is_left),
		IN_FOLDER(what_is_no_file_is_damaged),
		IN_FOLDER(has_a_bound),
	};

	return cmocka_run_group_tests_name("versions", tests, NULL, NULL);
}
