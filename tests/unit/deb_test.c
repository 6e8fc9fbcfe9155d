// SPDX-License-Identifier: GPL-2.0-or-later
/* Debian packages: archive, tar and control file byte by byte, signatures, and damage. */
#include "loader/text/stanza.h"
#include "tests/unit/ar.h"
#include "tests/unit/reader.h"

#define CONTROL                                                                               \
	"Package: kesl\nVersion: 12.0-3\nmaintainer:  AO Example <a@example.org> \n"          \
	"Vendor: AO Example\nDescription: a package\n Package: not this one\n\nPackage: nor " \
	"this\n"
#define PACKAGE                                                                                \
	"package name=kesl, version=12.0-3, maintainer=AO Example <a@example.org>, vendor=AO " \
	"Example; "
#define SIGNATURE "\xc2\x0f\3\5\0\1\2\3\4signkey."
#define SIGNER	  "openpgp 7369676e6b65792e; "

struct bytes {
	uint8_t bytes[8192];
	size_t size;
};

static void put(struct bytes *bytes, const void *content, size_t size)
{
	memcpy(bytes->bytes + bytes->size, content, size);
	bytes->size += size;
}

static void put_entry(struct bytes *tar, const char *name, char type, const char *content)
{
	char header[512] = "";
	size_t size = strlen(content);

	snprintf(header, sizeof(header), "%s", name);
	snprintf(header + 124, 12, "%011o", (unsigned)size & 07777777);
	header[156] = type;
	put(tar, header, sizeof(header));
	put(tar, content, size);
	tar->size = (tar->size + 511) & ~511u;
}

static void put_member(struct bytes *deb, const char *name, const void *content, size_t size)
{
	deb->size += ar_member(deb->bytes + deb->size, name, content, size);
}

static struct bytes make_deb(const char *name, char type, const char *control)
{
	struct bytes deb = {}, tar = {};

	put_entry(&tar, "./", '5', "");
	put_entry(&tar, "./md5sums", '0', "x");
	put_entry(&tar, name, type, control);
	tar.size += 1024;
	put(&deb, "!<arch>\n", 8);
	put_member(&deb, "debian-binary", "2.0\n", 4);
	put_member(&deb, "control.tar", tar.bytes, tar.size);
	put_member(&deb, "data.tar", "xyz", 3);
	put_member(&deb, "_gpgorigin", SIGNATURE, sizeof(SIGNATURE) - 1);
	return deb;
}

static struct embargo_specimen look(const struct bytes *deb)
{
	return unit_read(embargo_deb_read, EMBARGO_KIND_PACKAGE, deb->bytes, deb->size);
}

static void expect(const struct bytes *deb, const char *name, const char *identities,
		   const char *fault)
{
	struct embargo_specimen specimen = look(deb);

	if (strcmp(unit_identities(&specimen), identities) || strcmp(unit_fault(&specimen), fault))
		fail_msg("%s: \"%s\", and %s", name, unit_fault(&specimen),
			 unit_identities(&specimen));
	embargo_specimen_free(&specimen);
}

static void finds_the_control_file(void **state)
{
	static const struct {
		const char *name;
		char type;
		bool is_one;
	} names[] = {
		{ "./control", '0', true },    { "control", '0', true },
		{ ".//./control", '0', true }, { "/control", '0', true },
		{ "./control", '\0', true },   { "./control", '7', true },
		{ "./control", '2', false },   { "./controls", '0', false },
		{ "x/control", '0', false },   { "../control", '0', false },
		{ "./contro", '0', false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct bytes deb = make_deb(names[i].name, names[i].type, CONTROL);

		expect(&deb, names[i].name, names[i].is_one ? PACKAGE SIGNER : SIGNER,
		       names[i].is_one ? "" : "DEB control.tar: without a control file");
	}
}

/* dpkg takes the last, this takes all. */
static void a_second_control_file_hides_nothing(void **state)
{
	struct bytes deb = {}, tar = {};

	(void)state;
	put_entry(&tar, "./control", '0', "Package: harmless\n");
	put_entry(&tar, "./control", '0', "Package: kesl\n");
	put(&deb, "!<arch>\n", 8);
	put_member(&deb, "control.tar/", tar.bytes, tar.size);
	expect(&deb, "two", "package name=harmless; package name=kesl; ", "");
}

/* Of archives it takes the first, and a crowd costs no time. */
static void a_second_control_archive_is_a_fault(void **state)
{
	struct bytes deb = make_deb("./control", '0', CONTROL);

	(void)state;
	put_member(&deb, "control.tar.gz", "x", 1);
	expect(&deb, "two archives", PACKAGE SIGNER, "DEB archive: a second control.tar");
}

static void says_what_is_broken(void **state)
{
	const size_t control = 8 + 60 + 4;	 /* the header of control.tar */
	const size_t entry = control + 60 + 512; /* of md5sums in it */
	const struct {
		const char *name, *fault;
		size_t at;
		const char *text, *identities;
	} damages[] = {
		{ "a member behind the file", "DEB archive: a member ends behind the file",
		  control + 48, "999999", "" },
		{ "a size that is none", "DEB archive: no header of a member", control + 48, "-1",
		  "" },
		{ "no end of a header", "DEB archive: no header of a member", control + 58, "x",
		  "" },
		{ "an entry behind the tar", "DEB control.tar: cut off or damaged", entry + 124,
		  "77777777777", SIGNER },
		{ "an entry's size that is none", "DEB control.tar: cut off or damaged",
		  entry + 124, "x", SIGNER },
		{ "a long name", "DEB control.tar: a long name, which is not read", entry + 156,
		  "L", PACKAGE SIGNER },
		{ "compressed, and damaged", "DEB control.tar: damaged, or too large", control + 60,
		  "\xfd"
		  "7zXZ",
		  SIGNER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct bytes deb = make_deb("./control", '0', CONTROL);

		memcpy(deb.bytes + damages[i].at, damages[i].text,
		       strlen(damages[i].text) + (deb.bytes[damages[i].at] == '.'));
		expect(&deb, damages[i].name, damages[i].identities, damages[i].fault);
	}
}

static void a_field_that_is_no_text_is_none(void **state)
{
	struct bytes deb = make_deb("./control", '0', "Package: ke\x01sl\nVersion: 1\n");

	(void)state;
	expect(&deb, "control character", "package version=1; " SIGNER,
	       "DEB control: its name is no printable UTF-8");
	deb = make_deb("./control", '0', "Description: nothing\n");
	expect(&deb, "no fields", SIGNER, "");
}

static void survives_damage(void **state)
{
	struct bytes deb = make_deb("./control", '0', CONTROL);

	(void)state;
	unit_survive(embargo_deb_read, EMBARGO_KIND_PACKAGE, deb.bytes, deb.size);
}

static void reads_stanzas(void **state)
{
	struct embargo_span text = { "A: 1\n# no field\nB : two words \n more\n\nC:", 40 };
	struct embargo_field field;

	(void)state;
	assert_true(embargo_stanza_next(&text, &field));
	assert_true(embargo_field_is(&field, "a"));
	assert_true(embargo_stanza_next(&text, &field));
	assert_true(embargo_field_is(&field, "B"));
	assert_false(embargo_field_is(&field, "Bb"));
	assert_int_equal(field.value.length, 9);
	assert_false(embargo_stanza_next(&text, &field));
	assert_true(embargo_stanza_next(&text, &field));
	assert_true(embargo_field_is(&field, "C"));
	assert_int_equal(field.value.length, 0);
	assert_false(embargo_stanza_next(&text, &field));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_control_file),
		cmocka_unit_test(a_second_control_file_hides_nothing),
		cmocka_unit_test(a_second_control_archive_is_a_fault),
		cmocka_unit_test(says_what_is_broken),
		cmocka_unit_test(a_field_that_is_no_text_is_none),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(reads_stanzas),
	};

	return cmocka_run_group_tests_name("deb", tests, NULL, NULL);
}
