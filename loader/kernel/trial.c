// SPDX-License-Identifier: GPL-2.0-or-later
/* The trial: a program of ours waits for one mapping of our own and asks IMA about it. */
#include "loader/kernel/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"

/* Maps a page of this very program, which the program try_digest is waiting for. */
static int map_ourselves(void)
{
	_cleanup_close_ int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	void *page;

	if (file < 0)
		return -errno;
	page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, file, 0);
	if (page == MAP_FAILED)
		return -errno;
	munmap(page, 1);
	return 0;
}

int embargo_trial_digest(int program, int map)
{
	struct embargo_probe probe = { .task = getpid(), .algorithm = -ENODATA };
	_cleanup_close_ int link = -1;
	__u32 zero = 0;
	int error;

	if (bpf_map_update_elem(map, &zero, &probe, BPF_ANY))
		return -errno;
	link = bpf_link_create(program, 0, BPF_LSM_MAC, NULL);
	if (link < 0)
		return -errno;
	error = map_ourselves();
	if (error)
		return error;
	return bpf_map_lookup_elem(map, &zero, &probe) ? -errno : probe.algorithm;
}

int embargo_trial_judge(const struct embargo_tables *tables, int algorithm,
			struct embargo_diagnostic *diagnostic)
{
	if (!tables->head.unsized_scopes || algorithm == EMBARGO_ALGORITHM_SHA256)
		return 0;
	embargo_diagnostic_remedy(diagnostic,
				  "boot without ima=off and with ima_hash=sha256, on a kernel with "
				  "CONFIG_IMA=y");
	if (algorithm < 0)
		return embargo_diagnostic_what(
			diagnostic, -ENOTSUP,
			"a list without sizes needs IMA to digest files, and IMA does not "
			"(%s)",
			strerror(-algorithm));
	return embargo_diagnostic_what(
		diagnostic, -ENOTSUP,
		"a list without sizes needs SHA-256 digests, and IMA here makes others");
}
