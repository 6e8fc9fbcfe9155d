// SPDX-License-Identifier: GPL-2.0-or-later
/* Packages that are hostile: a table of damage, cuts, wrong bytes, and bombs. */
#include <errno.h>

#include "tests/unit/members_fixture.h"

static void expect_refused(struct bytes *package, const char *name, int error, const char *what)
{
	struct walk walked = walk(package);

	if (walked.result != error || !strstr(walked.diagnostic.what, what))
		fail_msg("%s: %d: %s; %s", name, walked.result, walked.diagnostic.what,
			 walked.diagnostic.remedy);
	free_bytes(package);
}

/* --- what is refused -----------------------------------------------------------------------------
 */

static struct bytes small_tar(void)
{
	return make_tar(&tree[1], 1);
}

static struct bytes text(const char *text)
{
	struct bytes bytes = {};

	put(&bytes, text, strlen(text));
	return bytes;
}

static struct bytes two_data(void)
{
	struct bytes deb = make_deb("data.tar", small_tar()), tar = small_tar();

	put_member(&deb, "data.tar.gz", tar.data, tar.size);
	free_bytes(&tar);
	return deb;
}

static struct bytes many_members(void)
{
	struct bytes deb = make_deb(NULL, (struct bytes) {});

	for (int i = 0; i < EMBARGO_MEMBERS_PARTS; i++)
		put_member(&deb, "_x", "x", 1);
	return deb;
}

static struct bytes wrong_sum(void)
{
	struct bytes tar = small_tar();

	tar.data[3] ^= 1;
	return make_deb("data.tar", tar);
}

static struct bytes garbage_before(void)
{
	struct bytes cpio = text("070701 nonsense that is skipped by who searches for a header"),
		     rest;

	rest = make_cpio(tree, ARRAY_SIZE(tree));
	put(&cpio, rest.data, rest.size);
	free_bytes(&rest);
	return make_rpm(cpio);
}

static struct bytes no_trailer(void)
{
	struct bytes cpio = {};

	put_cpio(&cpio, &tree[1]);
	return make_rpm(cpio);
}

static struct bytes long_name(void)
{
	char path[EMBARGO_MEMBERS_PATH + 10];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	return make_rpm(make_cpio(&(const struct entry) { path, 0100644, "x" }, 1));
}

static struct bytes flipped(const char *command, struct bytes bytes, size_t from_end)
{
	bytes = filter(command, bytes);
	bytes.data[bytes.size - from_end] ^= 0x10;
	return bytes;
}

static void says_what_is_wrong(void **state)
{
	const struct {
		const char *name;
		struct bytes package;
		int error;
		const char *what;
	} rows[] = {
		{ "nothing", text(""), -EBADMSG, "no Debian or RPM package" },
		{ "text", text("hello"), -EBADMSG, "no Debian or RPM package" },
		{ "another ar", text("!<arch>\nlibrary.o/      "), -EBADMSG, "no Debian or RPM" },
		{ "magic alone", text("!<arch>\ndebian-binary   "), -EBADMSG,
		  "without a data.tar" },
		{ "no data", make_deb(NULL, (struct bytes) {}), -EBADMSG, "without a data.tar" },
		{ "other data", make_deb("data.tart", small_tar()), -EBADMSG,
		  "without a data.tar" },
		{ "empty data", make_deb("data.tar", text("")), -EBADMSG, "its data.tar: damaged" },
		{ "second data", two_data(), -EBADMSG, "a second data.tar" },
		{ "members", many_members(), -EFBIG, "more than 64 members" },
		{ "unknown method", make_deb("data.tar.lz4", text("\x04\x22\x4d\x18....")),
		  -ENOTSUP, "its data.tar: compressed by a method that is not known here" },
		{ "wrong sum", wrong_sum(), -EBADMSG, "the files in its data.tar: damaged" },
		{ "no tar", make_deb("data.tar.gz", filter("gzip -nc", text("no tar"))), -EBADMSG,
		  "the files in its data.tar: damaged" },
		{ "gzip's sum", make_deb("data.tar.gz", flipped("gzip -nc", small_tar(), 6)),
		  -EBADMSG, "damaged" },
		{ "xz's sum", make_deb("data.tar.xz", flipped("xz -c", small_tar(), 40)), -EBADMSG,
		  "damaged" },
		{ "zstd's sum", make_deb("data.tar.zst", flipped("zstd -qc", small_tar(), 2)),
		  -EBADMSG, "damaged" },
		{ "no headers", text("\xed\xab\xee\xdb...."), -EBADMSG, "its headers: damaged" },
		{ "no payload", make_rpm(text("")), -EBADMSG, "its headers: damaged" },
		{ "unknown payload", make_rpm(text("\x04\x22\x4d\x18................")), -ENOTSUP,
		  "its payload: compressed by a method that is not known here" },
		{ "stripped", make_rpm(filter("gzip -nc", text("07070X00000000"))), -ENOTSUP,
		  "its payload: in the form for files of 4 GiB" },
		{ "garbage", garbage_before(), -EBADMSG, "the files in its payload: damaged" },
		{ "no trailer", no_trailer(), -EBADMSG, "the files in its payload: damaged" },
		{ "long name", long_name(), -EFBIG, "which no host can have" },
		{ "tar in an RPM", make_rpm(small_tar()), -EBADMSG, "the files in its payload" },
		{ "cpio in a DEB", make_deb("data.tar", make_cpio(tree, 2)), -EBADMSG,
		  "the files in its data.tar" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct bytes package = rows[i].package;

		expect_refused(&package, rows[i].name, rows[i].error, rows[i].what);
	}
}

static void says_what_the_source_said(void **state)
{
	_cleanup_(free_bytes) struct bytes deb = make_deb("data.tar", small_tar());
	struct stream stream = { .bytes = &deb, .step = SIZE_MAX, .error = -EIO };
	struct walk walked;

	(void)state;
	deb.size /= 2;
	walked = walk_stream(&stream, UINT64_MAX);
	assert_int_equal(walked.result, -EIO);
	assert_non_null(strstr(walked.diagnostic.what, "Input/output error"));
}

/* A package that was cut off is never taken for a smaller one. */
static void survives_each_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(methods); i++) {
		const char *command = methods[i / 2].command;
		_cleanup_(free_bytes) struct bytes package = {};
		size_t whole;

		if (!has_tool(command))
			continue;
		if (i % 2)
			package = make_rpm(filter(command, make_cpio(tree, ARRAY_SIZE(tree))));
		else
			package = make_deb(methods[i / 2].name,
					   filter(command, make_tar(tree, ARRAY_SIZE(tree))));
		whole = package.size;
		while (package.size-- > 0) {
			struct walk walked = walk(&package);

			/* But for what pads the ar. */
			if (!walked.result && strcmp(walked.found, TREE))
				fail_msg("%s, cut at %zu of %zu: %s", command, package.size, whole,
					 walked.found);
		}
	}
}

static void survives_wrong_bytes(void **state)
{
	static const uint8_t wrong[] = { 0, 0xff, 0x80, '0', '7' };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(free_bytes) struct bytes package =
			i ? make_rpm(make_cpio(tree, ARRAY_SIZE(tree)))
			  : make_deb("data.tar", make_tar(tree, ARRAY_SIZE(tree)));

		for (size_t at = 0; at < package.size; at++)
			for (size_t j = 0; j < ARRAY_SIZE(wrong); j++) {
				const uint8_t right = package.data[at];

				package.data[at] = wrong[j];
				walk(&package);
				package.data[at] = right;
			}
	}
}

/* --- bombs ---------------------------------------------------------------------------------------
 */

static void a_bomb_ends_at_the_limit(void **state)
{
	static const char *const commands[] = {
		"sh -c '{ cat; head -c 200000000 /dev/zero; } | gzip -nc'",
		"sh -c '{ cat; head -c 200000000 /dev/zero; } | zstd -qc'",
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(commands); i++) {
		/* A file of 8 GiB, by its header; and what never comes to a header at all. */
		struct bytes tar = small_tar(), cpio = {};
		_cleanup_(free_bytes) struct bytes package = {};
		struct stream stream = { .bytes = &package, .step = SIZE_MAX };
		struct walk walked;

		if (!has_tool("zstd"))
			continue;
		put_cpio(&cpio, &tree[1]);
		if (i % 2)
			package = make_rpm(filter(commands[i / 2], cpio));
		else
			package = make_deb("data.tar.x", filter(commands[i / 2], tar));
		free_bytes(i % 2 ? &tar : &cpio);
		walked = walk_stream(&stream, 1 << 20);
		if (walked.result != -EFBIG || !strstr(walked.diagnostic.what, "more than 1 MiB"))
			fail_msg("%s: %d: %s", commands[i / 2], walked.result,
				 walked.diagnostic.what);
	}
}

/* A hole of a tebibyte takes some bytes of a tar. */
static void a_hole_ends_at_the_limit(void **state)
{
	static const char command[] = "sh -c 'd=$(mktemp -d) && truncate -s 1T $d/x && "
				      "tar --format=gnu -C $d -Scf - x; rm -r $d'";
	_cleanup_(free_bytes) struct bytes deb = make_deb("data.tar", filter(command, text(" ")));
	struct stream stream = { .bytes = &deb, .step = SIZE_MAX };
	struct walk walked = walk_stream(&stream, 1 << 20);

	(void)state;
	if (walked.result != -EFBIG || !strstr(walked.diagnostic.what, "more than 1 MiB"))
		fail_msg("%d: %s: %s", walked.result, walked.diagnostic.what, walked.found);
}

/* Entries without end: a header of a cpio again and again. */
static ssize_t give_entries(void *context, void *buffer, size_t size)
{
	struct stream *stream = context;
	const size_t head = 96 + 16 + 16, entry = stream->bytes->size - head;
	char *out = buffer;

	for (size_t i = 0; i < size; i++, stream->at++)
		out[i] = (char)stream->bytes
				 ->data[stream->at < head ? stream->at
							  : head + (stream->at - head) % entry];
	return (ssize_t)size;
}

static void entries_without_end_end(void **state)
{
	struct bytes cpio = {};
	struct stream stream = { .at = 0 };
	const struct embargo_members_source source = { .context = &stream, .read = give_entries };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct embargo_members *members = NULL;
	struct embargo_member member;
	int error;

	(void)state;
	put_cpio(&cpio, &(const struct entry) { "d", 040755, "" });
	cpio = make_rpm(cpio);
	stream.bytes = &cpio;
	error = embargo_members_open(&source, UINT64_MAX, &diagnostic, &members);
	assert_int_equal(error, 0);
	assert_int_equal(embargo_members_next(members, &member), -EFBIG);
	assert_non_null(strstr(diagnostic.what, "more than 1048576 files"));
	embargo_members_close(members);
	free_bytes(&cpio);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(says_what_the_source_said),
		cmocka_unit_test(survives_each_cut),
		cmocka_unit_test(survives_wrong_bytes),
		cmocka_unit_test(a_bomb_ends_at_the_limit),
		cmocka_unit_test(a_hole_ends_at_the_limit),
		cmocka_unit_test(entries_without_end_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
