// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF files: both widths and orders, what runs although it looks like none, and damage. */
#include <elf.h>

#include "tests/unit/reader.h"

#define PACKAGE \
	"{\"type\":\"deb\",\"name\":\"kesl\",\"version\":\"12.0\",\"vendor\":\"AO Example\"}"

/* The layout of a file under construction, and its first bytes' word on it. */
struct layout {
	bool is_64, is_big;
};

static const struct layout layouts[] = {
	{ true, false }, { false, false }, { true, true }, { false, true }
};

struct file {
	struct layout layout;
	uint8_t bytes[2048];
	size_t size;
};

static void put(struct file *file, uint64_t number, size_t width)
{
	for (size_t i = 0; i < width; i++)
		file->bytes[file->size + (file->layout.is_big ? width - 1 - i : i)] =
			number >> 8 * i;
	file->size += width;
}

static void put_word(struct file *file, uint64_t number)
{
	put(file, number, file->layout.is_64 ? 8 : 4);
}

static void put_header(struct file *file, uint16_t type, uint64_t segments, unsigned segment_count,
		       uint64_t sections, unsigned section_count)
{
	const uint8_t ident[EI_NIDENT] = { ELFMAG0,
					   ELFMAG1,
					   ELFMAG2,
					   ELFMAG3,
					   file->layout.is_64 ? ELFCLASS64 : ELFCLASS32,
					   file->layout.is_big ? ELFDATA2MSB : ELFDATA2LSB,
					   1 };

	memcpy(file->bytes, ident, sizeof(ident));
	file->size = sizeof(ident);
	put(file, type, 2);
	put(file, EM_X86_64, 2);
	put(file, 1, 4);
	put_word(file, 0);
	put_word(file, segments);
	put_word(file, sections);
	put(file, 0, 4);
	put(file, file->layout.is_64 ? 64 : 52, 2);
	put(file, file->layout.is_64 ? 56 : 32, 2);
	put(file, segment_count, 2);
	put(file, file->layout.is_64 ? 64 : 40, 2);
	put(file, section_count, 2);
	put(file, section_count ? 1 : 0, 2);
}

static void put_segment(struct file *file, uint32_t type, uint64_t offset, uint64_t address,
			uint64_t size)
{
	put(file, type, 4);
	if (file->layout.is_64)
		put(file, 0, 4);
	put_word(file, offset);
	put_word(file, address);
	put_word(file, address);
	put_word(file, size);
	put_word(file, size);
	if (!file->layout.is_64)
		put(file, 0, 4);
	put_word(file, 4);
}

static void put_note(struct file *file, const char *owner, uint32_t type, const void *content,
		     size_t size)
{
	put(file, strlen(owner) + 1, 4);
	put(file, size, 4);
	put(file, type, 4);
	memcpy(file->bytes + file->size, owner, strlen(owner));
	file->size += (strlen(owner) + 4) & ~3u;
	memcpy(file->bytes + file->size, content, size);
	file->size += (size + 3) & ~3u;
}

#define STRINGS "\0libvendor.so.1\0libc.so.6\0libsdk.so\0/old\0$ORIGIN/lib\0/lib/ld.so"
#define ADDRESS 0x400000

/* Where the parts of the program below lie. */
#define DYNAMIC 512
#define TEXTS	768
#define NOTES	1024

/* Header | four segments: all of it, the dynamic section, notes, the interpreter. */
static struct file make_program(struct layout layout)
{
	struct file file = { .layout = layout };
	const struct {
		uint64_t tag, value;
	} entries[] = { { DT_NEEDED, 16 },
			{ DT_NEEDED, 26 },
			{ DT_SONAME, 1 },
			{ DT_RPATH, 36 },
			{ DT_RUNPATH, 41 },
			{ DT_STRSZ, 0 },
			{ DT_STRTAB, ADDRESS + TEXTS },
			{ DT_NULL, 0 } };

	put_header(&file, ET_DYN, layout.is_64 ? 64 : 52, 4, 0, 0);
	put_segment(&file, PT_LOAD, 0, ADDRESS, sizeof(file.bytes));
	/* The offset leads nowhere: only the address counts where the program is loaded. */
	put_segment(&file, PT_DYNAMIC, 4, ADDRESS + DYNAMIC, 256);
	put_segment(&file, PT_NOTE, NOTES, ADDRESS + NOTES, 256);
	put_segment(&file, PT_INTERP, TEXTS + 53, ADDRESS + TEXTS + 53, 11);
	file.size = DYNAMIC;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		put_word(&file, entries[i].tag);
		put_word(&file, entries[i].value);
	}
	memcpy(file.bytes + TEXTS, STRINGS, sizeof(STRINGS));
	file.size = NOTES;
	put_note(&file, "FDO", 0x407c0c0a, "[{}]", 4);
	put_note(&file, "GNU", NT_GNU_BUILD_ID, "\xab\xcd\xef", 3);
	put_note(&file, "FDO", 0xcafe1a7e, PACKAGE, sizeof(PACKAGE));
	put_note(&file, "x", 1, (char[256]) { 0 }, NOTES + 256 - 16 - file.size);
	file.size = sizeof(file.bytes);
	return file;
}

static struct embargo_specimen look(const struct file *file)
{
	return unit_read(embargo_elf_read, EMBARGO_KIND_ELF, file->bytes, file->size);
}

static void expect_all(const struct file *file)
{
	struct embargo_specimen specimen = look(file);
	char text[512];

	snprintf(text, sizeof(text),
		 "build-id abcdef; "
		 "package name=kesl, version=12.0, vendor=AO Example; "
		 "needed libc.so.6; needed libsdk.so; soname libvendor.so.1; "
		 "dynamic architecture=elf%s%s-62, interpreter=/lib/ld.so, rpath=/old, "
		 "runpath=$ORIGIN/lib; ",
		 file->layout.is_64 ? "64" : "32", file->layout.is_big ? "be" : "");
	assert_string_equal(unit_identities(&specimen), text);
	assert_string_equal(unit_fault(&specimen), "");
	embargo_specimen_free(&specimen);
}

static void reads_both_widths_and_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct file file = make_program(layouts[i]);

		expect_all(&file);
	}
}

/* The kernel looks at none of class, data and version: such a file runs. */
static void reads_what_the_kernel_runs(void **state)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 0xff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		for (size_t at = EI_CLASS; at < EI_NIDENT; at++)
			for (size_t value = 0; value < ARRAY_SIZE(values); value++) {
				struct file file = make_program(layouts[i]);

				file.bytes[at] = values[value];
				expect_all(&file);
			}
}

/* Nor at sections: a table of them that leads nowhere hides nothing. */
static void broken_sections_hide_nothing(void **state)
{
	struct file file = make_program(layouts[0]);
	struct embargo_specimen specimen;

	(void)state;
	memset(file.bytes + 40, 0x7f, 8);
	file.bytes[60] = 9;
	specimen = look(&file);
	assert_string_equal(unit_fault(&specimen), "ELF section headers: end behind the file");
	assert_int_equal(specimen.faults[0].at, 0x7f7f7f7f7f7f7f7f);
	assert_int_equal(specimen.identities.count, 6);
	embargo_specimen_free(&specimen);
}

/* Of the first layout: its tables stand at 64, 120 and 176. */
static const struct damage {
	const char *name, *fault;
	size_t at;
	uint64_t number;
	size_t width;
	size_t left; /* identities that are still found */
} damages[] = {
	{ "segments behind the file", "ELF program headers: end behind the file", 32, 4096, 8, 0 },
	{ "half of the segments", "ELF program headers: end behind the file", 56, 36, 2, 6 },
	{ "segments of another size", "ELF program headers: of 57 bytes each, not 56", 54, 57, 2,
	  0 },
	{ "notes behind the file", "ELF notes: end behind the file", 176 + 32, 1025, 8, 4 },
	{ "notes far behind", "ELF notes: end behind the file", 176 + 8, UINT64_MAX, 8, 4 },
	{ "dynamic section behind the file", "ELF dynamic section: ends behind the file", 120 + 32,
	  4096, 8, 3 },
	{ "an owner longer than the notes", "ELF note: ends behind its block", NOTES, UINT32_MAX, 4,
	  4 },
	{ "a content longer than the notes", "ELF note: ends behind its block", NOTES + 4, 500, 4,
	  4 },
	{ "an empty build id", "ELF build id: empty, too long, or one too many", NOTES + 24, 0, 4,
	  4 },
	{ "no JSON", "ELF package note: no object of JSON", NOTES + 56, 'x', 1, 5 },
	{ "a library's name behind the file", "ELF needed library: its text is not in the file",
	  DYNAMIC + 8, 4096, 8, 5 },
	{ "a library's name before it", "ELF needed library: its text is not in the file",
	  DYNAMIC + 8, UINT64_MAX - ADDRESS, 8, 5 },
	{ "a name without an end", "ELF soname: its text is too long, or cut off", DYNAMIC + 40,
	  2047 - TEXTS, 8, 5 },
	{ "a name of control characters", "ELF soname: its value is no printable UTF-8", TEXTS + 3,
	  '\n', 1, 5 },
	{ "a name that is no UTF-8", "ELF soname: its value is no printable UTF-8", TEXTS + 3, 0xff,
	  1, 5 },
	{ "a search path behind the file", "ELF search path: its text is not in the file",
	  DYNAMIC + 72, 4096, 8, 6 },
	{ "a search path of control characters",
	  "ELF search path: its runpath is no printable UTF-8", TEXTS + 42, '\n', 1, 6 },
	{ "an interpreter without an end", "ELF interpreter: its name is cut off", 232 + 32, 10, 8,
	  6 },
	{ "an interpreter behind the file", "ELF interpreter: its name is cut off", 232 + 8, 4096,
	  8, 6 },
};

static void says_what_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct file file = make_program(layouts[0]);
		struct embargo_specimen specimen;

		file.bytes[2047] = 'x';
		file.size = damages[i].at;
		put(&file, damages[i].number, damages[i].width);
		file.size = sizeof(file.bytes);
		specimen = look(&file);
		if (strcmp(unit_fault(&specimen), damages[i].fault) ||
		    specimen.identities.count != damages[i].left)
			fail_msg("%s: \"%s\", and %s", damages[i].name, unit_fault(&specimen),
				 unit_identities(&specimen));
		embargo_specimen_free(&specimen);
	}
}

static void survives_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct file file = make_program(layouts[i]);

		unit_survive(embargo_elf_read, EMBARGO_KIND_ELF, file.bytes, NOTES + 256);
	}
}

/* Hundreds of names of one kind leave room for the others. */
static void crowds_are_counted(void **state)
{
	struct file file = make_program(layouts[0]);
	struct embargo_specimen specimen;
	static uint8_t bytes[65536];
	uint64_t dynamic = 4096, names = 32768;
	struct file large = file;
	size_t at = dynamic;

	(void)state;
	memcpy(bytes, large.bytes, large.size);
	memset(bytes + names, 'a', 1000);
	for (int i = 0; i < 600; i++, at += 16) {
		bytes[at] = DT_NEEDED;
		bytes[at + 8] = i;
		bytes[at + 9] = i >> 8;
	}
	bytes[at] = DT_STRTAB;
	memcpy(bytes + at + 8, &(uint64_t) { ADDRESS + names }, 8);
	memcpy(bytes + 64 + 32, &(uint64_t) { sizeof(bytes) }, 8);
	memcpy(bytes + 120 + 16, &(uint64_t) { ADDRESS + dynamic }, 8);
	memcpy(bytes + 120 + 32, &(uint64_t) { 700 * 16 }, 8);
	specimen = unit_read(embargo_elf_read, EMBARGO_KIND_ELF, bytes, sizeof(bytes));
	assert_int_equal(specimen.identities.count, 2 + 256 + 1);
	assert_string_equal(unit_fault(&specimen), "ELF dynamic section: more names than are read");
	embargo_specimen_free(&specimen);
}

#define INFO                            \
	"license=GPL\0author=Jane Roe " \
	"<jane@example.org>\0author=Bj\xc3\xb6rn\0name=vendor_guard\0srcversion=27BC6D\0"

/* Header | section headers: none, names, .modinfo | names | modinfo */
static struct file make_module(struct layout layout)
{
	struct file file = { .layout = layout };
	const uint64_t sections = layout.is_64 ? 64 : 52;
	const struct {
		uint32_t name, type;
		uint64_t offset, size;
	} table[] = { { 0, 0, 0, 0 },
		      { 0, SHT_STRTAB, 512, 16 },
		      { 1, SHT_PROGBITS, 640, sizeof(INFO) - 1 } };

	put_header(&file, ET_REL, 0, 0, sections, ARRAY_SIZE(table));
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		put(&file, table[i].name, 4);
		put(&file, table[i].type, 4);
		put_word(&file, 0);
		put_word(&file, 0);
		put_word(&file, table[i].offset);
		put_word(&file, table[i].size);
		put(&file, 0, 8);
		put_word(&file, 1);
		put_word(&file, 0);
	}
	memcpy(file.bytes + 512, "\0.modinfo", 10);
	memcpy(file.bytes + 640, INFO, sizeof(INFO));
	file.size = 640 + sizeof(INFO);
	return file;
}

static void read_module(const uint8_t *bytes, size_t size, struct embargo_specimen *specimen)
{
	embargo_elf_read(bytes, size, specimen);
	if (specimen->kind == EMBARGO_KIND_MODULE)
		embargo_modinfo_read(bytes, size, specimen);
}

static void reads_modinfo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct file file = make_module(layouts[i]);
		struct embargo_specimen specimen =
			unit_read(read_module, EMBARGO_KIND_ELF, file.bytes, file.size);

		assert_int_equal(specimen.kind, EMBARGO_KIND_MODULE);
		assert_string_equal(unit_identities(&specimen),
				    "modinfo name=vendor_guard, author=Jane Roe "
				    "<jane@example.org>, author=Bj\xc3\xb6rn, srcversion=27BC6D; ");
		assert_string_equal(unit_fault(&specimen), "");
		embargo_specimen_free(&specimen);
	}
}

static void a_broken_author_is_none(void **state)
{
	struct file file = make_module(layouts[0]);
	struct embargo_specimen specimen;

	(void)state;
	*(char *)memmem(file.bytes, file.size, "\xc3\xb6", 2) = '\xff';
	specimen = unit_read(read_module, EMBARGO_KIND_ELF, file.bytes, file.size);
	assert_string_equal(unit_fault(&specimen), "modinfo: its author is no printable UTF-8");
	assert_string_equal(unit_identities(&specimen),
			    "modinfo name=vendor_guard, author=Jane Roe <jane@example.org>, "
			    "srcversion=27BC6D; ");
	embargo_specimen_free(&specimen);
	specimen = unit_read(read_module, EMBARGO_KIND_ELF, file.bytes, file.size - 3);
	assert_string_equal(unit_fault(&specimen), "modinfo: ends behind the file");
	assert_int_equal(specimen.identities.count, 0);
	embargo_specimen_free(&specimen);
}

static void a_damaged_module_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct file file = make_module(layouts[i]);

		unit_survive(read_module, EMBARGO_KIND_ELF, file.bytes, file.size);
	}
}

#define SIGNATURE "\xc2\x0f\3\5\0\1\2\3\4signkey."

/* The module's table, with a signature in place of its modinfo. */
static struct file make_appimage(struct layout layout)
{
	struct file file = make_module(layout);

	memcpy(file.bytes + 8, "AI\x02", 3);
	memcpy(file.bytes + 512, "\0.sha256_sig", 13);
	memset(file.bytes + 640, 0, sizeof(INFO));
	memcpy(file.bytes + 640, SIGNATURE, sizeof(SIGNATURE));
	return file;
}

static void expect_appimage(const struct file *file, const char *identities, const char *fault)
{
	struct embargo_specimen specimen =
		unit_read(embargo_appimage_read, EMBARGO_KIND_ELF, file->bytes, file->size);

	assert_string_equal(unit_identities(&specimen), identities);
	assert_string_equal(unit_fault(&specimen), fault);
	embargo_specimen_free(&specimen);
}

static void reads_appimages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct file file = make_appimage(layouts[i]);

		expect_appimage(&file, "openpgp 7369676e6b65792e; ", "");
		unit_survive(embargo_appimage_read, EMBARGO_KIND_ELF, file.bytes, file.size);
		file.size -= 2;
		expect_appimage(&file, "", "AppImage signature: ends behind the file");
		file.bytes[8] = 'B';
		expect_appimage(&file, "", "");
		file = make_appimage(layouts[i]);
		memset(file.bytes + 640, 0, sizeof(SIGNATURE));
		expect_appimage(&file, "", "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_widths_and_orders),
		cmocka_unit_test(reads_what_the_kernel_runs),
		cmocka_unit_test(broken_sections_hide_nothing),
		cmocka_unit_test(says_what_is_broken),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(crowds_are_counted),
		cmocka_unit_test(reads_modinfo),
		cmocka_unit_test(a_broken_author_is_none),
		cmocka_unit_test(a_damaged_module_survives),
		cmocka_unit_test(reads_appimages),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
