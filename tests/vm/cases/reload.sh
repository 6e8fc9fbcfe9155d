#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reloads leave no moment without a policy, a broken one changes nothing, and a killed daemon opens nothing.
#: @two --disk data:512M --cpus 2

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
make_pair /d/listed "$HERE/bin/tiny"
make_pair /d/second "$HERE/bin/tiny"
mkdir -p /etc/embargo/policy.d

start_policy()
{
	policy_begin
	rule_file listed banned elf /d/listed
	[[ ${1:-} != both ]] || rule_file second banned elf /d/second
	policy_end >/dev/null
}

generation()
{
	status_says generation
}

# A reload adds a rule and takes it away again.
changes_rules()
{
	start_policy
	enforce
	now_runs plain /d/second "not listed yet"
	start_policy both
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_denied plain /d/second "listed now"
	now_denied plain /d/listed "listed still"
	agrees deny /d/second exec
	start_policy
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_runs plain /d/second "no longer listed"
	agrees allow /d/second exec
}
attempt reload-changes-rules changes_rules

# broken NAME TEXT: a policy that must be refused, with the place and the remedy, and no change.
broken_reload()
{
	local good=$POLICY bad=$SCRATCH/bad.yaml before status=0

	before=$(generation)
	printf 'policy: test\nversion: 1\nrules:\n  - { id: x, colour: red }\n' >"$bad"
	embargo reload --policy "$bad" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "a policy with an unknown key: status $status"
	grep -q 'bad.yaml:[0-9]*:[0-9]*' "$SCRATCH/output" || fail "no place in: $(<"$SCRATCH/output")"
	status=0
	sed 's/listed.hsb/missing.hsb/' "$good" >"$SCRATCH/policy/missing.yaml"
	embargo reload --policy "$SCRATCH/policy/missing.yaml" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "a missing list: status $status"
	status=0
	embargo reload --policy /does/not/exist >/dev/null 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "a missing policy: status $status"
	[[ $(generation) == "$before" ]] || fail "the generation went from $before to $(generation)"
	now_denied plain /d/listed "after broken reloads"
	now_runs plain /d/listed.twin "after broken reloads"
	[[ ! -e /sys/fs/bpf/embargo.new ]] || fail "embargo.new is left behind"
}
attempt reload-broken broken_reload

# A load beside a running one takes over; a broken one leaves it alone.
broken_load()
{
	local status=0

	printf 'policy: test\n\tversion: 1\n' >"$SCRATCH/bad.yaml"
	embargo load --policy "$SCRATCH/bad.yaml" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 2 ]] || fail "status $status"
	now_denied plain /d/listed "after a broken load"
	[[ $(ls /sys/fs/bpf) == embargo ]] || fail "in /sys/fs/bpf: $(ls /sys/fs/bpf)"
}
attempt load-broken broken_load

# 200 reloads, and at each of them ten execs of a listed file and ten of an unlisted one, all three at the same time.
under_fire()
{
	local reloads failed=0 before

	before=$(generation)
	mkfifo "$SCRATCH/listed.go" "$SCRATCH/unlisted.go"
	storm --paced 2000 /d/listed <"$SCRATCH/listed.go" >"$SCRATCH/listed" 2>&1 &
	storm --paced 2000 /d/listed.twin <"$SCRATCH/unlisted.go" >"$SCRATCH/unlisted" 2>&1 &
	exec 8>"$SCRATCH/listed.go" 9>"$SCRATCH/unlisted.go"
	for ((reloads = 0; reloads < 200; reloads++)); do
		printf x >&8
		printf x >&9
		embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || failed=$((failed + 1))
	done
	exec 8>&- 9>&-
	wait
	[[ $failed -eq 0 ]] || fail "$failed of 200 reloads failed: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/listed") == "ran=0 refused=2000 other=0" ]] || fail "listed: $(<"$SCRATCH/listed")"
	[[ $(<"$SCRATCH/unlisted") == "ran=2000 refused=0 other=0" ]] || fail "unlisted: $(<"$SCRATCH/unlisted")"
	[[ $(generation) -ge $((before + 200)) ]] || fail "the generation went from $before to $(generation)"
	read_counters
	printf '# look-ups begun anew during the reloads: %s\n' "${counter[retried]}"
}
attempt reload-200-under-fire under_fire

# The daemon: killed, its enforcement stays; the next one takes over while the listed file is tried without a pause.
daemon_killed()
{
	local first second

	relax
	start_policy
	: >"$SCRATCH/run"
	embargo run --policy "$SCRATCH/policy/test.yaml" >"$SCRATCH/run" 2>&1 &
	first=$!
	wait_for 100 embargo status >/dev/null 2>&1 || { fail "run does not enforce: $(<"$SCRATCH/run")"; return; }
	now_denied plain /d/listed "with the daemon"
	now_runs plain /d/listed.twin "with the daemon"
	kill -9 "$first"
	wait "$first" 2>/dev/null
	take_events
	expect_denied_after_kill
	storm 1500 /d/listed >"$SCRATCH/listed" 2>&1 &
	storm=$!
	embargo run --policy "$SCRATCH/policy/test.yaml" >"$SCRATCH/run2" 2>&1 &
	second=$!
	sleep 3
	wait "$storm"
	kill -0 "$second" 2>/dev/null || fail "the next run has ended: $(<"$SCRATCH/run2")"
	[[ $(<"$SCRATCH/listed") == "ran=0 refused=1500 other=0" ]] || fail "during the take-over: $(<"$SCRATCH/listed")"
	kill "$second"
	wait "$second" 2>/dev/null
}
expect_denied_after_kill()
{
	local before

	read_counters
	before=${counter[denied]}
	now_denied plain /d/listed "after kill -9"
	now_denied user /d/listed "after kill -9, another user"
	now_runs plain /d/listed.twin "after kill -9"
	read_counters
	[[ ${counter[denied]} -gt $before ]] || fail "the counter stayed at $before"
	take_events
	events_with verdict=deny rule=listed uid=1000 >/dev/null || fail "no event after kill -9: $events"
}
attempt daemon-killed daemon_killed
