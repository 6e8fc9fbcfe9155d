// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints how many instructions the kernel's verifier went through for each pinned program: "NAME
 * COUNT" a line. */
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "helper.h"

static long bpf(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static void print_one(const char *path)
{
	union bpf_attr get = { .pathname = (uintptr_t)path };
	struct bpf_prog_info info = { 0 };
	union bpf_attr ask = { 0 };

	ask.info.bpf_fd = bpf(BPF_OBJ_GET, &get);
	if ((int)ask.info.bpf_fd < 0)
		refuse(path);
	ask.info.info_len = sizeof(info);
	ask.info.info = (uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &ask))
		refuse("BPF_OBJ_GET_INFO_BY_FD");
	close(ask.info.bpf_fd);
	printf("%s %u\n", basename(path), info.verified_insns);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		print_one(argv[i]);
	return 0;
}
