// SPDX-License-Identifier: GPL-2.0-or-later
/* Specimens: ELF files, modules, compressed modules, and damaged ones of each. */
#include "loader/identity/specimen.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "loader/crypto/sha256.h"
#include "tests/unit/unit.h"

/*
 *  header | names of sections | note with a build id | section headers: none, names, .modinfo, note
 */
struct module {
	Elf64_Ehdr header;
	char names[32];
	struct {
		Elf64_Nhdr head;
		char name[4];
		uint8_t id[100]; /* room for one that is too long */
	} note;
	Elf64_Shdr sections[4];
};

#define NAMES "\0.modinfo\0.note.gnu.build-id"

static struct module make_module(void)
{
	struct module module = {
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					 ELFDATA2LSB, EV_CURRENT },
			    .e_type = ET_REL,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_shoff = offsetof(struct module, sections),
			    .e_ehsize = sizeof(Elf64_Ehdr),
			    .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = 4,
			    .e_shstrndx = 1 },
		.note = { .head = { 4, 20, NT_GNU_BUILD_ID }, .name = "GNU", .id = { 0xab, 0xcd } },
		.sections = { [1] = { .sh_type = SHT_STRTAB,
				      .sh_offset = offsetof(struct module, names),
				      .sh_size = sizeof(module.names) },
			      [2] = { .sh_name = 1, .sh_type = SHT_PROGBITS },
			      [3] = { .sh_name = 10,
				      .sh_type = SHT_NOTE,
				      .sh_offset = offsetof(struct module, note),
				      .sh_size = sizeof(module.note),
				      .sh_addralign = 4 } },
	};

	memcpy(module.names, NAMES, sizeof(NAMES));
	return module;
}

static struct embargo_specimen specimen; /* of the last look */

static void read_specimen(int fd)
{
	embargo_specimen_free(&specimen);
	assert_int_equal(embargo_specimen_read(fd, &specimen), 0);
	close(fd);
}

static const struct embargo_specimen *examine(const void *bytes, size_t size)
{
	read_specimen(unit_file(bytes, size));
	assert_int_equal(specimen.file.size, size);
	return &specimen;
}

/* The only value of the first identity of @kind; "" where there is none. */
static const char *find(enum embargo_identity_kind kind)
{
	for (size_t i = 0; i < specimen.identities.count; i++)
		if (specimen.identities.array[i].kind == kind)
			return embargo_identity_value(&specimen.identities.array[i],
						      EMBARGO_ATTRIBUTE_VALUE);
	return "";
}

#define BUILD_ID "abcd000000000000000000000000000000000000"

static void tells_a_module_and_its_build_id(void **state)
{
	struct module module = make_module();

	(void)state;
	examine(&module, sizeof(module));
	assert_int_equal(specimen.kind, EMBARGO_KIND_MODULE);
	assert_int_equal(specimen.exec_scope, EMBARGO_SCOPE_EXEC_ELF);
	assert_string_equal(find(EMBARGO_IDENTITY_BUILD_ID), BUILD_ID);
	assert_false(specimen.has_inner);
}

static void without_modinfo_it_is_an_object_file(void **state)
{
	struct module module = make_module();

	(void)state;
	module.names[2] = 'M';
	assert_int_equal(examine(&module, sizeof(module))->kind, EMBARGO_KIND_ELF);
	module = make_module();
	module.header.e_type = ET_DYN;
	assert_int_equal(examine(&module, sizeof(module))->kind, EMBARGO_KIND_ELF);
}

static void knows_this_very_program(void **state)
{
	(void)state;
	read_specimen(open("/proc/self/exe", O_RDONLY));
	assert_int_equal(specimen.kind, EMBARGO_KIND_ELF);
}

static void a_build_id_of_odd_length_is_none(void **state)
{
	static const uint32_t lengths[] = { 0, 65, 100, 1 << 20, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct module module = make_module();

		module.note.head.n_descsz = lengths[i];
		examine(&module, sizeof(module));
		assert_string_equal(find(EMBARGO_IDENTITY_BUILD_ID), "");
	}
}

/* Every cut and many a wrong byte: none may crash, hang, or grow beyond the file. */
static void survives_damage(void **state)
{
	struct module module = make_module();
	const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	(void)state;
	for (size_t size = 0; size < sizeof(module); size += 3)
		examine(&module, size);
	for (size_t at = 4; at < sizeof(module); at++)
		for (size_t i = 0; i < sizeof(values); i++) {
			struct module damaged = module;

			((uint8_t *)&damaged)[at] = values[i];
			examine(&damaged, sizeof(damaged));
		}
}

/* Compresses the module with @tool as a distribution does, and looks at the result. */
static void look_into(const char *tool)
{
	char path[] = "/tmp/embargo-module-XXXXXX", command[256];
	struct module module = make_module();
	struct embargo_digest digest;
	int fd = mkstemp(path);

	assert_int_equal(write(fd, &module, sizeof(module)), sizeof(module));
	close(fd);
	snprintf(command, sizeof(command),
		 "command -v %s >/dev/null && %s -c < %s > %s.out && mv %s.out %s", tool, tool,
		 path, path, path, path);
	if (system(command)) {
		unlink(path);
		skip();
	}
	fd = open(path, O_RDONLY);
	unlink(path);
	read_specimen(fd);
	assert_int_equal(embargo_sha256_memory(&module, sizeof(module), &digest), 0);
	assert_true(specimen.has_inner);
	assert_int_equal(specimen.kind, EMBARGO_KIND_MODULE);
	assert_int_equal(specimen.inner.size, sizeof(module));
	assert_memory_equal(specimen.inner.digest.bytes, digest.bytes, sizeof(digest));
	assert_memory_not_equal(specimen.file.digest.bytes, digest.bytes, sizeof(digest));
	assert_string_equal(find(EMBARGO_IDENTITY_BUILD_ID), BUILD_ID);
}

static void looks_into_gzip(void **state)
{
	(void)state;
	look_into("gzip");
}

static void looks_into_xz(void **state)
{
	(void)state;
	look_into("xz");
}

static void looks_into_zstd(void **state)
{
	(void)state;
	look_into("zstd");
}

static void what_only_begins_like_compressed_is_left_alone(void **state)
{
	static const char *const heads[] = { "\x1f\x8b\x08\0garbage", "\x28\xb5\x2f\xfdgarbage" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		examine(heads[i], 11);
		assert_false(specimen.has_inner);
		assert_int_equal(specimen.inner_error, 0);
		assert_int_equal(specimen.kind, EMBARGO_KIND_UNKNOWN);
	}
}

static void of_a_large_file_there_is_the_digest(void **state)
{
	int fd = unit_file("\177ELF", 4);

	(void)state;
	assert_int_equal(ftruncate(fd, EMBARGO_SPECIMEN_BYTES + 1), 0);
	read_specimen(fd);
	assert_int_equal(specimen.file.size, EMBARGO_SPECIMEN_BYTES + 1);
	assert_int_equal(specimen.kind, EMBARGO_KIND_ELF);
	assert_int_equal(specimen.fault_count, 1);
	assert_int_equal(specimen.faults[0].at, EMBARGO_SPECIMEN_BYTES);
}

static int changes; /* that are to come */

/* The C library's, for all of this program. Behind it the file may change: its mode, as when it is
 * installed. */
int fstat(int fd, struct stat *status)
{
	const struct timespec tick = { .tv_nsec = 20 * 1000000 }; /* two of the clock of ctime */
	int result = fstatat(fd, "", status, AT_EMPTY_PATH);

	if (changes > 0) {
		changes--;
		nanosleep(&tick, NULL);
		fchmod(fd, 0600 + changes % 2 * 0100);
	}
	return result;
}

static int read_changing(int count)
{
	int fd = memfd_create("specimen", 0), error;

	assert_int_equal(write(fd, "MZ", 2), 2);
	embargo_specimen_free(&specimen);
	changes = count;
	error = embargo_specimen_read(fd, &specimen);
	changes = 0;
	close(fd);
	return error;
}

static void what_changes_is_read_again(void **state)
{
	(void)state;
	assert_int_equal(read_changing(1), 0);
	assert_int_equal(specimen.kind, EMBARGO_KIND_PE);
	assert_int_equal(read_changing(EMBARGO_SPECIMEN_READS - 1), 0);
	assert_int_equal(read_changing(1000), -EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_module_and_its_build_id),
		cmocka_unit_test(without_modinfo_it_is_an_object_file),
		cmocka_unit_test(knows_this_very_program),
		cmocka_unit_test(a_build_id_of_odd_length_is_none),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(looks_into_gzip),
		cmocka_unit_test(looks_into_xz),
		cmocka_unit_test(looks_into_zstd),
		cmocka_unit_test(what_only_begins_like_compressed_is_left_alone),
		cmocka_unit_test(of_a_large_file_there_is_the_digest),
		cmocka_unit_test(what_changes_is_read_again),
	};

	int failed = cmocka_run_group_tests_name("specimen", tests, NULL, NULL);

	embargo_specimen_free(&specimen);
	return failed;
}
