// SPDX-License-Identifier: GPL-2.0-or-later
/* file_post_open: a file is open and can be read, by its opener and so by IMA. Linux 6.11 and
 * later; before, see open_known.bpf.c. */
#include "kernel.h"

#define MAY_SLEEP
#define JUDGES_OPEN
#include <bpf/bpf_tracing.h>

#include "opened.h"

/*
 * What IMA opens once more, and what overlay opens beneath, does not come here: only open(2) and
 * its kin have this hook, so it never meets a call of its own making.
 */
SEC("lsm.s/file_post_open")
int BPF_PROG(open, struct file *file, int mask, int earlier)
{
	struct embargo_opener *opener;

	if (earlier || !open_reads(file))
		return earlier;
	if (file->f_mode & FMODE_WRITE) {
		opener = opener_get(0);
		if (opener && opener->cut == (__u64)file)
			return 0;
	}
	return evaluate_open(file);
}

/*
 * Who opens with O_TRUNC reads nothing of what was there. By the time that `open` is asked, the
 * flag is gone and the bytes are not yet: so it is noted here, anew at each open of the task.
 */
SEC("lsm/file_open")
int BPF_PROG(open_cut, struct file *file, int earlier)
{
	bool cuts = (file->f_flags & O_TRUNC) && (file->f_mode & FMODE_WRITE);
	struct embargo_opener *opener;

	if (earlier || !open_reads(file))
		return earlier;
	opener = opener_get(cuts ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	if (opener)
		opener->cut = cuts ? (__u64)file : 0;
	return 0;
}
