// SPDX-License-Identifier: GPL-2.0-or-later
/* Which file systems' ctimes date a file's arrival, by the numbers of the kernel's own header. */
#include "bpf/filesystem.h"

#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>

#include "tests/unit/unit.h"

static void knows_the_magic_numbers(void **state)
{
	(void)state;
	assert_int_equal(embargo_filesystem_class(EXT4_SUPER_MAGIC), EMBARGO_FILESYSTEM_TRACKED);
	assert_int_equal(embargo_filesystem_class(XFS_SUPER_MAGIC), EMBARGO_FILESYSTEM_TRACKED);
	assert_int_equal(embargo_filesystem_class(BTRFS_SUPER_MAGIC), EMBARGO_FILESYSTEM_TRACKED);
	assert_int_equal(embargo_filesystem_class(F2FS_SUPER_MAGIC), EMBARGO_FILESYSTEM_TRACKED);
	assert_int_equal(embargo_filesystem_class(SQUASHFS_MAGIC), EMBARGO_FILESYSTEM_IMAGE);
	assert_int_equal(embargo_filesystem_class(EROFS_SUPER_MAGIC_V1), EMBARGO_FILESYSTEM_IMAGE);
	assert_int_equal(embargo_filesystem_class(ISOFS_SUPER_MAGIC), EMBARGO_FILESYSTEM_IMAGE);
	assert_int_equal(embargo_filesystem_class(OVERLAYFS_SUPER_MAGIC),
			 EMBARGO_FILESYSTEM_OVERLAY);
	assert_int_equal(embargo_filesystem_class(FUSE_SUPER_MAGIC), EMBARGO_FILESYSTEM_FUSE);
	assert_int_equal(embargo_filesystem_class(TMPFS_MAGIC), EMBARGO_FILESYSTEM_UNKNOWN);
	assert_int_equal(embargo_filesystem_class(NFS_SUPER_MAGIC), EMBARGO_FILESYSTEM_UNKNOWN);
	assert_int_equal(embargo_filesystem_class(MSDOS_SUPER_MAGIC), EMBARGO_FILESYSTEM_UNKNOWN);
	assert_int_equal(embargo_filesystem_class(0), EMBARGO_FILESYSTEM_UNKNOWN);
}

static void only_a_writable_tracked_one_dates_arrival(void **state)
{
	(void)state;
	assert_true(embargo_filesystem_dates_arrival(EXT4_SUPER_MAGIC, 0));
	assert_false(embargo_filesystem_dates_arrival(EXT4_SUPER_MAGIC, 1));
	assert_false(embargo_filesystem_dates_arrival(SQUASHFS_MAGIC, 1));
	assert_false(embargo_filesystem_dates_arrival(OVERLAYFS_SUPER_MAGIC, 0));
	assert_false(embargo_filesystem_dates_arrival(TMPFS_MAGIC, 0));
}

static void knows_what_hides_a_change(void **state)
{
	const __u32 move_extent = _IOWR('f', 15, char[40]),
		    swap_extents = _IOWR('X', 109, char[192]);

	(void)state;
	assert_true(embargo_filesystem_hides_change(EXT4_SUPER_MAGIC, 1, move_extent));
	assert_false(embargo_filesystem_hides_change(XFS_SUPER_MAGIC, 1, move_extent));
	assert_false(embargo_filesystem_hides_change(TMPFS_MAGIC, 0, move_extent));
	assert_true(embargo_filesystem_hides_change(XFS_SUPER_MAGIC, 0, swap_extents));
	assert_false(embargo_filesystem_hides_change(XFS_SUPER_MAGIC, 1, swap_extents));
	assert_true(embargo_filesystem_hides_change(F2FS_SUPER_MAGIC, 0, _IOWR(0xf5, 9, char[32])));
	assert_true(embargo_filesystem_hides_change(F2FS_SUPER_MAGIC, 0, _IOW(0xf5, 20, char[24])));
	assert_false(embargo_filesystem_hides_change(EXT4_SUPER_MAGIC, 1, FS_IOC_GETFLAGS));
	assert_false(embargo_filesystem_hides_change(F2FS_SUPER_MAGIC, 0, FS_IOC_SETFLAGS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_magic_numbers),
		cmocka_unit_test(only_a_writable_tracked_one_dates_arrival),
		cmocka_unit_test(knows_what_hides_a_change),
	};

	return cmocka_run_group_tests_name("filesystem", tests, NULL, NULL);
}
