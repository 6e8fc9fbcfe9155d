#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What status tells, in its three forms: nothing in force, just loaded, after denials, with a daemon and without one again.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
make_pair /d/listed /bin/true
make_pair /d/audited /bin/true

# ask EXPECTED: all three forms, into `text`, `json` (one line) and the array `metric` by name; EXPECTED is their exit status.
declare -A metric
ask()
{
	local expected=$1 name value form option

	for form in text json openmetrics; do
		option=(--"$form")
		[[ $form != text ]] || option=()
		embargo status "${option[@]}" >"$SCRATCH/$form" 2>"$SCRATCH/status.err"
		status=$?
		[[ $status -eq $expected ]] || fail "$form: status left with $status, not $expected: $(<"$SCRATCH/status.err")"
	done
	text=$(<"$SCRATCH/text")
	json=$(json_lines <"$SCRATCH/json")
	json=${json//$'\n'/}
	metric=()
	while read -r name value; do
		metric[$name]=$value
	done < <(busybox awk -v show=1 -f "$HERE/cases/openmetrics.awk" "$SCRATCH/openmetrics")
	busybox awk -f "$HERE/cases/openmetrics.awk" "$SCRATCH/openmetrics" >"$SCRATCH/output" ||
		fail "OpenMetrics: $(<"$SCRATCH/output")"
	[[ $(tail -c 1 "$SCRATCH/openmetrics" | od -An -c) == *'\n'* ]] || fail "OpenMetrics: the last line has no end"
}

says()
{
	[[ $text =~ $1 ]] || fail "no $1 in: $text"
}

json_says()
{
	[[ $json == *"$1"* ]] || fail "no $1 in: $json"
}

metric_is()
{
	[[ ${metric[embargo_$1]:-none} == "$2" ]] || fail "embargo_$1 is ${metric[embargo_$1]:-none}, not $2"
}

# The pinned counters, the JSON and the metrics are the same numbers. What status itself does may be counted between.
numbers_agree()
{
	local name

	for name in denied audited hashed digest_failed lost_denials lost_audits coalesced unjudged; do
		json_says "\"$name\":${counter[$name]}"
		metric_is "${name}_total" "${counter[$name]}"
	done
	for name in checked label_hit size_filtered retried; do
		[[ ${metric[embargo_${name}_total]:-0} -ge ${counter[$name]} ]] || fail "$name fell from ${counter[$name]}"
	done
}

nothing_in_force()
{
	ask 1
	says 'enforcing   NO: '
	json_says '"enforcing":false'
	json_says '"why":"'
	metric_is enforcing 0
	metric_is denied_total 0
	metric_is daemon_running 0
	metric_is gate_holding 0
	metric_is guard_closed 0
}
attempt nothing-in-force nothing_in_force

after_load()
{
	local kernel

	kernel=$(uname -r)
	policy_begin
	schedule observed "$LONG_AGO=audit" "2061-01-01T00:00:00Z=deny"
	rule_file listed banned elf /d/listed
	rule_file audited observed elf /d/audited
	enforce
	ask 0
	says '^enforcing   yes'
	[[ $text == *"kernel      $kernel"$'\n'* ]] || fail "not kernel $kernel: $text"
	says 'daemon      not running'
	says 'generation  1: 2 digests, [12] sizes'
	says 'policies    test'
	says 'next        2061-01-01T00:00:00Z: deny'
	says 'hooks      .* exec'
	says 'blacklist   0 in the kernel.s own keyring: 0 files, 0 certificates'
	json_says '"blacklist":{"entries":0,"bin":0,"tbs":0}'
	[[ $text != *expired* && $text != *skipped* ]] || fail "not so: $text"
	json_says '"enforcing":true'
	json_says '"why":null'
	json_says "\"kernel\":\"$kernel\""
	json_says '"daemon":null'
	json_says '"generation":1'
	json_says '"digests":2'
	json_says '"policies":["test"]'
	json_says '"expired":[]'
	json_says '"next":{"at":"2061-01-01T00:00:00Z","action":"deny"}'
	json_says '"recursion_misses":0'
	metric_is enforcing 1
	metric_is generation 1
	metric_is digests 2
	metric_is clock_behind 0
	metric_is recursion_misses_total 0
	metric_is next_change_timestamp_seconds 2871763200
	[[ ${metric[embargo_memory_bytes]:-0} -ge 4096 ]] || fail "memory: ${metric[embargo_memory_bytes]:-none}"
	numbers_agree
}
attempt after-load after_load

after_denials()
{
	now_denied plain /d/listed
	now_denied user /d/listed
	now_runs plain /d/audited
	read_counters
	[[ ${counter[denied]} -ge 2 && ${counter[audited]} -ge 1 ]] || fail "counted: ${counter[denied]}, ${counter[audited]}"
	ask 0
	says "denied +${counter[denied]}"
	says "audited +${counter[audited]}"
	numbers_agree
}
attempt after-denials after_denials

# By its date, not by the time of its load: the second one expires while it is in force.
expired()
{
	local dated=$SCRATCH/policy/dated.yaml soon

	daemon_starts
	soon=$(at 8) # from the reload on, which is quick: a start may take longer than that here
	sed "s/^issued:.*/&\nexpires: $soon/" "$POLICY" >"$dated"
	embargo reload --policy "$dated" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	ask 0
	says "daemon      process $daemon"
	json_says "\"daemon\":$daemon"
	metric_is daemon_running 1
	metric_is 'policy_expires_timestamp_seconds{policy="test"}' "$(date -u -d "$soon" +%s)"
	json_says '"expired":[]'
	! grep expired "$SCRATCH/run" || fail "told too early"
	wait_until "$soon"
	ask 0
	says "test expired on $soon"
	json_says '"expired":["test"]'
	wait_for 60 grep -q "the policy test expired on $soon" "$SCRATCH/run" || fail "the daemon does not tell: $(<"$SCRATCH/run")"
	embargo reload --policy "$dated" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	wait_for 60 grep -q "generation 3" "$SCRATCH/run" || fail "the second reload is not told: $(<"$SCRATCH/run")"
	sleep 3
	[[ $(grep -c "test expired" "$SCRATCH/run") -eq 2 ]] || fail "not told once for each load: $(<"$SCRATCH/run")"
	now_denied plain /d/listed "by an expired policy"
}
attempt expired expired

# Killed, it has no chance to say good-bye.
daemon_gone()
{
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null
	ask 0
	says '^enforcing   yes'
	says 'daemon      not running'
	json_says '"daemon":null'
	metric_is enforcing 1
	metric_is daemon_running 0
	now_denied plain /d/listed
	read_counters
	ask 0
	numbers_agree
}
attempt daemon-gone daemon_gone

# Who may not look is told so, and not that nothing is in force.
unprivileged()
{
	local output

	output=$(as_user embargo status 2>&1)
	status=$?
	[[ $status -eq 2 && $output != *NO* ]] || fail "status $status: $output"
	relax
	ask 1
}
attempt unprivileged unprivileged
