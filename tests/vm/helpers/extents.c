// SPDX-License-Identifier: GPL-2.0-or-later
/* Moves a range of a donor's blocks into another file, as online defragmentation does: the donor is
 * left with others. */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#include <linux/types.h>

#include "helper.h"

/* As ext4 has it: the kernel's headers do not show it. */
struct move_extent {
	__u32 reserved;
	__u32 donor;
	__u64 start;
	__u64 donor_start;
	__u64 length;
	__u64 moved;
};

#define MOVE_EXTENT  _IOWR('f', 15, struct move_extent)
#define PAGE	     4096
#define IOCTL_32_BIT 54

/* The entry of 32-bit programs, which has a hook of its own. */
static int ioctl_32_bit(int fd, unsigned long command, void *argument)
{
	long result = IOCTL_32_BIT;

	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"((long)fd), "c"(command), "d"(argument)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result >= 0)
		return result;
	errno = -result;
	return -1;
}

int main(int argc, char **argv)
{
	int is_compat = argc == 6 && !strcmp(argv[5], "32");
	struct move_extent *move;
	struct statfs filesystem;
	int original, result;

	if (argc != 5 && !is_compat) {
		fprintf(stderr, "usage: extents ORIGINAL DONOR OFFSET LENGTH [32]\n");
		return 2;
	}
	move = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1,
		    0);
	if (move == MAP_FAILED)
		refuse("mmap");
	original = open_or_refuse(argv[1], O_RDWR);
	move->donor = open_or_refuse(argv[2], O_RDWR);
	if (fstatfs(original, &filesystem))
		refuse("fstatfs");
	move->start = move->donor_start = strtoul(argv[3], NULL, 10) / filesystem.f_bsize;
	move->length = strtoul(argv[4], NULL, 10) / filesystem.f_bsize;
	fsync(original);
	fsync(move->donor);
	result = is_compat ? ioctl_32_bit(original, MOVE_EXTENT, move)
			   : ioctl(original, MOVE_EXTENT, move);
	if (result)
		refuse("EXT4_IOC_MOVE_EXT");
	printf("moved=%llu\n", move->moved * filesystem.f_bsize);
	return 0;
}
