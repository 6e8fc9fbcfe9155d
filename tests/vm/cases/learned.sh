#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A digest that is learned is refused from that moment on, also where its file was just found on no list; and nothing else is.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
mkdir -p /d/overlay/{lower,upper}
overlay=''

# begin_policy [LISTED...]: a rule that names what is found in files, and a list of these, with their sizes.
begin_policy()
{
	local file

	policy_begin
	rule_identity found banned 'build-id: 0123456789abcdef0123456789abcdef01234567'
	for file; do rule_file "listed-${file##*/}" banned any "$file"; done
	enforce
}

# The timelines of rules that name what is found in files come first.
learn_now()
{
	learn add now 1 "$@" >"$SCRATCH/learn" 2>&1 || fail "not learned: $(<"$SCRATCH/learn")"
}

# learned_denied WAY FILE TWIN: refused, with an event that says what was learned; the twin is not.
learned_denied()
{
	local digest

	digest=$(digest_of "$2")
	run_way "$1" "$2"
	looks_refused || fail "$1: not refused: status $status: $output"
	take_events
	events_with verdict=deny rule=found "sha256=$digest" | grep -q '"learned":true' || fail "$1: no event of it: $events"
	now_runs "$1" "$3" "$1, the twin"
}

# The file has run, its size is none of the listed ones, and nothing of it is remembered.
unknown_size()
{
	make_pair "$1" /bin/true
	now_runs plain "$1" 'before'
	learn_now "$1"
	learned_denied plain "$1" "$1.twin"
	learned_denied ldso "$1" "$1.twin"
	run_way map_private "$1"
	looks_refused || fail "a mapping that only reads was not refused: $output"
}

begin_policy
for place in /d "$SCRATCH"; do
	attempt "learned-${place##*/}" unknown_size "$place/learned-${place##*/}"
done
make_pair /d/overlay/lower/learned-overlay /bin/true
mount_overlay /d/overlay && overlay=yes
on_overlay()
{
	local file=/d/overlay/merged/learned-overlay

	[[ $overlay ]] || { skip 'no overlay'; return; }
	now_runs plain "$file" 'before'
	learn_now /d/overlay/lower/learned-overlay
	learned_denied plain "$file" "$file.twin"
}
attempt learned-overlay on_overlay

# Another file of this size is listed: this one was hashed, found on no list, and that is remembered.
remembered_unlisted()
{
	local file=/d/remembered before

	make_pair "$file" /bin/true
	make_pair /d/other /bin/true
	truncate -s "$(stat -c %s "$file")" /d/other
	begin_policy /d/other
	now_runs plain "$file" 'at first'
	now_runs plain "$file" 'a second time'
	read_counters
	before=${counter[hashed]}
	now_runs plain "$file" 'a third time'
	read_counters
	[[ ${counter[hashed]} -eq $before ]] || fail "it is not remembered"
	learn_now "$file"
	learned_denied plain "$file" "$file.twin"
	learned_denied map_exec "$file" "$file.twin"
	read_counters
	sync
	echo 3 >/proc/sys/vm/drop_caches
	now_denied plain "$file" 'after drop_caches'
}
attempt learned-remembered remembered_unlisted

# Mapped before it was learned, while it was looked at; turned executable after.
turned_executable()
{
	local file=/d/turned fifo=$SCRATCH/go fd

	make_pair "$file" /bin/true
	make_pair /d/another /bin/true
	truncate -s "$(stat -c %s "$file")" /d/another
	begin_policy /d/another
	mkfifo "$fifo"
	mapping --wait "$file" <"$fifo" >"$SCRATCH/mapping" 2>&1 &
	exec {fd}>"$fifo"
	wait_for 50 grep -q "$file" /proc/$!/maps || fail 'it is not mapped'
	learn_now "$file"
	printf '\n' >&"$fd"
	exec {fd}>&-
	wait_for 50 grep -qE 'EPERM|executable|mprotect' "$SCRATCH/mapping"
	grep -q EPERM "$SCRATCH/mapping" || fail "it turned executable: $(<"$SCRATCH/mapping")"
}
attempt learned-mprotect turned_executable

# The next generation has what was learned in its own tables, or not at all.
next_generation()
{
	local number

	begin_policy
	make_pair /d/former /bin/true
	number=$(learn generation)
	learn_now /d/former
	now_denied plain /d/former
	[[ $(learn count) == '1 65535' ]] || fail "count says $(learn count)"
	[[ $(status_says learned) == 1 ]] || fail "status says $(status_says learned)"
	begin_policy
	now_runs plain /d/former 'in the next generation'
	[[ $(learn count) == '0 65536' ]] || fail "then count says $(learn count)"
	learn add "$number" 1 /d/former >"$SCRATCH/learn" 2>&1 && fail 'learned for a former generation'
	grep -q ESTALE "$SCRATCH/learn" || fail "another error: $(<"$SCRATCH/learn")"
	now_runs plain /d/former 'after a late learning'
	[[ $(learn sweep) == 0 ]] || fail 'the reload left it there'
	learn_now /d/former
	now_denied plain /d/former 'learned anew'
}
attempt learned-generation next_generation

full()
{
	begin_policy
	make_pair /d/last /bin/true
	learn fill 65536 1 >"$SCRATCH/learn" 2>&1 || fail "not so many: $(<"$SCRATCH/learn")"
	learn add now 1 /d/last >"$SCRATCH/learn" 2>&1 && fail 'one too many'
	grep -q E2BIG "$SCRATCH/learn" || fail "another error: $(<"$SCRATCH/learn")"
	now_runs plain /d/last 'not learned'
	[[ $(status_says learnable) == 0 ]] || fail "status says $(status_says learnable)"
	begin_policy
	learn_now /d/last
	now_denied plain /d/last 'with room again'
}
attempt learned-full full

# 200 learnings while programs of the very same size run: each is refused at once, no other ever is.
under_load()
{
	local files=() i result

	begin_policy
	for i in {100..299}; do
		cp /t/bin/tiny "/d/load-$i"
		printf '%s' "$i" >>"/d/load-$i"
		files+=("/d/load-$i")
	done
	cp /t/bin/tiny /d/innocent
	printf 'abc' >>/d/innocent
	storm 2000 /d/innocent >"$SCRATCH/storm" &
	for ((i = 0; i < 200; i += 10)); do
		learn_now "${files[@]:i:10}"
		result=$(storm --each "${files[@]:i:10}")
		[[ $result == 'ran=0 refused=10 other=0' ]] || fail "$i: $result"
	done
	wait $!
	[[ $(<"$SCRATCH/storm") == *'ran=2000 refused=0'* ]] || fail "the innocent: $(<"$SCRATCH/storm")"
}
attempt learned-under-load under_load
