#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Notices of files that are written, moved, linked and mounted, on the file systems of a stock kernel.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

LOG=$SCRATCH/notices
watcher=''

# begin_watch [QUEUE]: with a queue of so many events.
begin_watch()
{
	[[ ! ${1:-} ]] || printf '%s\n' "$1" >/proc/sys/fs/fanotify/max_queued_events
	: >"$LOG"
	notices >>"$LOG" 2>&1 &
	watcher=$!
	wait_for 20 told ready || give_up watch "no notices: $(<"$LOG")"
}

end_watch()
{
	kill "$watcher"
	wait "$watcher" 2>/dev/null
	printf '16384\n' >/proc/sys/fs/fanotify/max_queued_events
}

# told LINE: whether it stands there, whole or up to the size.
told()
{
	local line

	while IFS= read -r line; do
		[[ $line != "$1" && $line != "$1 "* ]] || return 0
	done <"$LOG"
	return 1
}

# expect_told LINE...: within a few seconds.
expect_told()
{
	local line

	for line; do
		wait_for 10 told "$line" || fail "not told: $line; but: $(tail -n 5 "$LOG")"
	done
}

written()
{
	cp /bin/true "$1/written"
	expect_told "file $1/written"
	cp /bin/true "$1/.new"
	mv "$1/.new" "$1/in-place"
	expect_told "file $1/in-place"
	ln "$1/in-place" "$1/linked"
	expect_told "file $1/linked"
	mkdir "$1/.folder"
	mv "$1/.folder" "$1/folder"
	expect_told "folder $1/folder"
}

on_tmpfs()
{
	mkdir -p /tmp/memory
	mount -t tmpfs tmpfs /tmp/memory
	expect_told "mounted /tmp/memory"
	written /tmp/memory
	umount /tmp/memory || fail "it is kept busy"
}

on_overlay()
{
	mkdir -p /d/overlay
	mount_overlay /d/overlay || { skip "no overlay"; return; }
	expect_told "mounted /d/overlay/merged"
	cp /bin/true /d/overlay/merged/written
	expect_told "file /d/overlay/merged/written"
	mv /d/overlay/merged/written /d/overlay/merged/moved
	expect_told "file /d/overlay/upper/moved"
	wait_for 5 umount /d/overlay/merged || fail "it is kept busy"
}

# An image whose file was there before: what is in it was written by nobody.
on_loop()
{
	modprobe loop 2>/dev/null
	truncate -s 16M /d/image
	mke2fs -q -F -t ext4 /d/image
	mkdir -p /d/loop
	mount -o loop /d/image /d/loop 2>"$SCRATCH/mount" || { skip "$(<"$SCRATCH/mount")"; return; }
	expect_told "mounted /d/loop"
	written /d/loop
	# With notices in the queue that nobody reads.
	kill -STOP "$watcher"
	cp /bin/true /d/loop/unread
	mv /d/loop/unread /d/loop/moved
	umount /d/loop || fail "it is kept busy by what is not read yet"
	kill -CONT "$watcher"
	: >"$LOG"
	mount -o loop /d/image /d/loop
	expect_told "mounted /d/loop"
	umount /d/loop || fail "it is kept busy"
}

# A file system that only another mount namespace has; and one that it shares with this one.
elsewhere()
{
	local inside

	mkdir -p /tmp/inside
	mkfifo "$SCRATCH/go"
	# shellcheck disable=SC2016  # it is the inner shell's
	unshare --mount --propagation private bash -c 'mount -t tmpfs tmpfs /tmp/inside; read -r <"$1"
		cp /bin/true /tmp/inside/.new; mv /tmp/inside/.new /tmp/inside/moved; cp /bin/true /d/shared; read -r <"$1"' \
		bash "$SCRATCH/go" &
	inside=$!
	wait_for 10 mounted_inside || fail "it was not looked into: $(tail -n 5 "$LOG")"
	printf '\n' >"$SCRATCH/go"
	expect_told 'file /tmp/inside/moved' 'file /d/shared'
	printf '\n' >"$SCRATCH/go"
	wait "$inside"
}

mounted_inside()
{
	[[ $(<"$LOG") == *"mounted /proc/"*/root/tmp/inside* ]]
}

many()
{
	mkdir -p /d/many
	copies 5000 /t/bin/tiny /d/many
	wait_for 30 many_told 5000 || fail "$(grep -c '^file /d/many/' "$LOG") of 5000 were told"
	! told overflow || fail 'some were lost'
	rm -rf /d/many
}

many_told()
{
	[[ $(grep '^file /d/many/' "$LOG" | cut -d ' ' -f 2 | sort -u | wc -l) -eq $1 ]]
}

lost()
{
	kill -STOP "$watcher"
	mkdir -p /d/many
	copies 500 /t/bin/tiny /d/many
	kill -CONT "$watcher"
	expect_told overflow
	rm -rf /d/many
}

mount_ext4 /dev/vda /d
begin_watch
attempt notices-ext4 written /d
attempt notices-tmpfs on_tmpfs
attempt notices-overlay on_overlay
attempt notices-loop on_loop
attempt notices-elsewhere elsewhere
attempt notices-many many
end_watch
begin_watch 100
attempt notices-lost lost
end_watch
