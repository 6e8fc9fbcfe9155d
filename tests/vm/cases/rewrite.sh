#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a file holds now decides: overwritten in place, in the same clock tick, through mappings and pinned pages.
#: @two --disk data:512M --cpus 2

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
mkdir -p /tmp/tmpfs /d/overlay/{lower,upper}
mount -t tmpfs tmpfs /tmp/tmpfs

# Each case has a listed content, whose file is NAME.listed, and a harmless one of the same size, NAME.harmless.
names='inplace-ext4 inplace-elsewhere inplace-overlay inplace-lower inplace-tmpfs mapping-ext4 mapping-tmpfs mapping-overlay tick-exec tick-map
	tick-exec-tmpfs tick-exec-overlay tick-map-overlay shared-ext4 shared-overlay shared-tmpfs pinned-tmpfs'

policy_begin
for name in $names; do
	wanted "$name" || continue
	make_pair "/d/$name.listed" "$([[ $name == tick* ]] && echo "$HERE/bin/tiny" || echo /bin/true)"
	mv "/d/$name.listed.twin" "/d/$name.harmless"
	rule_file "$name" banned elf "/d/$name.listed"
	[[ $name != *-lower ]] || cp "/d/$name.harmless" "/d/overlay/lower/$name"
done
mount_overlay /d/overlay
enforce

# in_place NAME TARGET WAY [ELSEWHERE]: both directions, and each twice, so that a label is there to be wrong. What is
# written goes to the same file under the name ELSEWHERE.
in_place()
{
	local name=$1 target=$2 way=$3 written=${4:-$2}

	cp "/d/$name.harmless" "$target"
	now_runs "$way" "$target" "harmless at first"
	now_runs "$way" "$target" "harmless again"
	overwrite "$written" "/d/$name.listed"
	now_denied "$way" "$target" "after listed bytes came"
	agrees deny "$target" "$([[ $way == plain ]] && echo exec || echo map)"
	now_denied "$way" "$target" "listed again"
	take_events
	events_with verdict=deny "rule=$name" "sha256=$(digest_of "/d/$name.listed")" >/dev/null || fail "no event: $events"
	overwrite "$written" "/d/$name.harmless"
	now_runs "$way" "$target" "after harmless bytes came back"
}

attempt inplace-ext4 in_place inplace-ext4 /d/target plain
mkdir -p /d/one /d/other
mount --bind /d/one /d/other
attempt inplace-elsewhere in_place inplace-elsewhere /d/one/target plain /d/other/target
attempt inplace-overlay in_place inplace-overlay /d/overlay/merged/target plain
attempt inplace-tmpfs in_place inplace-tmpfs /tmp/tmpfs/target plain
attempt mapping-ext4 in_place mapping-ext4 /d/target-map ldso
attempt mapping-overlay in_place mapping-overlay /d/overlay/merged/target-map ldso
attempt mapping-tmpfs in_place mapping-tmpfs /tmp/tmpfs/target-map ldso

# A file of the lower layer moves to the upper one when it is first written to.
copied_up()
{
	local target=/d/overlay/merged/inplace-lower

	now_runs plain "$target" "in the lower layer"
	overwrite "$target" /d/inplace-lower.listed
	now_denied plain "$target" "after listed bytes came"
	overwrite "$target" /d/inplace-lower.harmless
	now_runs plain "$target" "after harmless bytes came back"
}
attempt inplace-lower copied_up

# same_tick NAME TARGET exec|map ROUNDS: two contents within one tick of the clock that stamps files.
same_tick()
{
	local name=$1 target=$2 result

	cp "/d/$name.harmless" "$target"
	result=$(rewrite "$3" "$target" "/d/$name.harmless" "/d/$name.listed" "$4" 2>&1)
	[[ $result == *" harmless_refused=0 listed_ran=0" ]] || fail "$result"
	[[ $result != *" same_tick=0 "* ]] || fail "never within one tick, so nothing was shown: $result"
}
attempt tick-exec same_tick tick-exec /d/tick exec 100
attempt tick-map same_tick tick-map /d/tick map 200
attempt tick-exec-tmpfs same_tick tick-exec-tmpfs /tmp/tmpfs/tick exec 50
attempt tick-exec-overlay same_tick tick-exec-overlay /d/overlay/merged/tick exec 100
attempt tick-map-overlay same_tick tick-map-overlay /d/overlay/merged/tick-map map 200

# say_next: lets the other program take its next step, and checks that it has.
say_next()
{
	local said

	[[ $1 == first ]] || printf '\n' >&"${other[1]}"
	read -r -t 20 said <&"${other[0]}"
	[[ $said == "$2" ]] || fail "the writer says \"$said\" instead of $2"
}

# Written through a mapping that was there before: no system call, and where the page is writable already, no new ctime.
shared_mapping()
{
	local name=$1 target=$2 before ctime

	cp "/d/$name.harmless" "$target"
	sync "$target"
	coproc other { rewrite mapped "$target" "/d/$name.listed" 2>&1; }
	say_next first mapped
	ctime=$(stat -c %z "$target")
	now_runs ldso "$target" "mapped, still harmless"
	now_runs ldso "$target" "mapped, still harmless, again"
	say_next next written
	now_denied ldso "$target" "written through the mapping"
	before=$ctime
	ctime=$(stat -c %z "$target")
	[[ $ctime == "$before" ]] || fail "ctime moved from $before to $ctime: the write was no hidden one"
	say_next next closed
	now_denied ldso "$target" "written, and the writer gone"
	now_denied plain "$target" "executed after the writer is gone"
	printf '\n' >&"${other[1]}"
	wait
	take_events
	events_with verdict=deny "rule=$name" >/dev/null || fail "no event: $events"
}
attempt shared-ext4 shared_mapping shared-ext4 /d/shared
attempt shared-overlay shared_mapping shared-overlay /d/overlay/merged/shared
attempt shared-tmpfs shared_mapping shared-tmpfs /tmp/tmpfs/shared

# On tmpfs pages can be pinned, and then change with no mapping, no writer and no ctime left to tell.
pinned_pages()
{
	local target=/tmp/tmpfs/pinned

	cp /d/pinned-tmpfs.harmless "$target"
	coproc other { pinned "$target" /d/pinned-tmpfs.listed 2>&1; }
	read -r -t 20 said <&"${other[0]}"
	[[ $said == pinned ]] || { skip "pages cannot be pinned here: $said"; return; }
	now_runs plain "$target" harmless
	now_runs plain "$target" "harmless again"
	say_next next written
	now_denied plain "$target" "after the pinned pages changed"
	printf '\n' >&"${other[1]}"
	wait
}
attempt pinned-tmpfs pinned_pages
