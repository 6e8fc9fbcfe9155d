#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed beside a daemon: a reload by hand, one that the steward does, and the steward. Whatever is in force then, new files are
# looked into by it; nothing unlisted is refused; the next reload works.
#: --cpus 2 --disk data:512M --add /usr/bin/strace:/usr/bin/strace

# The steps are those that change the kernel's tables or give a file its name, of a reload that nobody disturbs: the last of
# them here, all of them in killpoints.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

STEPS=${ALL:+1000}
STEPS=${STEPS:-7}
POLICIES=/etc/embargo/policy.d

mount_ext4 /dev/vda /d
make_pair /d/listed "$HERE/bin/tiny"

# host_policy IDENTITY: bans /d/listed, and what this is found in.
version=0
host_policy()
{
	policy_begin
	rule_file listed banned elf /d/listed
	rule_identity found banned "$1"
	policy_end >/dev/null
	sed -i "s/^version: .*/version: $((version += 1))/" "$SCRATCH/policy/test.yaml"
	rm -rf "$POLICIES"
	mkdir -p "$POLICIES"
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb "$POLICIES"
}

readonly NOBODY='soname: libnobody.so' BRANDED='package: { name: acme-agent }'

start_daemon()
{
	embargo run >>"$SCRATCH/run" 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || give_up run "run does not enforce: $(<"$SCRATCH/run")"
}

# process_called NAME: its number, into `process`; false where none runs.
process_called()
{
	local folder name

	process=''
	for folder in /proc/[0-9]*; do
		read -r name 2>/dev/null <"$folder/comm" && [[ $name == "$1" ]] && process=${folder#/proc/} && return
	done
	return 1
}

# --- steps -----------------------------------------------------------------------------------------

# steps_of TRACE: a line "CALL NUMBER" for each of them, of the process in TRACE that flips the generation.
steps_of()
{
	busybox awk '
	$2 !~ /^(bpf|rename)\(/ { next }
	{
		call = $2
		sub(/\(.*/, "", call)
		number[$1, call]++
	}
	call == "rename" || /BPF_MAP_UPDATE/ { line[$1] = line[$1] call " " number[$1, call] "\n" }
	/BPF_MAP_UPDATE/ { last = $1 }
	END { printf "%s", line[last] }' "$1" | tail -n "$STEPS"
}

by_hand()
{
	strace -f -qq "$@" embargo reload --policy "$POLICIES/test.yaml"
}

# The name of a process is cut off at 15 characters.
by_steward()
{
	local tracer state

	wait_for 300 process_called embargo-steward || { fail "there is no steward"; return 1; }
	strace -f -qq "$@" -p "$process" &
	tracer=$!
	wait_for 50 eval "! grep -q '^TracerPid:.0' /proc/$process/status" || fail "the steward cannot be traced"
	embargo reload
	state=$?
	kill -INT $tracer
	wait $tracer
	return $state
}

# --- what holds after each of them -----------------------------------------------------------------

# looked_into: new files are, by the rules that are in force, which are of the generation before or of the one to come.
files=0
looked_into()
{
	local file=/d/new-$((files += 1))

	make_branded "$file"
	if [[ $(learn generation) == "$before" ]]; then
		kept=$((kept + 1))
		now_runs plain "$file" "$step: in the former generation"
	else
		flipped=$((flipped + 1))
		wait_for 300 is_refused "$file" ||
			fail "$step: a new file runs: $(ls /run/embargo/policies); $(tail -n 2 "$SCRATCH/run")"
	fi
	now_runs plain "$file.twin" "$step"
	now_denied plain /d/listed "$step"
	now_runs plain /d/listed.twin "$step"
}

# reload_to IDENTITY: undisturbed.
reload_to()
{
	host_policy "$1"
	embargo reload >"$SCRATCH/output" 2>&1 || fail "$step: the next reload: $(<"$SCRATCH/output")"
	[[ $(echo /run/embargo/policies/*) != *' '* ]] || fail "$step: kept: $(echo /run/embargo/policies/*)"
}

# killed_at_each HOW: a reload to what new files fall under, done by HOW.
killed_at_each()
{
	local call number steps before kept=0 flipped=0 step=undisturbed

	reload_to "$NOBODY"
	host_policy "$BRANDED"
	"$1" -o "$SCRATCH/trace" -e trace=bpf,rename >"$SCRATCH/output" 2>&1 || fail "undisturbed: $(<"$SCRATCH/output")"
	mapfile -t steps < <(steps_of "$SCRATCH/trace")
	[[ ${#steps[@]} -gt 4 ]] || fail "only ${#steps[@]} steps: ${steps[*]}"
	for step in "${steps[@]}"; do
		[[ ! $why ]] || break
		read -r call number <<<"$step"
		step="killed before $call $number"
		reload_to "$NOBODY"
		before=$(learn generation)
		host_policy "$BRANDED"
		! "$1" -o /dev/null -e "trace=$call" -e "inject=$call:signal=SIGKILL:when=$number" >"$SCRATCH/output" 2>&1 ||
			fail "$step: not killed: $(<"$SCRATCH/output")"
		looked_into
	done 2>/dev/null # bash tells of who was killed, too
	[[ $why || ($kept -gt 0 && $flipped -gt 0) ]] || fail "$kept killed before the flip, $flipped behind it"
	printf '# %s killed before the flip, %s behind it\n' "$kept" "$flipped"
}

# The steward, when it takes up whoever asks, and when it starts a process for them.
steward_killed()
{
	local call step before kept=0 flipped=0

	for call in accept4 clone; do
		step="the steward killed before $call"
		reload_to "$NOBODY"
		before=$(learn generation)
		host_policy "$BRANDED"
		! by_steward -o /dev/null -e "trace=$call" -e "inject=$call:signal=SIGKILL:when=1" >"$SCRATCH/output" 2>&1 ||
			fail "$step: not killed: $(<"$SCRATCH/output")"
		[[ $(<"$SCRATCH/output") == *"steward does not answer"* ]] || fail "$step: whoever asked is told: $(<"$SCRATCH/output")"
		looked_into
		wait_for 300 grep -q 'the steward was ended by signal 9' "$SCRATCH/run" || fail "$step: nobody tells"
		wait_for 300 process_called embargo-steward || fail "$step: no other steward comes"
	done 2>/dev/null
	step='with another steward'
	before=none
	reload_to "$BRANDED"
	looked_into
}

# What is no way to reload is no way to end the daemon either.
hung_up()
{
	local before

	before=$(learn generation)
	kill -HUP "$daemon"
	wait_for 100 grep -q 'a hang-up signal changes nothing' "$SCRATCH/run" || fail "nothing is told: $(tail -n 3 "$SCRATCH/run")"
	kill -0 "$daemon" || fail 'the daemon has ended'
	[[ $(learn generation) == "$before" ]] || fail 'another generation is in force'
}

host_policy "$NOBODY"
start_daemon
attempt reload-by-hand killed_at_each by_hand
attempt reload-by-steward killed_at_each by_steward
attempt steward steward_killed
attempt hang-up hung_up
kill "$daemon"
wait "$daemon" 2>/dev/null
rm -rf "$POLICIES"
