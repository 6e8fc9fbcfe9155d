// SPDX-License-Identifier: GPL-2.0-or-later
/* Packages taken apart: each compression by its own tool, names, links, and what is code. */
#include "loader/members/look.h"

#include <errno.h>

#include "loader/base/hex.h"
#include "loader/crypto/sha256.h"
#include "tests/unit/members_fixture.h"

static void expect(const struct bytes *package, const char *name, const char *found)
{
	struct walk walked = walk(package);

	if (walked.result || strcmp(walked.found, found))
		fail_msg("%s: %d, %s: %s", name, walked.result, walked.diagnostic.what,
			 walked.found);
}

/* --- what is found -------------------------------------------------------------------------------
 */

static void reads_each_compression(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		_cleanup_(free_bytes) struct bytes deb = {}, rpm = {};

		if (!has_tool(methods[i].command)) {
			print_message("# without %s\n", methods[i].command);
			continue;
		}
		deb = make_deb(methods[i].name,
			       filter(methods[i].command, make_tar(tree, ARRAY_SIZE(tree))));
		expect(&deb, methods[i].name, TREE);
		rpm = make_rpm(filter(methods[i].command, make_cpio(tree, ARRAY_SIZE(tree))));
		expect(&rpm, methods[i].command, TREE);
	}
}

static void reads_however_the_bytes_come(void **state)
{
	_cleanup_(free_bytes) struct bytes deb =
		make_deb("data.tar.gz", filter("gzip -nc", make_tar(tree, ARRAY_SIZE(tree))));

	(void)state;
	for (size_t step = 1; step < 100; step += 7) {
		struct stream stream = { .bytes = &deb, .step = step };
		struct walk walked = walk_stream(&stream, UINT64_MAX);

		assert_int_equal(walked.result, 0);
		assert_string_equal(walked.found, TREE);
	}
}

/* Nothing is ever written: a name is what a list will show, and no more. */
static void names_are_names(void **state)
{
	static const struct {
		const char *path, *found;
	} names[] = {
		{ "usr/bin/x", "/usr/bin/x" },
		{ "/usr/bin/x", "/usr/bin/x" },
		{ ".//./x", "/x" },
		{ "./../../../etc/passwd", "/../../../etc/passwd" },
		{ "..", "/.." },
		{ "./\xff\xfe\n\x1b[2J", "/\xff\xfe\n\x1b[2J" },
		{ "./\xc3\xa4", "/\xc3\xa4" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct entry entry = { names[i].path, 0100644, "x" };
		_cleanup_(free_bytes) struct bytes deb = make_deb("data.tar", make_tar(&entry, 1));
		_cleanup_(free_bytes) struct bytes rpm = make_rpm(make_cpio(&entry, 1));
		char found[128];

		snprintf(found, sizeof(found), "%s x; ", names[i].found);
		expect(&deb, names[i].path, found);
		expect(&rpm, names[i].path, found);
	}
}

/* Of the names of one file, the last brings its bytes in a cpio, and the first in a tar. */
static void a_file_of_several_names_is_read_once(void **state)
{
	struct bytes cpio = {};

	(void)state;
	put_cpio(&cpio, &(const struct entry) { "./a", 0100755, "" });
	put_cpio(&cpio, &(const struct entry) { "./b", 0100755, "bytes" });
	put_cpio(&cpio, &(const struct entry) { "TRAILER!!!", 0, "" });
	/* Of both: inode 7, two links. */
	for (size_t at = 0; at + 110 < cpio.size; at++)
		if (!memcmp(cpio.data + at, "070701", 6) && cpio.data[at + 110] == '.') {
			memcpy(cpio.data + at + 6, "00000007", 8);
			memcpy(cpio.data + at + 38, "00000002", 8);
		}
	cpio = make_rpm(cpio);
	expect(&cpio, "links", "/b* bytes; ");
	free_bytes(&cpio);
}

static void payload_is_what_its_digest_says(void **state)
{
	static const struct {
		const char *name;
		uint8_t type, algorithm;
		size_t flip; /* of the digest's text: which of its characters, counted from 1 */
		char to;
		bool is_refused, is_longer;
	} rows[] = {
		{ "its own", 8, 8, 0, 0, false, false },
		{ "a single text", 6, 8, 0, 0, false, false },
		{ "another", 8, 8, 1, 'x', true, false },
		{ "of another end", 8, 8, 64, 'x', true, false },
		{ "no digit", 8, 8, 5, 'g', true, false },
		{ "too short", 8, 8, 64, '\0', true, false },
		{ "a number for a text", 4, 8, 0, 0, true, false },
		{ "by SHA-512", 8, 10, 1, 'x', false, false },
		{ "something behind it", 8, 8, 0, 0, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows) * 3; i++) {
		static const size_t steps[] = { SIZE_MAX, 1, 7 };
		struct bytes payload = filter("gzip -nc", make_cpio(tree, ARRAY_SIZE(tree)));
		_cleanup_(free_bytes) struct bytes rpm = {};
		char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];
		struct stream stream = { .bytes = &rpm, .step = steps[i % 3] };
		struct embargo_digest digest;
		struct walk walked;
		size_t row = i / 3, at = rows[row].flip - 1;

		assert_int_equal(embargo_sha256_memory(payload.data, payload.size, &digest), 0);
		embargo_hex_format(digest.bytes, sizeof(digest.bytes), hex);
		if (rows[row].flip)
			hex[at] = rows[row].to == 'x' ? (hex[at] == '0' ? '1' : '0') : rows[row].to;
		rpm = make_stating_rpm(payload, hex, rows[row].type, rows[row].algorithm);
		if (rows[row].is_longer)
			put(&rpm, "x", 1);
		walked = walk_stream(&stream, UINT64_MAX);
		if (rows[row].is_refused) {
			if (walked.result != -EBADMSG ||
			    !strstr(walked.diagnostic.what, "its header has the digest of"))
				fail_msg("%s: %d: %s", rows[row].name, walked.result,
					 walked.diagnostic.what);
		} else if (walked.result || strcmp(walked.found, TREE)) {
			fail_msg("%s: %d: %s", rows[row].name, walked.result,
				 walked.diagnostic.what);
		}
	}
}

/* --- looking -------------------------------------------------------------------------------------
 */

static void tells_code_by_content_and_mode(void **state)
{
	static const struct {
		struct entry entry;
		bool is_code;
		enum embargo_kind kind;
	} rows[] = {
		{ { "a", 0100644, "\177ELF..." }, true, EMBARGO_KIND_ELF },
		{ { "b", 0100644, "#!/bin/sh\n" }, true, EMBARGO_KIND_SCRIPT },
		{ { "c", 0100644, "MZ..." }, true, EMBARGO_KIND_PE },
		{ { "d", 0100755, "text" }, true, EMBARGO_KIND_UNKNOWN },
		{ { "e", 0100601, "text" }, true, EMBARGO_KIND_UNKNOWN },
		{ { "f", 0100644, "text" }, false, EMBARGO_KIND_UNKNOWN },
		{ { "g", 0104644, "text" }, false, EMBARGO_KIND_UNKNOWN },
		{ { "h", 0100644, "!<arch>\ndebian-binary   " }, true, EMBARGO_KIND_PACKAGE },
		{ { "i", 0100644, "\x1f\x8b\x08 gzip" }, false, EMBARGO_KIND_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(free_bytes) struct bytes deb =
			make_deb("data.tar", make_tar(&rows[i].entry, 1));
		struct stream stream = { .bytes = &deb, .step = SIZE_MAX };
		const struct embargo_members_source source = { .context = &stream, .read = give };
		struct embargo_diagnostic diagnostic = { .line = 0 };
		struct embargo_members *members = NULL;
		struct embargo_member member;
		struct embargo_look look;

		assert_int_equal(embargo_members_open(&source, UINT64_MAX, &diagnostic, &members),
				 0);
		assert_int_equal(embargo_members_next(members, &member), 1);
		assert_int_equal(embargo_look(members, &member, false, &look), 0);
		if (look.is_code != rows[i].is_code || look.kind != rows[i].kind)
			fail_msg("%s: %d %d", rows[i].entry.path, look.is_code, look.kind);
		if (look.is_code)
			assert_int_equal(look.file.size, strlen(rows[i].entry.content));
		embargo_members_close(members);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_compression),
		cmocka_unit_test(reads_however_the_bytes_come),
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(a_file_of_several_names_is_read_once),
		cmocka_unit_test(payload_is_what_its_digest_says),
		cmocka_unit_test(tells_code_by_content_and_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
