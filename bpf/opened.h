/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening to read: which opens are judged, and who may open what is banned. */
#ifndef EMBARGO_OPENED_H
#define EMBARGO_OPENED_H

#include "evaluate.h"

/*
 * Is @file opened so that its bytes can be read? Not by exec(2), whose file nobody gets to read and
 * which has a hook of its own. A directory, a device and a pipe have no content that is listed.
 */
static __always_inline bool open_reads(struct file *file)
{
	return (file->f_mode & FMODE_READ) && !(file->f_flags & FMODE_EXEC) &&
	       (file->f_inode->i_mode & S_IFMT) == S_IFREG;
}

static __always_inline bool inode_is_made_up(struct inode *inode)
{
	return (inode->i_sb->s_iflags & SB_I_NOEXEC) ||
	       embargo_filesystem_is_made_up(inode->i_sb->s_magic);
}

/* What is known of the current task; NULL: nothing. */
static __always_inline struct embargo_opener *opener_get(__u64 flags)
{
	return bpf_task_storage_get(&openers, bpf_get_current_task_btf(), 0, flags);
}

static __always_inline bool opener_is_exempt(void)
{
	struct embargo_opener *opener = opener_get(0);

	return opener && opener->exempt;
}

/* Nearly every open ends with the first look: only what may be listed asks who opens it. */
static __always_inline int evaluate_open(struct file *file)
{
	struct inode *inode = file->f_inode;
	enum outlook outlook = look_at(file, inode, EMBARGO_SCOPE_OPEN, false);

	if (outlook == OUTLOOK_CLEAR || outlook == OUTLOOK_TOLD || inode_is_made_up(inode) ||
	    opener_is_exempt())
		return 0;
	return evaluate_fully(file, EMBARGO_OPERATION_OPEN, EMBARGO_SCOPE_OPEN,
			      outlook == OUTLOOK_DIGEST);
}

#endif
