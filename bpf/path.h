/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Path rules: where a file lies in the view of the initial mount namespace, matched at each check.
 */
#ifndef EMBARGO_PATH_H
#define EMBARGO_PATH_H

#include "mounts.h"
#include "path_look.h"
#include "stage.h"
#include "waive.h"

#define PATH_WALK_MAX 2100 /* PATH_MAX holds at most 2,048 components, and some mounts to cross */
#define WALK_TRIES    8	   /* walks over a superblock's mounts, where the way was lost */

static long view_climb(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct view *view = &judgement->view;
	struct dentry *dentry = view->dentry, *parent;

	if (dentry == view->hold.root) {
		if (view->hold.parent == view->mount) {
			view->whole = 1;
			return 1;
		}
		view->dentry = view->hold.mountpoint;
		view->mount = view->hold.parent;
		return !mount_hold(view->mount, &view->hold);
	}
	view->name[view->names % EMBARGO_PATH_DEPTH] = dentry;
	view->names++;
	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry)
		return 1; /* not below the mount's root: no path */
	view->dentry = parent;
	return 0;
}

static __always_inline __u32 node_timeline(const struct embargo_path_node *node, __u32 scope,
					   bool is_below)
{
	if (scope == EMBARGO_SCOPE_OPEN)
		return is_below ? node->opens_below : node->opens_exact;
	return is_below ? node->below : node->exact;
}

/* Looks up one chunk of the name at hand; ends the loop where nothing hangs below. */
static long view_descend(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct view *view = &judgement->view;
	struct embargo_path_key key = { .node = view->node };
	struct embargo_path_node *node;
	struct dentry *dentry;
	__u32 length, rest;
	bool is_below;

	if (view->step >= view->names || view->step >= EMBARGO_PATH_DEPTH)
		return 1;
	dentry = view->name[(view->names - 1 - view->step) % EMBARGO_PATH_DEPTH];
	length = BPF_CORE_READ(dentry, d_name.len);
	if (length <= view->offset)
		return 1;
	rest = length - view->offset;
	key.last = rest <= EMBARGO_PATH_CHUNK;
	if (rest > EMBARGO_PATH_CHUNK)
		rest = EMBARGO_PATH_CHUNK;
	key.length = rest;
	if (bpf_probe_read_kernel(key.bytes, rest,
				  BPF_CORE_READ(dentry, d_name.name) + view->offset))
		return 1;
	node = table_find(paths, judgement->number, &key);
	if (!node)
		return 1;
	view->node = node->node;
	view->offset += rest;
	if (!key.last)
		return 0;
	view->offset = 0;
	view->step++;
	is_below = view->step < view->names;
	waived_add(judgement, is_below ? node->waived_below : node->waived_exact);
	if (!judgement->waivers_only)
		decide_timeline(judgement, node_timeline(node, judgement->request.scope, is_below),
				EMBARGO_EVENT_PATH);
	return 0;
}

#define VIEW_CHUNKS (EMBARGO_PATH_DEPTH * 8) /* a name has up to 255 bytes: eight chunks */

/* Matches the file as seen through @mount. */
static __noinline int view_match(struct judgement *judgement, struct mount *mount)
{
	struct view *view = &judgement->view;

	view->mount = mount;
	view->dentry = judgement->dentry;
	view->names = 0;
	view->node = 0;
	view->step = 0;
	view->offset = 0;
	view->whole = 0;
	if (!mount_hold(mount, &view->hold))
		return 0;
	bpf_loop(PATH_WALK_MAX, view_climb, &judgement, 0);
	if (view->whole)
		bpf_loop(VIEW_CHUNKS, view_descend, &judgement, 0);
	return 0;
}

static long mounts_each(__u32 index, struct judgement **held)
{
	struct judgement *judgement = *held;
	struct mount *mount = walk_step(&judgement->walk);

	if (!mount)
		return 1;
	if (mount_is_host(mount))
		view_match(judgement, mount);
	return 0;
}

/*
 * Takes every path rule that covers the file into the decision, and notes its waivers. A mount of
 * the initial namespace was made by the host's root: the file's path through it counts. Any other
 * mount proves nothing (its user may have put a host file under a banned name, or a banned file
 * under a harmless one): then the file is looked for through the initial namespace's own mounts of
 * the same file system.
 */
static __always_inline void path_match(struct judgement *judgement)
{
	struct dentry *dentry = judgement->dentry;

	if (mount_is_host(judgement->mount)) {
		view_match(judgement, judgement->mount);
		return;
	}
	/* Begun anew where the way was lost: nobody hides a mount by unmounting others in time. */
	for (int i = 0; i < WALK_TRIES; i++) {
		walk_begin(&judgement->walk, BPF_CORE_READ(dentry, d_sb));
		bpf_loop(WALK_MAX, mounts_each, &judgement, 0);
		if (!judgement->walk.lost)
			return;
	}
}

#endif
