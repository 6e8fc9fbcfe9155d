// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads a kernel image for kexec, from a file or from memory, and takes it out again. */
#include <linux/kexec.h>
#include <sys/syscall.h>

#include "helper.h"

#define COMMAND_LINE "console=ttyS0"

/* A jump to itself: what kexec_load is given is never started. */
static const unsigned char image[] = { 0xeb, 0xfe };

static void load_from_memory(void)
{
	static const struct kexec_segment segment = {
		.buf = image, .bufsz = sizeof(image), .mem = (void *)0x1000000, .memsz = 0x1000
	};

	if (syscall(SYS_kexec_load, segment.mem, 1UL, &segment, KEXEC_ARCH_DEFAULT))
		refuse("kexec_load");
	if (syscall(SYS_kexec_load, 0UL, 0UL, NULL, KEXEC_ARCH_DEFAULT))
		refuse("kexec_load nothing");
}

int main(int argc, char **argv)
{
	int fd;

	if (argc == 2 && !strcmp(argv[1], "memory")) {
		load_from_memory();
		return 0;
	}
	if (argc != 3 || strcmp(argv[1], "file")) {
		fprintf(stderr, "usage: kexec file IMAGE | kexec memory\n");
		return 2;
	}
	fd = open_or_refuse(argv[2], O_RDONLY);
	if (syscall(SYS_kexec_file_load, fd, -1, sizeof(COMMAND_LINE), COMMAND_LINE,
		    (unsigned long)KEXEC_FILE_NO_INITRAMFS))
		refuse("kexec_file_load");
	if (syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, (unsigned long)KEXEC_FILE_UNLOAD))
		refuse("kexec_file_load unload");
	return 0;
}
