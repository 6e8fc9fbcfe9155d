# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Files are looked into as they come, what rules match is learned, and what is learned is refused: wherever its bytes go, after
# a reload, after kill -9, with no daemon at all.
#: --cpus 2 --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d

# soon_denied FILE [WHERE]: within five seconds, which is an age for a file on a quiet machine.
soon_denied()
{
	wait_for 50 is_refused "$1" || fail "${2:+$2: }not refused: status $status: $output; $(tail -n 5 "$SCRATCH/run")"
}

# in_time_denied FILE [WHERE]: once the inventory has come to it, which an emulated machine takes its time for.
in_time_denied()
{
	wait_for 600 is_refused "$1" || fail "${2:+$2: }not refused: status $status: $output; $(tail -n 5 "$SCRATCH/run")"
}

# The process that looks into files, as it tells itself; `watch` is empty where none runs.
watch_of()
{
	watch=''
	[[ $(</run/embargo/watch) =~ \"process\":\ *([0-9]+) ]] && kill -0 "${BASH_REMATCH[1]}" && watch=${BASH_REMATCH[1]}
} 2>/dev/null

by_build_id='build-id: acacacacacacacacacacacacacacacacacacacac'
policy_begin
rule_identity by-package banned 'package: { name: acme-agent }'
POLICY=$(policy_end)

make_branded /d/before
make_branded /d/old
make_branded /d/older
daemon_starts

# There before the start.
inventoried()
{
	in_time_denied /d/before
	now_runs plain /d/before.twin
	wait_for 50 grep -q 'denied exec of /d/before: rule by-package' "$SCRATCH/run" || fail "no event: $(<"$SCRATCH/run")"
	agrees_on_pair /d/before /d/before.twin exec
	grep -q '/d/before falls under rule by-package of test by package name=acme-agent' "$SCRATCH/run" ||
		fail "not told: $(<"$SCRATCH/run")"
}
attempt inventoried inventoried

written()
{
	make_branded /d/written
	soon_denied /d/written
	now_runs plain /d/written.twin
}
attempt written written

moved()
{
	make_branded /d/.hidden
	mv /d/.hidden /d/moved
	mv /d/.hidden.twin /d/moved.twin
	soon_denied /d/moved
	now_runs plain /d/moved.twin
}
attempt moved moved

on_tmpfs()
{
	mkdir -p /tmp/late
	mount -t tmpfs tmpfs /tmp/late
	make_branded /tmp/late/file
	soon_denied /tmp/late/file
	now_runs plain /tmp/late/file.twin
	wait_for 30 umount /tmp/late || fail "the file system is held"
}
attempt on-tmpfs on_tmpfs

# What is on an image was never written here.
mounted_later()
{
	modprobe loop 2>/dev/null
	truncate -s 16M /d/image
	mke2fs -q -F -t ext4 /d/image
	mkdir -p /d/mnt
	mount -o loop /d/image /d/mnt || { skip "no loop device"; return; }
	make_branded /d/mnt/file
	wait_for 30 umount /d/mnt || fail "the file system is held"
	kill -STOP "$watch"
	mount -o loop /d/image /d/mnt
	kill -CONT "$watch"
	in_time_denied /d/mnt/file
	now_runs plain /d/mnt/file.twin
	wait_for 30 umount /d/mnt || fail "the file system is held"
}
watch_of
attempt mounted-later mounted_later

# Its bytes, not its place: while nobody looks.
copies()
{
	kill -STOP "$watch"
	cp /d/written /tmp/copy
	ln /d/written /d/link
	now_denied plain /tmp/copy copy
	now_denied plain /d/link link
	now_denied plain /d/before "where it was"
	kill -CONT "$watch"
}
attempt copies copies

# in_memory MARK [COMMAND...]: a program that no file system tells of, of content of its own, waits to be run, by COMMAND;
# its process is `nameless`.
in_memory()
{
	mkfifo "$SCRATCH/go-$1"
	"${@:2}" nameless "waiting:$1" "$HERE/bin/branded" <"$SCRATCH/go-$1" >"$SCRATCH/output" 2>&1 &
	nameless=$!
	exec {go}>"$SCRATCH/go-$1"
	wait_for 50 test -e "/proc/$nameless/fd/3" || fail "there is no memory file: $(<"$SCRATCH/output")"
	pause 0.3
}

# let_go: runs it; leaves `status` and `output`.
let_go()
{
	printf '\n' >&"$go"
	exec {go}>&-
	wait "$nameless"
	status=$? output=$(<"$SCRATCH/output")
}

# learns_in_memory NUMBER: the watch has learned more than so many of these, within five seconds.
learns_in_memory()
{
	wait_for 50 eval "[[ \$(grep -c 'memfd:nameless.* falls under' '$SCRATCH/run') -gt $1 ]]"
}

# stays_unknown: nobody tells the watch of what waits in memory, and so it runs.
stays_unknown()
{
	learns_in_memory "$(grep -c 'memfd:nameless.* falls under' "$SCRATCH/run")" &&
		fail "$1: it was learned: $(tail -n 3 "$SCRATCH/run")"
	let_go
	[[ $status -eq 0 ]] || fail "$1: not run: status $status: $output"
}

# hand_over MARK VERB [OPTION...]: what root's VERB has looked into is refused.
hand_over()
{
	local before

	in_memory "$1"
	before=$(grep -c 'memfd:nameless.* falls under' "$SCRATCH/run")
	embargo "${@:2}" "/proc/$nameless/fd/3" >"$SCRATCH/check" 2>&1
	[[ $(<"$SCRATCH/check") == *'acme-agent'* ]] || fail "$2: $(<"$SCRATCH/check")"
	learns_in_memory "$before" ||
		fail "$2: nothing learned: $(tail -n 3 "$SCRATCH/run")"
	let_go
	looks_refused || fail "not refused after $2: status $status: $output; $(tail -n 4 "$SCRATCH/run")"
}

# What an administrator's verb has met is learned, though nothing else tells of it.
handed_over()
{
	hand_over checked check --policy "$POLICY"
	hand_over identified identify
	in_memory unseen
	stays_unknown 'noticed by itself'
}
attempt handed-over handed_over

# Whoever is not root hands nothing over, and a watch that stands still keeps nobody waiting.
not_handed_over()
{
	local begun

	in_memory user setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --
	as_user embargo identify "/proc/$nameless/fd/3" >"$SCRATCH/check" 2>&1 || fail "identify: $(<"$SCRATCH/check")"
	[[ $(<"$SCRATCH/check") == *acme-agent* ]] || fail "not identified: $(<"$SCRATCH/check")"
	stays_unknown 'handed over by a user'
	watch_of
	kill -STOP "$watch"
	begun=$EPOCHREALTIME
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		embargo identify /bin/true >"$SCRATCH/check" 2>&1 || fail "identify: $(<"$SCRATCH/check")"
	done
	[[ $((${EPOCHREALTIME/./} - ${begun/./})) -lt 60000000 ]] || fail "it waits for a watch that stands still"
	kill -CONT "$watch"
	make_branded /d/after-that
	soon_denied /d/after-that
}
attempt not-handed-over not_handed_over

# What was first run while there was no room to tell of it is told of when it runs again. Long paths fill the room soonest.
lost()
{
	local folder=/tmp/many i files=() again

	in_memory lost
	for i in {1..12}; do folder+=/a-folder-whose-name-is-long-enough-to-fill-the-ring; done
	mkdir -p "$folder"
	for i in {1..200}; do
		install -m 0755 "$HERE/bin/tiny" "$folder/$i"
		files+=("$folder/$i")
	done
	kill -STOP "$watch"
	storm --each "${files[@]}" >/dev/null
	now_runs plain "/proc/$nameless/fd/3" "while it cannot be told of"
	kill -CONT "$watch"
	wait_for 300 grep -q 'faster than they can be told of' "$SCRATCH/run" ||
		fail "not made up for: $(tail -n 5 "$SCRATCH/run")"
	"/proc/$nameless/fd/3" 60 & # what is in memory can be looked into while it runs
	again=$!
	wait_for 100 eval '[[ $(</proc/$again/comm) != bash ]]' # it is the one that is told of
	wait_for 400 is_refused "/proc/$nameless/fd/3" || fail "not refused: $output; $(tail -n 5 "$SCRATCH/run")"
	kill "$again"
	exec {go}>&-
	rm -r /tmp/many
}
watch_of
attempt lost lost

# after WHAT: what was learned still holds, and what was not still runs.
after()
{
	now_denied plain /d/written "after $1"
	now_denied plain /tmp/copy "a copy after $1"
	now_runs plain /d/written.twin "after $1"
}

# How many, by which rule.
told_by_status()
{
	read_status
	[[ $status_text =~ \"learned_by\":[^]]*\"policy\":\ *\"test\"[^]]*\"rule\":\ *\"by-package\"[^]]*\"digests\":\ *([0-9]+) &&
		${BASH_REMATCH[1]} -ge 4 ]] || fail "status: ${status_text:0:900}"
	status_has learned_in_all
	[[ $value == "${BASH_REMATCH[1]}" ]] || fail "in all $value, by the rule ${BASH_REMATCH[1]}"
	[[ $(embargo status) == *" $value in all by rule by-package of test"* ]] || fail "$(embargo status)"
}
attempt status told_by_status

dropped_caches()
{
	printf 3 >/proc/sys/vm/drop_caches
	after drop_caches
}
attempt drop-caches dropped_caches

reloaded()
{
	kill -STOP "$watch"
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	after "a reload"
	kill -CONT "$watch"
	make_branded /d/second
	soon_denied /d/second "learned in the second generation"
}
attempt reload reloaded

# Its rule goes, and so does what was learned by it; it comes back, and so does that.
without_its_rule()
{
	policy_begin
	rule_identity other banned 'soname: libnobody.so'
	embargo reload --policy "$(policy_end)" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_runs plain /d/written "without its rule"
	policy_begin
	rule_identity by-id banned "$by_build_id"
	POLICY=$(policy_end)
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	in_time_denied /d/written "by another rule on another identity"
	policy_begin
	rule_identity by-package banned 'package: { name: acme-agent }'
	POLICY=$(policy_end)
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	after "its rule came back"
}
attempt rule-goes-and-comes without_its_rule

# The process that looks into files is started again.
watch_killed()
{
	watch_of
	killed=$watch
	kill -9 "$watch"
	after "the watch was killed"
	make_branded /d/third
	in_time_denied /d/third "after the watch was killed"
	wait_for 50 eval 'watch_of; [[ $watch ]]' || fail "there is no watch: $(tail -n 12 "$SCRATCH/run")"
}
attempt watch-killed watch_killed

# The next one knows from the index what the last one has looked into: what was old enough to be kept, when it came to it.
remembers()
{
	local report

	read -r report 2>/dev/null </run/embargo/watch && [[ $report != *"\"process\":$killed,"* ]] &&
		[[ $report =~ \"remembered\":([0-9]+) && ${BASH_REMATCH[1]} -gt 3 ]]
}

not_again()
{
	wait_for 3000 remembers || fail "nothing remembered: $(</run/embargo/watch)"
}
attempt index not_again

daemon_killed()
{
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	after "kill -9"
	wait_for 50 eval '! kill -0 $watch 2>/dev/null' || fail "the watch outlived the daemon"
}
attempt daemon-killed daemon_killed

# As a boot does it: no daemon, nothing but the list.
loaded_alone()
{
	relax
	now_runs plain /d/written "with nothing in force"
	embargo load --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "load: $(<"$SCRATCH/output")"
	after "a load without a daemon"
	agrees_on_pair /tmp/copy /d/written.twin exec
	[[ $(embargo check --policy "$POLICY" --json /tmp/copy) == *acme-agent* ]] || fail "check does not say by what"
	take_events
	events_with verdict=deny path=/d/written rule=by-package 'identity=package name=acme-agent, version=1' >/dev/null ||
		fail "the event does not say by what: $events"
	relax
}
attempt loaded-alone loaded_alone

# A server that does not answer keeps nobody waiting who only walks past it, and for seconds who names it.
scan_past_a_server()
{
	local server status

	modprobe fuse 2>/dev/null
	mkdir -p /d/tree/served
	cp "$HERE/bin/branded" /d/tree/program
	fuse /d/tree/served "$HERE/bin/branded" || { skip 'no fuse'; return; }
	wait_for 50 test -x /d/tree/served/program || fail 'it serves nothing'
	server=$(pidof fuse)
	kill -STOP "$server" || fail 'the server is not found'
	timeout 100 embargo scan --policy "$POLICY" /d/tree >"$SCRATCH/scan" 2>&1
	status=$?
	[[ $status -eq 1 && $(<"$SCRATCH/scan") == "/d/tree/program: deny; rule by-package of test; package name=acme-agent"* ]] ||
		fail "scan past it: status $status: $(<"$SCRATCH/scan")"
	[[ $(<"$SCRATCH/scan") != *served* ]] || fail "scan past it: $(<"$SCRATCH/scan")"
	for place in /d/tree/served /d/tree/served/program; do
		timeout 100 embargo scan --policy "$POLICY" "$place" >"$SCRATCH/scan" 2>&1
		status=$?
		[[ $status -eq 2 && $(<"$SCRATCH/scan") =~ 'does not answer'|'no local file system' ]] ||
			fail "$place: status $status: $(<"$SCRATCH/scan")"
	done
	kill -CONT "$server"
	timeout 100 embargo scan --policy "$POLICY" /d/tree/served/program >"$SCRATCH/scan" 2>&1
	[[ $? -eq 2 && $(<"$SCRATCH/scan") == *'no local file system'* ]] || fail "it answers: $(<"$SCRATCH/scan")"
	wait_for 50 umount /d/tree/served || fail 'the file system is held'
}
attempt scan-past-a-server scan_past_a_server
