# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the cases share, inside the guest: policies from few words, proofs of a denial, one line for each result.
#
# A case is a function that calls `fail WHY` for all that it finds wrong, or `skip WHY` and returns;
# `attempt NAME FUNCTION ARGUMENT...` runs it and prints "ok NAME", "not ok NAME: WHY" or "skip NAME: WHY".
#
# A way is a function way_NAME that takes a file and runs, maps or loads it; it leaves in `subject` the
# path that the kernel sees, or nothing where there is none. The same way serves the listed file and its twin.
#
# All of this runs under emulation, where a program takes 15 ms to start and a builtin of the shell takes nothing: what the
# shell can do itself is not left to grep, sed and tr.

set -uo pipefail
shopt -s nullglob

HERE=/t
SCRATCH=/tmp/case
PINS=/sys/fs/bpf/embargo
ONLY=${ONLY:-*}     # which cases to run: a pattern
DETACH=${DETACH:-}  # a hook to take away after each load: what is named for it must then fail
PATIENCE=${SANITIZE:+5} PATIENCE=${PATIENCE:-1} # how many times as long programs with sanitizers may take
BOOT=${BOOT:-1}     # which machine of the group this is, from 1

mkdir -p "$SCRATCH"
PATH=$HERE/bin:$PATH
[[ -p /run/pause ]] || mkfifo /run/pause

# --- results ---------------------------------------------------------------------------------------

why='' skipped=''

fail()
{
	why+="${why:+; }$*"
}

skip()
{
	skipped=$*
}

# wanted NAME...: whether this run asks for any of these.
wanted()
{
	local name

	for name; do
		# shellcheck disable=SC2053  # a pattern is what it is
		[[ $name == $ONLY ]] && return 0
	done
	return 1
}

attempt()
{
	local name=$1

	shift
	wanted "$name" || return 0
	why='' skipped=''
	"$@"
	if [[ $skipped ]]; then
		printf 'skip %s: %s\n' "$name" "$skipped"
	elif [[ $why ]]; then
		printf 'not ok %s: %s\n' "$name" "${why//$'\n'/ | }"
	else
		printf 'ok %s\n' "$name"
	fi
}

# give_up WHAT: the rest of the group makes no sense without WHAT.
give_up()
{
	printf 'not ok %s: %s\n' "$1" "${2//$'\n'/ | }"
	exit 1
}

# --- files -----------------------------------------------------------------------------------------

digest_of()
{
	local word

	word=$(sha256sum <"$1")
	printf '%s' "${word%% *}"
}

# make_pair FILE SOURCE: FILE is SOURCE with a mark of its own, FILE.twin the same with one byte changed.
# Each case has content of its own, so that no other case's event or label is taken for this one's.
make_pair()
{
	local file=$1 source=$2

	install -m 0755 "$source" "$file"
	install -m 0755 "$source" "$file.twin"
	printf '\n# %s A' "${file##*/}" >>"$file"
	printf '\n# %s B' "${file##*/}" >>"$file.twin"
}

# make_branded FILE: a program with the note of acme-agent, of content of its own; FILE.twin has none.
make_branded()
{
	make_pair "$1" "$HERE/bin/branded"
	install -m 0755 "$HERE/bin/tiny" "$1.twin"
	printf '\n# %s twin' "${1##*/}" >>"$1.twin"
}

# overwrite TARGET SOURCE: in place, the inode stays.
overwrite()
{
	dd if="$2" of="$1" bs=64K conv=notrunc status=none
}

make_script()
{
	printf '#!/bin/bash\nexit 0\n' >"$1"
	chmod 0755 "$1"
}

# mount_ext4 DEVICE DIRECTORY
mount_ext4()
{
	mkdir -p "$2"
	mke2fs -q -F -t ext4 "$1" || give_up ext4 "cannot make a file system on $1"
	mount -t ext4 "$1" "$2" || give_up ext4 "cannot mount $1"
}

# mount_overlay DIRECTORY: DIRECTORY/merged over lower and upper, on the file system of DIRECTORY.
mount_overlay()
{
	modprobe overlay 2>/dev/null
	mkdir -p "$1"/{lower,upper,work,merged}
	mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"
}

# unmount_after NUMBER: all that was mounted after the first NUMBER mounts, the last one first. A program that was told to
# end may hold one for a moment.
unmount_after()
{
	local mounts place i

	mapfile -t mounts </proc/self/mounts
	for ((i = ${#mounts[@]} - 1; i >= $1; i--)); do
		read -r _ place _ <<<"${mounts[i]}"
		wait_for 30 umount "$place" 2>/dev/null || give_up left-behind "${mounts[i]}"
	done
}

as_user()
{
	setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs -- "$@"
}

# at SECONDS: that many seconds from now, as policies and check want it.
at()
{
	TZ=UTC printf '%(%FT%TZ)T' $((EPOCHSECONDS + $1))
}

# pause SECONDS: as sleep(1) does, without a program: nobody ever writes there.
pause()
{
	local nothing

	# shellcheck disable=SC2034
	read -rt "$1" nothing <>/run/pause || :
}

wait_until()
{
	local moment

	moment=$(date -d "$1" +%s)
	while [[ $EPOCHSECONDS -lt $moment ]]; do pause 0.1; done
}

# wait_for TENTHS COMMAND...: until COMMAND succeeds; of programs with sanitizers longer.
wait_for()
{
	local left=$(($1 * PATIENCE))

	shift
	until "$@"; do
		[[ $((left -= 1)) -gt 0 ]] || return 1
		pause 0.1
	done
}

# --- policies --------------------------------------------------------------------------------------

LONG_AGO=2018-10-01T00:00:00-04:00

# policy_begin [on-error]: forgets the last one. There is one schedule already: `banned`, denying since long ago.
# shellcheck disable=SC2120  # on-error is optional
policy_begin()
{
	rm -rf "$SCRATCH/policy"
	mkdir -p "$SCRATCH/policy"
	printf '  banned: [ { at: "%s", action: deny, authority: law } ]\n' "$LONG_AGO" >"$SCRATCH/policy/schedules"
	printf '%s' "${1:-audit}" >"$SCRATCH/policy/on-error"
	: >"$SCRATCH/policy/rules"
	: >"$SCRATCH/policy/waivers"
}

# schedule ID TIME=ACTION...
schedule()
{
	local id=$1 stage text=''

	shift
	for stage; do
		text+="${text:+, }{ at: \"${stage%=*}\", action: ${stage##*=}, authority: law }"
	done
	printf '  %s: [ %s ]\n' "$id" "$text" >>"$SCRATCH/policy/schedules"
}

# rule_identity ID SCHEDULE IDENTITY: as in `path: /opt/x/`.
rule_identity()
{
	printf '  - { id: %s, vendor: acme, schedule: %s, any: [ { %s } ] }\n' "$1" "$2" "$3" >>"$SCRATCH/policy/rules"
}

# rule_file ID SCHEDULE OF FILE [unsized]: a digest list of FILE alone, whose digest it keeps in `listed_digest`.
declare -A listed_digest
rule_file()
{
	local size='*' word

	[[ ${5:-} == unsized ]] || size=$(stat -c %s "$4")
	word=$(sha256sum <"$4")
	listed_digest[$1]=${word%% *}
	printf '%s:%s:%s\n' "${listed_digest[$1]}" "$size" "$1" >"$SCRATCH/policy/$1.hsb"
	rule_list "$1" "$2" "$3" "$1.hsb"
}

# rule_list ID SCHEDULE OF LIST
rule_list()
{
	printf '  - { id: %s, vendor: acme, schedule: %s, digests: { file: %s, of: %s } }\n' "$1" "$2" "$4" "$3" \
		>>"$SCRATCH/policy/rules"
}

# waiver TICKET UNTIL IDENTITY [MORE]: as in `sha256: ...`; MORE as in `from: "..."`.
waiver()
{
	[[ -s $SCRATCH/policy/waivers ]] || printf 'waivers:\n' >"$SCRATCH/policy/waivers"
	printf '  - { %s, until: "%s", ticket: %s, reason: a test, by: the tester%s }\n' "$3" "$2" "$1" "${4:+, $4}" \
		>>"$SCRATCH/policy/waivers"
}

# policy_end: writes it and prints its path.
policy_end()
{
	local folder=$SCRATCH/policy

	{
		printf 'policy: test\nversion: 1\nissued: 2018-01-01T00:00:00Z\non-error: %s\n' "$(<"$folder/on-error")"
		printf 'authorities:\n  - { id: law, cite: "A law, s.1", binds: everybody, from: "%s" }\n' "$LONG_AGO"
		printf 'vendors:\n  - { id: acme, names: [Acme Ltd] }\nschedules:\n'
		cat "$folder/schedules"
		printf 'rules:\n'
		cat "$folder/rules" "$folder/waivers"
	} >"$folder/test.yaml"
	printf '%s' "$folder/test.yaml"
}

# --- embargo ---------------------------------------------------------------------------------------

# enforce [POLICY]: loads it, or reloads where something is in force; and takes away the hook that this run is to do
# without.
# shellcheck disable=SC2120  # the policy is optional
enforce()
{
	local verb=load

	POLICY=${1:-$(policy_end)}
	[[ ! -d $PINS ]] || verb=reload
	embargo "$verb" --policy "$POLICY" >"$SCRATCH/load" 2>&1 || give_up "$verb" "embargo $verb: $(<"$SCRATCH/load")"
	detach_hook
	take_events
	read_counters
}

detach_hook()
{
	[[ $DETACH ]] || return 0
	rm "$PINS/links/$DETACH" 2>/dev/null || give_up detach "there is no link $DETACH among: $(ls "$PINS/links")"
}

relax()
{
	[[ ! -d $PINS ]] || embargo unload >"$SCRATCH/unload" 2>&1 || give_up unload "embargo unload: $(<"$SCRATCH/unload")"
}

# daemon_starts: with $POLICY, or the host's where that is not set; its lines in $SCRATCH/run, its number in `daemon`.
daemon_starts()
{
	: >"$SCRATCH/run"
	embargo run ${POLICY:+--policy "$POLICY"} >>"$SCRATCH/run" 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || give_up run "run does not enforce: $(<"$SCRATCH/run")"
}

daemon_ends()
{
	kill "$daemon"
	wait "$daemon"
}

# json_lines: one way to write JSON, whoever wrote it, so that a test can look for a piece of it.
json_lines()
{
	local line

	while read -r line || [[ $line ]]; do
		line=${line//\": /\":} line=${line//, \"/,\"} line=${line//\{ /\{}
		printf '%s\n' "${line// \}/\}}"
	done
}

# take_events: what the kernel has told since the last time, one object a line, into `events`.
take_events()
{
	events=$(embargo events --json 2>"$SCRATCH/events.err")
}

# events_with KEY=VALUE...: those of `events` that say all of this.
events_with()
{
	local line pair found=''

	while read -r line; do
		for pair; do
			if [[ ${pair#*=} =~ ^[0-9]+$ ]]; then
				[[ $line == *"\"${pair%%=*}\":${pair#*=}"[,\}]* ]] || continue 2
			else
				[[ $line == *"\"${pair%%=*}\":\"${pair#*=}\""* ]] || continue 2
			fi
		done
		found+=$line$'\n'
	done <<<"$events"
	[[ $found ]] && printf '%s' "$found"
}

# read_counters: fills the array `counter` by name.
declare -A counter
counted=''
read_counters()
{
	local name value

	counted=yes
	counter=()
	while read -r name value; do
		counter[$name]=$value
	done < <(counters 2>&1)
	[[ ${counter[denied]:-} ]] || fail "no counters: ${!counter[*]} ${counter[*]}"
}

# read_status: what `embargo status --json` says, into `status_text`.
read_status()
{
	status_text=$(embargo status --json 2>"$SCRATCH/status.err")
}

# status_has KEY: what `status_text` has there, a word or a number, into `value`.
status_has()
{
	value=''
	[[ $status_text =~ \"$1\":\ *(\"[^\"]*\"|[0-9]+|true|false|null) ]] || return
	value=${BASH_REMATCH[1]//\"/}
}

# status_says KEY: both in one, for a single question.
status_says()
{
	local value status_text

	read_status
	status_has "$1"
	printf '%s\n' "$value"
}

# verdicts_of OPERATION TIME|now FILE...: what `embargo check` says of each, in `verdicts`, and its exit status in `checked`.
verdicts_of()
{
	local operation=$1 time=(--at "$2") answer rest

	[[ $2 != now ]] || time=()
	shift 2
	answer=$(embargo check "$@" --operation "$operation" "${time[@]}" --policy "$POLICY" --json 2>&1)
	checked=$? verdicts=() rest=$answer
	# Not that of what comes "next".
	while [[ $rest =~ \"sha256\":\ *[a-z0-9\"]+,[[:space:]]*\"verdict\":\ *\"([a-z]+)\"(.*) ]]; do
		verdicts+=("${BASH_REMATCH[1]}")
		rest=${BASH_REMATCH[2]}
	done
	[[ ${#verdicts[@]} -eq $# ]] || verdicts=("none ($answer)")
}

# agrees VERDICT FILE OPERATION [TIME|now]: check must say of the file what the kernel did, at the time that the wall clock
# shows, or at TIME, or at what check itself takes for now.
agrees()
{
	local expected=0 time

	TZ=UTC printf -v time '%(%FT%TZ)T' "$EPOCHSECONDS"
	[[ $1 == deny ]] && expected=1
	verdicts_of "$3" "${4:-$time}" "$2"
	[[ ${verdicts[*]} == "$1" && $checked == "$expected" ]] ||
		fail "the kernel says $1, check of $2 says ${verdicts[*]} with status $checked"
}

# agrees_on_pair LISTED TWIN OPERATION: the one denied, the other allowed, now; both in one question.
agrees_on_pair()
{
	local time

	TZ=UTC printf -v time '%(%FT%TZ)T' "$EPOCHSECONDS"
	verdicts_of "$3" "$time" "$1" "$2"
	[[ ${verdicts[*]} == 'deny allow' && $checked == 1 ]] ||
		fail "the kernel says deny allow, check of $1 and $2 says ${verdicts[*]} with status $checked"
}

# --- proofs ----------------------------------------------------------------------------------------

# run_way WAY FILE: leaves `status` and `output`.
run_way()
{
	subject=$2 counted=''
	"way_$1" "$2" >"$SCRATCH/output" 2>&1
	status=$?
	IFS= read -r -N 400 output <"$SCRATCH/output"
	output=${output//$'\n'/|}
}

# What a denial looks like from the caller's side. ETXTBSY and the like are no denial.
looks_refused()
{
	[[ $status -ne 0 && $output =~ (Operation not permitted|EPERM|failed to map segment|cannot be preloaded) ]]
}

# is_refused FILE: in this moment; for what is refused soon.
is_refused()
{
	run_way plain "$1"
	looks_refused
}

# expect_denied RULE OPERATION WAY FILE TWIN: exit, event, counter, and the twin that runs; and what check says of both.
expect_denied()
{
	local rule=$1 operation=$2 way=$3 file=$4 twin=$5 digest before seen

	digest=${listed_digest[$rule]:-$(digest_of "$file")}
	[[ $counted ]] || read_counters
	before=${counter[denied]:-0}
	run_way "$way" "$file"
	seen=$subject
	looks_refused || fail "the listed file was not refused: status $status: $output"
	read_counters
	[[ ${counter[denied]:-0} -gt $before ]] || fail "the counter stayed at $before"
	take_events
	events_with verdict=deny "rule=$rule" "operation=$operation" "sha256=$digest" >/dev/null ||
		fail "no event of rule $rule, operation $operation, digest $digest: ${events:-no event at all}"
	before=${counter[denied]:-0}
	run_way "$way" "$twin"
	[[ $status -eq 0 ]] || fail "the unlisted file was stopped: status $status: $output"
	read_counters
	[[ ${counter[denied]:-0} -eq $before ]] || fail "the twin moved the counter"
	[[ ! $seen ]] || agrees_on_pair "$seen" "$subject" "$operation"
}

# now_denied WAY FILE, now_runs WAY FILE: the short form, for a file whose proof stands in another case.
now_denied()
{
	run_way "$1" "$2"
	looks_refused || fail "${3:+$3: }not refused: status $status: $output"
}

now_runs()
{
	run_way "$1" "$2"
	[[ $status -eq 0 ]] || fail "${3:+$3: }stopped: status $status: $output"
}

# --- what a fault must not touch --------------------------------------------------------------------

# unlisted_begin [--pause MICROSECONDS] FILE...: executes these, which no rule lists, one after the other, beside whatever
# comes next, until unlisted_end. FILEs of the size of a listed one are looked up by their digests.
unlisted_begin()
{
	local pause=0

	[[ $1 != --pause ]] || { pause=$2; shift 2; }
	rm -f "$SCRATCH/unlisted"
	unlisted "$SCRATCH/unlisted" "$pause" "$@" 2>"$SCRATCH/unlisted.err" &
	unlisted=$!
	wait_for 100 test -s "$SCRATCH/unlisted" || give_up unlisted "nothing is executed: $(<"$SCRATCH/unlisted.err")"
}

# unlisted_hurry: from here on without a pause.
unlisted_hurry()
{
	kill -USR1 "$unlisted" 2>/dev/null
}

# unlisted_read: what came of them so far, into `executed` by name.
declare -A executed
unlisted_read()
{
	local pair pairs

	read -r -a pairs <"$SCRATCH/unlisted"
	for pair in "${pairs[@]}"; do
		executed[${pair%%=*}]=${pair#*=}
	done
}

# unlisted_reach COUNT [SECONDS]: until COUNT have been executed since unlisted_begin, with the fault as it is.
unlisted_reach()
{
	local last=$((EPOCHSECONDS + ${2:-300}))

	until unlisted_read; ((executed[ran] + executed[refused] + executed[other] >= $1)); do
		[[ $EPOCHSECONDS -lt $last ]] || { fail "only ${executed[ran]} of $1 unlisted programs in ${2:-300} s"; return; }
		kill -0 "$unlisted" 2>/dev/null || { fail "nothing is executed any more: $(<"$SCRATCH/unlisted.err")"; return; }
		pause 0.2
	done
}

# unlisted_end COUNT: ends it; fails unless COUNT or more were executed, and every one of them ran.
unlisted_end()
{
	kill "$unlisted" 2>/dev/null || fail "nothing was executed any more: $(<"$SCRATCH/unlisted.err")"
	wait "$unlisted" 2>/dev/null
	unlisted_read
	[[ ${executed[refused]} == 0 && ${executed[other]} == 0 ]] ||
		fail "of the unlisted programs ${executed[refused]} were refused and ${executed[other]} failed (the last with" \
			"${executed[error]}, status ${executed[status]}), ${executed[ran]} ran"
	[[ ${executed[ran]} -ge $1 ]] || fail "only ${executed[ran]} unlisted programs ran, not $1"
	printf '# unlisted programs: %s ran, %s refused, %s failed, the slowest took %s ms\n' "${executed[ran]}" \
		"${executed[refused]}" "${executed[other]}" "${executed[slowest]}"
}
