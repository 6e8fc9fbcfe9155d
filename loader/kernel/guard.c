// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking at the guard through its pins, opening it, and who is let through. */
#include "loader/kernel/guard.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/guard_object.h"

static uint64_t boot_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static int open_pinned(const char *name, __u32 flags)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = flags);
	char path[256];
	int fd = bpf_obj_get_opts(embargo_pins_path(path, sizeof(path), EMBARGO_GUARD_PIN_DIR,
						    "maps", name),
				  &options);

	return fd < 0 ? -errno : fd;
}

static int read_refusals(struct embargo_guard_view *view)
{
	_cleanup_close_ int map = open_pinned("guard_refusals", BPF_F_RDONLY);

	for (__u32 i = 0; i < EMBARGO_GUARD_REFUSED_COUNT; i++)
		if (bpf_map_lookup_elem(map, &i, &view->refusals[i]))
			return -errno;
	return 0;
}

int embargo_guard_look(struct embargo_guard_view *view)
{
	_cleanup_close_ int map = open_pinned("guard_view", BPF_F_RDONLY);
	struct embargo_guard_shown shown;
	__u32 zero = 0;

	*view = (struct embargo_guard_view) { .mode = EMBARGO_GUARD_OFF };
	if (map < 0)
		return map == -ENOENT ? 0 : map;
	if (bpf_map_lookup_elem(map, &zero, &shown))
		return -errno;
	if (!shown.closed)
		return 0;
	view->mode = shown.mode;
	view->is_open = shown.open_until > boot_time();
	view->open_until = view->is_open ? shown.open_until : 0;
	if (view->is_open)
		memcpy(view->ticket, shown.ticket, sizeof(view->ticket) - 1);
	return read_refusals(view);
}

int embargo_guard_check(struct embargo_diagnostic *diagnostic)
{
	struct embargo_guard_view view;

	if (embargo_guard_is_marked() || embargo_guard_look(&view) ||
	    view.mode == EMBARGO_GUARD_OFF || view.is_open)
		return 0;
	embargo_diagnostic_remedy(
		diagnostic, "%s",
		view.mode == EMBARGO_GUARD_LOCKED
			? "change the setting guard: and boot anew"
			: "open it for a while with a signed token: `embargo guard "
			  "unlock TOKEN`");
	return embargo_diagnostic_what(diagnostic, -EPERM, "the guard is closed%s",
				       view.mode == EMBARGO_GUARD_LOCKED ? ", until the next boot"
									 : "");
}

static int read_state(int map, struct embargo_guard_state *state)
{
	__u32 zero = 0;

	if (map < 0)
		return map;
	return bpf_map_lookup_elem(map, &zero, state) ? -errno : 0;
}

int embargo_guard_tokens(struct embargo_guard_tokens *tokens)
{
	_cleanup_close_ int map = open_pinned("guard_state", 0);
	struct embargo_guard_state state;
	int error = read_state(map, &state);

	if (error)
		return error;
	*tokens = state.tokens;
	return state.mode == EMBARGO_GUARD_LOCKED ? -EPERM : 0;
}

int embargo_guard_open(uint64_t until, const char *ticket,
		       const struct embargo_guard_tokens *tokens)
{
	_cleanup_close_ int map = open_pinned("guard_state", 0);
	_cleanup_close_ int shown = open_pinned("guard_view", 0);
	struct embargo_guard_shown told = { .open_until = until };
	struct embargo_guard_state state;
	__u32 zero = 0;
	int error = shown < 0 ? shown : read_state(map, &state);

	if (error)
		return error;
	if (state.mode != EMBARGO_GUARD_ON)
		return -EPERM;
	state.open_until = until;
	state.tokens = *tokens;
	told.mode = state.mode;
	told.closed = state.closed;
	snprintf(told.ticket, sizeof(told.ticket), "%s", ticket);
	if (bpf_map_update_elem(map, &zero, &state, BPF_EXIST) ||
	    bpf_map_update_elem(shown, &zero, &told, BPF_EXIST))
		return -errno;
	return 0;
}

int embargo_guard_remove(void)
{
	embargo_guard_tokens(&embargo_guard_tokens_before);
	return embargo_pins_remove(EMBARGO_GUARD_PIN_DIR);
}
