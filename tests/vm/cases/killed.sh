#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed at each step of a start, a take-over, a reload and an unload: what was in force is, or what was to come, never the half
# of one; nothing unlisted is refused; and the next one works and leaves nothing lying about.
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace

# The steps are those of a run that nobody disturbs, as strace tells it: each system call that changes something. killat kills
# right before such a call, so what is between two of them is met once. Here some are taken, of each kind the first and
# the last two; killpoints takes more, and 10,000 executions of what is not listed beside each verb.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

ALL=${ALL:-}
POLICIES=/etc/embargo/policy.d
UNLISTED=${ALL:+10000}
UNLISTED=${UNLISTED:-1500}

mount_ext4 /dev/vda /d
for name in listed first second; do
	make_pair /d/$name "$HERE/bin/tiny"
done

# host_policy first|second: bans /d/listed, and that one. The second asks for more hooks than the first.
version=0
host_policy()
{
	policy_begin
	rule_file listed banned elf /d/listed
	rule_file "$1" banned elf "/d/$1"
	[[ $1 == first ]] || rule_identity folder banned 'path: /opt/acme/'
	policy_end >/dev/null
	sed -i "s/^version: .*/version: $((version += 1))/" "$SCRATCH/policy/test.yaml"
	rm -rf "$POLICIES"
	mkdir -p "$POLICIES"
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb "$POLICIES"
}

# --- steps -----------------------------------------------------------------------------------------

CHANGES=bpf,mkdir,rmdir,unlink,unlinkat,rename,renameat,renameat2,openat,write,fsync,fdatasync,fchmod,flock,clone,vfork

# steps_of TRACE: a line "CALL NUMBER KIND" for each call by which the first process of TRACE changes something: the NUMBER th
# CALL that it does.
steps_of()
{
	busybox awk '
	NR == 1 { first = $1 }
	$1 != first || $2 !~ /^[a-z0-9]+\(/ { next }
	{
		call = $2
		sub(/\(.*/, "", call)
		number[call]++
		kind = call
	}
	/ = -1 / { next }
	call == "openat" && !/O_CREAT/ { next }
	call == "bpf" {
		match($0, /BPF_[A-Z_]+/)
		kind = substr($0, RSTART, RLENGTH)
		if (kind ~ /LOOKUP|GET|INFO|BTF/)
			next
	}
	match($0, /"\/[^"]*"/) {
		path = substr($0, RSTART + 1, RLENGTH - 2)
		if (path ~ /^\/sys\/fs\/bpf\//)
			sub(/\/[^\/]*$/, "", path)
		kind = kind ":" path
	}
	{ print call, number[call], kind }' "$1"
}

# chosen KINDS EACH: of the lines on standard input those that are killed at: of each kind that is like KINDS the first and the
# last two, and all of a kind like EACH. Before the last hook but one is attached the half of a start would show.
chosen()
{
	busybox awk -v kinds="$1" -v each="$2" '
	{ line[NR] = $0; kind[NR] = $3; last_but_one[$3] = last[$3]; last[$3] = NR; if (!($3 in first)) first[$3] = NR }
	END {
		for (i = 1; i <= NR; i++)
			if (kind[i] ~ each || (kind[i] ~ kinds &&
					(i == first[kind[i]] || i == last_but_one[kind[i]] || i == last[kind[i]])))
				print line[i]
	}'
}

# trace COMMAND...: undisturbed, into $SCRATCH/trace.
trace()
{
	strace -f --seccomp-bpf -qq -o "$SCRATCH/trace" -e "trace=$CHANGES" "$@" >"$SCRATCH/output" 2>&1 ||
		give_up trace "$*: $(<"$SCRATCH/output")"
}

# killed_at CALL NUMBER COMMAND...: false where it ended before that.
killed_at()
{
	local call=$1 number=$2 status=0

	shift 2
	killat "$call" "$number" "$@" >"$SCRATCH/output" 2>&1 || status=$?
	[[ $status -eq 137 ]] || fail "$step: not killed: status $status: $(<"$SCRATCH/output")"
}

# --- what holds after each of them -----------------------------------------------------------------

refused()
{
	run_way "$1" "$2"
	looks_refused
}

# whole FILE: 0 where each hook refuses it, 1 where none does; half of that is a failure.
whole()
{
	local answers='' way

	for way in plain map_exec; do
		refused "$way" "$1" && answers+=y || answers+=n
		[[ $status -eq 0 || ${answers: -1} == y ]] || fail "$step: $way of $1: status $status: $output"
	done
	case $answers in
	*yn* | *ny*) fail "$step: $1 is refused by one hook and not by the other" ;;
	esac
	[[ $answers == y* ]]
}

# told_unfinished: what decides beside what is in force, or alone, is told.
told_unfinished()
{
	unfinished=$((${unfinished:-0} + 1))
	[[ $(status_says unfinished) == true ]] || fail "$step: status does not say that a start was left unfinished"
}

unlisted_run()
{
	local file

	for file in listed first second; do
		now_runs plain "/d/$file.twin" "$step"
		now_runs map_exec "/d/$file.twin" "$step"
	done
}

# nothing_left: no file and no pin of one that was killed.
nothing_left()
{
	local left=(/run/embargo/*.new /var/lib/embargo/*.new /etc/embargo/state/*.new /run/embargo/policies/new)
	local kept=(/run/embargo/policies/*)

	[[ ${#left[@]} -eq 1 && ! -e ${left[0]} ]] || fail "$step: left behind: ${left[*]}"
	[[ $(echo /sys/fs/bpf/*) == "$PINS" ]] || fail "$step: in /sys/fs/bpf: $(echo /sys/fs/bpf/*)"
	[[ ${#kept[@]} -eq 1 ]] || fail "$step: kept: ${kept[*]}"
}

# works VERB LISTED OTHER: the next one does, and bans what it is to ban.
works()
{
	embargo "$1" >"$SCRATCH/output" 2>&1 || { fail "$step: the next $1: $(<"$SCRATCH/output")"; return; }
	whole /d/listed || fail "$step: after the next $1 the listed file runs"
	whole "/d/$2" || fail "$step: after the next $1 the newly listed file runs"
	wait_for 30 eval '! refused plain "/d/'"$3"'"' || fail "$step: after the next $1 what is no longer listed is refused"
	unlisted_run
	nothing_left
	[[ -s /etc/embargo/state/generation ]] || fail "$step: nothing is kept for an early boot"
}

nothing_at_all()
{
	local left=(/sys/fs/bpf/* /run/embargo/loaded* /run/embargo/policies/*)

	[[ ${#left[@]} -eq 0 ]] || fail "$step: left behind: ${left[*]}"
}

# --- the kinds of faults ---------------------------------------------------------------------------

# at_each KINDS EACH FUNCTION...: FUNCTION... CALL NUMBER at each of the chosen steps of the trace.
at_each()
{
	local call number kind met=0 steps line

	mapfile -t steps < <(steps_of "$SCRATCH/trace" | chosen "$1" "$2")
	[[ ${#steps[@]} -gt 3 ]] || fail "only ${#steps[@]} steps are met: ${steps[*]}"
	unlisted_begin --pause 20000 /d/listed.twin /d/first.twin /d/second.twin
	for line in "${steps[@]}"; do
		read -r call number kind <<<"$line"
		step="killed before $kind ($call $number)"
		met=$((met + 1))
		"${@:3}" "$call" "$number"
		unlisted_reach $((UNLISTED * met / ${#steps[@]}))
		[[ ! $why ]] || break
	done
	unlisted_end "$UNLISTED"
	printf '# killed at %s steps\n' "${#steps[@]}"
}

# A first start: all or nothing.
start_killed()
{
	host_policy first # an edition that is not remembered yet, as in the trace
	killed_at "$1" "$2" embargo load
	if whole /d/listed; then
		whole /d/first || fail "$step: only one of two rules is in force"
		[[ -d $PINS ]] || told_unfinished
	else
		! whole /d/first || fail "$step: only one of two rules is in force"
	fi
	unlisted_run
	works load first second
	embargo unload >"$SCRATCH/output" 2>&1 || fail "$step: unload: $(<"$SCRATCH/output")"
	nothing_at_all
}

start()
{
	host_policy first
	relax
	trace embargo load
	relax
	at_each "${START[@]}" start_killed
}

# both_decide VERB: what comes and what was.
both_decide()
{
	if [[ $1 == load ]]; then
		told_unfinished
	else
		fail "$step: both policies are in force"
	fi
}

# goes FILE: no hook refuses it any more.
goes()
{
	! refused plain "$1" && ! refused map_exec "$1"
}

# old_stays FILE: is it refused beside what comes? Of unpinned links the kernel takes one after the other away, a moment later.
old_stays()
{
	if [[ ! $(ls -A /sys/fs/bpf/embargo-new/links 2>/dev/null) ]]; then
		wait_for 30 goes "$1" || fail "$step: no link of what was is there, and $1 is refused"
	fi
	whole "$1"
}

# A start that takes over, or a reload: what was in force stays whole until what comes is. Only of a take-over both may be in
# force for a moment.
change_killed()
{
	local verb=$1 new=second

	[[ $old == first ]] || new=first
	host_policy "$new"
	killed_at "$2" "$3" embargo "$verb"
	whole /d/listed || fail "$step: the listed file runs"
	if whole "/d/$new"; then
		! old_stays "/d/$old" || both_decide "$verb"
	else
		whole "/d/$old" || fail "$step: neither the former nor the new policy is in force"
	fi
	unlisted_run
	works "$verb" "$new" "$old"
	[[ $(status_says unfinished) == false ]] || fail "$step: after the next $verb status says that one was left unfinished"
	old=$new
}

takeover()
{
	local old=first

	relax
	host_policy first
	embargo load >"$SCRATCH/output" || give_up takeover "$(<"$SCRATCH/output")"
	host_policy first
	trace embargo load
	at_each "${TAKEOVER[@]}" change_killed load
	[[ $why || ${unfinished:-0} -gt 0 ]] || fail "nowhere do both decide"
}

# To the second and back again: each has steps that the other has not.
reload()
{
	local old=first

	relax
	host_policy first
	embargo load >"$SCRATCH/output" || give_up reload "$(<"$SCRATCH/output")"
	host_policy second
	trace embargo reload
	mv "$SCRATCH/trace" "$SCRATCH/there"
	host_policy first
	trace embargo reload
	at_each "${RELOAD[@]}" change_killed reload
}

unload_killed()
{
	killed_at "$1" "$2" embargo unload
	unlisted_run
	if [[ $again == unload ]]; then
		embargo unload >"$SCRATCH/output" 2>&1 || [[ $(<"$SCRATCH/output") == *'nothing enforces'* ]] ||
			fail "$step: the next unload: $(<"$SCRATCH/output")"
		nothing_at_all
		embargo load >"$SCRATCH/output" 2>&1 || fail "$step: load: $(<"$SCRATCH/output")"
		again=load
	else
		works load first second
		again=unload
	fi
}

unload()
{
	local again=unload

	relax
	host_policy first
	embargo load >"$SCRATCH/output" || give_up unload "$(<"$SCRATCH/output")"
	trace embargo unload
	embargo load >"$SCRATCH/output" || give_up unload "$(<"$SCRATCH/output")"
	at_each "${UNLOAD[@]}" unload_killed
	relax
}

# Nothing outlives the process before the first pin, the file of the floor and the lock of the list apart.
EACH='LINK_CREATE|PIN:.*/links|links/|rename'
if [[ $ALL ]]; then
	RELOAD=(. "$EACH|FREEZE|fsync")
	START=(. "$EACH")
	TAKEOVER=('LINK_CREATE|PIN|FREEZE|UPDATE_ELEM|rename|unlink|rmdir' "$EACH")
	UNLOAD=(. rmdir)
else
	RELOAD=('LINK_CREATE|UPDATE_ELEM|unlink' rename)
	START=('LINK_CREATE|UPDATE_ELEM|rename:/sys' none)
	TAKEOVER=('PIN:.*/links|renameat2|rmdir:/sys/fs/bpf$' none)
	UNLOAD=("unlinkat|rmdir:/sys" none)
fi

# By machines where there are more than one, as that takes long.
case $BOOT$ALL in
1) attempt reload reload; attempt start start; attempt takeover takeover; attempt unload unload ;;
1*) attempt reload reload ;;
2*) attempt start start ;;
3*) attempt takeover takeover; attempt unload unload ;;
esac
rm -rf "$POLICIES"
