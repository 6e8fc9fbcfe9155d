// SPDX-License-Identifier: GPL-2.0-or-later
/* Loaded modules and their files, in trees made here. */
#include "loader/sweep/modules.h"

#include <sys/utsname.h>

#include "tests/unit/tree_fixture.h"

static void put_table(const char *text)
{
	struct utsname kernel;
	char path[256];

	uname(&kernel);
	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", kernel.release);
	put(path, text);
}

static void assert_file(const struct embargo_modules *modules, const char *name, const char *end)
{
	const char *file = embargo_modules_file(modules, name);
	size_t length = file ? strlen(file) : 0;

	assert_non_null(file);
	assert_int_equal(strncmp(file, root, strlen(root)), 0);
	assert_true(length > strlen(end));
	assert_string_equal(file + length - strlen(end), end);
}

static void names_lead_to_files(void **state)
{
	struct embargo_modules *modules;

	(void)state;
	put_table("kernel/net/a-b.ko.xz: kernel/net/c.ko kernel/d.ko\nkernel/net/c.ko:\n"
		  "updates/e.ko.zst:\nbroken\n: x\nkernel/.ko:\n");
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	assert_file(modules, "a_b", "/kernel/net/a-b.ko.xz");
	assert_file(modules, "c", "/kernel/net/c.ko");
	assert_file(modules, "e", "/updates/e.ko.zst");
	assert_null(embargo_modules_file(modules, "a-b"));
	assert_null(embargo_modules_file(modules, "d"));
	assert_null(embargo_modules_file(modules, ""));
	assert_null(embargo_modules_file(modules, "broken"));
	embargo_modules_close(modules);
}

static void no_table_is_no_files(void **state)
{
	struct embargo_modules *modules;

	(void)state;
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	assert_null(embargo_modules_file(modules, "dummy"));
	embargo_modules_close(modules);
}

static int add_name(void *context, const char *name)
{
	strcat(strcat(context, name), " ");
	return 0;
}

static void loaded_ones_are_told(void **state)
{
	static const char loaded[] = "dummy 16384 0 - Live 0x0000000000000000\n"
				     "a_b 20480 1 dummy, Live 0x0 (OE)\n../x 1 0 - Live 0x0\n";
	struct embargo_modules *modules;
	char names[64] = "";

	(void)state;
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	assert_int_equal(embargo_modules_each(modules, add_name, names), 0);
	assert_string_equal(names, "");
	put("proc/modules", loaded);
	assert_int_equal(embargo_modules_each(modules, add_name, names), 0);
	assert_string_equal(names, "dummy a_b ");
	embargo_modules_close(modules);
}

#define NOTE(name_size, size, type, owner, content) \
	name_size "\0\0\0" size "\0\0\0" type "\0\0\0" owner content

static void add_build_id(struct embargo_specimen *specimen, const char *hex)
{
	struct embargo_identity *identity =
		embargo_identities_add(&specimen->identities, EMBARGO_IDENTITY_BUILD_ID);

	assert_non_null(identity);
	assert_int_equal(embargo_identities_set(&specimen->identities, identity,
						embargo_identity_single(EMBARGO_IDENTITY_BUILD_ID),
						hex, strlen(hex)),
			 0);
}

static void build_ids_tell_files_apart(void **state)
{
	static const char note[] = NOTE("\4", "\4", "\3", "GNU\0", "\xab\xcd\xef\x01");
	struct embargo_specimen same = { .kind = 0 }, other = { .kind = 0 }, none = { .kind = 0 };
	struct embargo_modules *modules;

	(void)state;
	add_build_id(&same, "abcdef01");
	add_build_id(&other, "abcdef02");
	put_bytes("sys/module/dummy/notes/.note.gnu.build-id", note, sizeof(note) - 1);
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	assert_true(embargo_modules_is_file(modules, "dummy", &same));
	assert_false(embargo_modules_is_file(modules, "dummy", &other));
	assert_true(embargo_modules_is_file(modules, "dummy", &none));
	assert_true(embargo_modules_is_file(modules, "another", &other));
	embargo_modules_close(modules);
	embargo_specimen_free(&same);
	embargo_specimen_free(&other);
}

static void add_srcversion(struct embargo_specimen *specimen, const char *text)
{
	struct embargo_identity *identity =
		embargo_identities_add(&specimen->identities, EMBARGO_IDENTITY_MODINFO);

	assert_non_null(identity);
	assert_int_equal(embargo_identities_set(&specimen->identities, identity,
						EMBARGO_ATTRIBUTE_SRCVERSION, text, strlen(text)),
			 0);
}

/* Most modules have a build id too, which says as much; whoever builds one may leave it out. */
static void srcversions_tell_files_apart(void **state)
{
	static const char note[] = NOTE("\4", "\4", "\3", "GNU\0", "\xab\xcd\xef\x01");
	struct embargo_specimen same = { .kind = 0 }, other = { .kind = 0 }, none = { .kind = 0 };
	struct embargo_modules *modules;

	(void)state;
	add_srcversion(&same, "27BC6D5791F4236AF2BC572");
	add_srcversion(&other, "CCA3AEAA61AFA58D7528BC5");
	put("sys/module/dummy/srcversion", "27BC6D5791F4236AF2BC572\n");
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	assert_true(embargo_modules_is_file(modules, "dummy", &same));
	assert_false(embargo_modules_is_file(modules, "dummy", &other));
	assert_true(embargo_modules_is_file(modules, "dummy", &none));
	assert_true(embargo_modules_is_file(modules, "another", &other));
	/* One that agrees does not make up for one that does not. */
	add_build_id(&other, "abcdef01");
	add_build_id(&same, "abcdef02");
	put_bytes("sys/module/dummy/notes/.note.gnu.build-id", note, sizeof(note) - 1);
	assert_false(embargo_modules_is_file(modules, "dummy", &other));
	assert_false(embargo_modules_is_file(modules, "dummy", &same));
	put("sys/module/dummy/srcversion", "\n");
	assert_true(embargo_modules_is_file(modules, "dummy", &other));
	embargo_modules_close(modules);
	embargo_specimen_free(&same);
	embargo_specimen_free(&other);
}

static void broken_notes_are_none(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} notes[] = {
#define BROKEN(bytes) { bytes, sizeof(bytes) - 1 }
		BROKEN(""),
		BROKEN("\4\0\0\0\4\0\0\0"),
		BROKEN(NOTE("\4", "\4", "\3", "GNU\0", "\xab\xcd\xef")),
		BROKEN(NOTE("\4", "\4", "\3", "GN", "")),
		BROKEN(NOTE("\4", "\0", "\3", "GNU\0", "\xab\xcd\xef\x01")),
		BROKEN(NOTE("\4", "\4", "\1", "GNU\0", "\xab\xcd\xef\x01")),
		BROKEN(NOTE("\5", "\4", "\3", "GNU\0", "\xab\xcd\xef\x01")),
		BROKEN(NOTE("\4", "\x41", "\3", "GNU\0", "\xab\xcd\xef\x01")),
	};
	struct embargo_specimen other = { .kind = 0 };
	struct embargo_modules *modules;

	(void)state;
	add_build_id(&other, "abcdef02");
	assert_int_equal(embargo_modules_open(root, &modules), 0);
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		put_bytes("sys/module/dummy/notes/.note.gnu.build-id", notes[i].bytes,
			  notes[i].size);
		assert_true(embargo_modules_is_file(modules, "dummy", &other));
	}
	embargo_modules_close(modules);
	embargo_specimen_free(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_lead_to_files),	    TEST(no_table_is_no_files),
		TEST(loaded_ones_are_told),	    TEST(build_ids_tell_files_apart),
		TEST(srcversions_tell_files_apart), TEST(broken_notes_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
