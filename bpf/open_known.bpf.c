// SPDX-License-Identifier: GPL-2.0-or-later
/* file_open, before Linux 6.11: nothing can be read yet, not by IMA either. Paths are judged, and
 * digests that a label remembers. */
#include "kernel.h"

#define JUDGES_OPEN
#include <bpf/bpf_tracing.h>

#include "opened.h"

/* It is asked for the file beneath an overlay's as well, and finds the label there. */
SEC("lsm/file_open")
int BPF_PROG(open_known, struct file *file, int earlier)
{
	if (earlier || !open_reads(file) || (file->f_flags & O_TRUNC))
		return earlier;
	return evaluate_open(file);
}
