// SPDX-License-Identifier: GPL-2.0-or-later
/* The dynamic loader's cache and its order of search, over files that are made for it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/dynamic/search.h"
#include "tests/unit/unit.h"

#define NAMES "libx.so.1\0/one/libx.so.1\0/two/libx.so.1\0liby.so\0/one/liby.so\0/v3/libx.so.1"

struct row {
	uint32_t flags, name, file, kernel;
	uint64_t capabilities;
};

struct image {
	char magic[20];
	uint32_t count, size, flags, extensions, unused[3];
	struct row rows[4];
	char names[sizeof(NAMES)];
};

/* Names and files count from the beginning. */
#define AT(place) (offsetof(struct image, names) + (place))

static const struct image image = {
	.magic = "glibc-ld.so.cache1.1",
	.count = 4,
	.rows = { { 0x303, AT(0), AT(61), 0, UINT64_C(1) << 62 },
		  { 0x303, AT(0), AT(10), 0, 0 },
		  { 0x303, AT(40), AT(48), 0, 0 },
		  { 0x003, AT(0), AT(25), 0, 0 } },
	.names = NAMES,
};

static char cache_file[] = "/tmp/embargo-dynamic-XXXXXX";

static int read_cache(const void *bytes, size_t size, struct embargo_dynamic_cache **cache)
{
	_cleanup_close_ int fd = open(cache_file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, bytes, size), size);
	return embargo_dynamic_cache_read(cache_file, cache);
}

static void all_files_of_a_name(void **state)
{
	struct embargo_dynamic_cache *cache = NULL;
	size_t at = 0;

	(void)state;
	assert_int_equal(read_cache(&image, sizeof(image), &cache), 0);
	assert_string_equal(embargo_dynamic_cache_next(cache, "libx.so.1", &at), "/one/libx.so.1");
	assert_string_equal(embargo_dynamic_cache_next(cache, "libx.so.1", &at), "/two/libx.so.1");
	assert_null(embargo_dynamic_cache_next(cache, "libx.so.1", &at));
	at = 0;
	assert_null(embargo_dynamic_cache_next(cache, "libx.so", &at));
	assert_null(embargo_dynamic_cache_next(NULL, "libx.so.1", &at));
	embargo_dynamic_cache_close(cache);
}

/* Each cut, and each byte wrong: refused, or names that end where the file does. */
static void damaged_caches(void **state)
{
	struct embargo_dynamic_cache *cache = NULL;

	(void)state;
	for (size_t size = 0; size < sizeof(image); size++) {
		size_t at = 0;

		if (read_cache(&image, size, &cache))
			continue;
		assert_true(size >= offsetof(struct image, names));
		while (embargo_dynamic_cache_next(cache, "libx.so.1", &at))
			;
		embargo_dynamic_cache_close(cache);
	}
	for (size_t i = 0; i < sizeof(image); i++) {
		uint8_t bytes[sizeof(image)];
		size_t at = 0;

		memcpy(bytes, &image, sizeof(bytes));
		bytes[i] ^= 0xff;
		if (read_cache(bytes, sizeof(bytes), &cache)) {
			assert_true(i < sizeof(image.magic) + 4);
			continue;
		}
		while (embargo_dynamic_cache_next(cache, "libx.so.1", &at))
			;
		embargo_dynamic_cache_close(cache);
	}
	assert_int_equal(read_cache("ld.so-1.7.0", 11, &cache), -EBADMSG);
}

/* Notes where is looked, and finds nothing but what is named. */
struct asked {
	const char *there;
	char places[1024];
};

static bool fits(void *context, const char *path)
{
	struct asked *asked = context;

	strcat(strcat(asked->places, path), " ");
	return asked->there && !strcmp(asked->there, path);
}

static void expect(const struct embargo_dynamic_object *object, const char *name,
		   const char *places)
{
	struct asked asked = { .there = NULL };
	struct embargo_dynamic_cache *cache = NULL;
	struct embargo_dynamic_search search = { .fits = fits, .context = &asked };
	char found[PATH_MAX];

	assert_int_equal(read_cache(&image, sizeof(image), &cache), 0);
	search.cache = cache;
	assert_false(embargo_dynamic_search(&search, object, name, found));
	assert_string_equal(asked.places, places);
	embargo_dynamic_cache_close(cache);
}

static void order_of_search(void **state)
{
	struct embargo_dynamic_object program = { .path = "/opt/bin/tool", .rpath = "/p" };
	struct embargo_dynamic_object middle = { .path = "/opt/lib/m.so", .loader = &program };
	struct embargo_dynamic_object last = { .path = "/opt/l/l.so", .loader = &middle };

	(void)state;
	last.rpath = "$ORIGIN/x:/y::relative:$LIB/z:${ORIGIN}/../q:$ORIGINAL";
	expect(&last, "liby.so",
	       "/opt/l/x/liby.so /y/liby.so /opt/l/../q/liby.so /p/liby.so "
	       "/one/liby.so ");
	middle.rpath = "$ORIGIN";
	last.rpath = NULL;
	expect(&last, "liby.so", "/opt/lib/liby.so /p/liby.so /one/liby.so ");
	middle.runpath = "/r";
	expect(&last, "liby.so", "/p/liby.so /one/liby.so ");
	expect(&middle, "liby.so", "/r/liby.so /one/liby.so ");
	expect(&middle, "libx.so.1", "/r/libx.so.1 /one/libx.so.1 /two/libx.so.1 ");
	expect(&middle, "/a/b.so", "/a/b.so ");
	expect(&middle, "a/b.so", "");
}

static void the_loaders_own_folders(void **state)
{
	struct embargo_dynamic_object program = { .path = "/opt/bin/tool" };
	struct asked asked = { .there = "/usr/lib/libz.so" };
	struct embargo_dynamic_search search = { .fits = fits,
						 .context = &asked,
						 .interpreter = "/usr/bin/env" };
	char found[PATH_MAX];

	(void)state;
	assert_true(embargo_dynamic_search(&search, &program, "libz.so", found));
	assert_string_equal(found, "/usr/lib/libz.so");
	assert_string_equal(asked.places,
			    "/bin/libz.so /usr/bin/libz.so /lib/libz.so /usr/lib/libz.so ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_files_of_a_name),
		cmocka_unit_test(damaged_caches),
		cmocka_unit_test(order_of_search),
		cmocka_unit_test(the_loaders_own_folders),
	};
	int fd = mkstemp(cache_file), failed;

	if (fd < 0)
		return 2;
	close(fd);
	failed = cmocka_run_group_tests_name("dynamic", tests, NULL, NULL);
	unlink(cache_file);
	return failed;
}
