#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What runs when its date comes is reported within two seconds, and stopped where the rule says so; innocent ones go on.
#: @one --disk data:512M --add MODULES:/t/modules

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

mount_ext4 /dev/vda /d
stay=$HERE/bin/stay

# start NAME ARGUMENT...: the pair's listed file and its twin, both running: pid and twin[NAME].
declare -A pid twin
start()
{
	local name=$1

	shift
	"/d/$name" "$@" & pid[$name]=$!
	"/d/$name.twin" "${@//"/d/$name"/"/d/$name.twin"}" & twin[$name]=$!
}

# told PATTERN: the daemon has said so.
told()
{
	[[ $(<"$SCRATCH/run") =~ $1 ]]
}

runs()
{
	kill -0 "$1" 2>/dev/null
}

# rule_ends ID SCHEDULE FILE GRACE: as rule_file, but it stops what runs.
rule_ends()
{
	rule_file "$1" "$2" elf "$3"
	sed -i "\$s/ }\$/, running: terminate, grace: $4 }/" "$SCRATCH/policy/rules"
}

find_module()
{
	local found

	found=$(modinfo -n "$1") || give_up module "this kernel has no $1.ko"
	case $found in
	*.xz) xz -dc "$found" >"$2" ;;
	*.zst) zstd -q -dc "$found" >"$2" ;;
	*) cp "$found" "$2" ;;
	esac
}

# stamp: each line with the time at which it came, in microseconds; who waits for it by looking takes the time that it needs.
stamp()
{
	local line

	while IFS= read -r line; do printf '%s %s\n' "${EPOCHREALTIME/./}" "$line"; done
}

# start_daemon PROGRAM: with the policy of the moment.
start_daemon()
{
	POLICY=$(policy_end)
	"$1" run --policy "$POLICY" > >(stamp >"$SCRATCH/run") 2>&1 &
	daemon=$!
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || give_up run "run does not enforce: $(<"$SCRATCH/run")"
}

programs=(plain memory deleted mapped headless polite deaf early)
for name in "${programs[@]}"; do make_pair "/d/$name" "$stay"; done
make_pair /d/library "$stay"
mkdir -p /d/opt
make_pair /d/opt/banned "$stay"
modprobe dummy || give_up module "dummy cannot be loaded"
find_module dummy "$SCRATCH/dummy.ko"

# A program from a file system whose server does not answer any more: who asks for anything there waits for ever.
start_away()
{
	local name

	make_pair /d/distant "$stay"
	mkdir -p /d/away
	modprobe fuse && fuse /d/away /d/distant || give_up fuse "it cannot be mounted"
	for name in /proc/[0-9]*; do
		[[ $(<"$name/comm") != fuse ]] || server=${name#/proc/}
	done
	/d/away/program & pid[away]=$!
	wait_for 50 mapped_away || give_up fuse "nothing runs from it"
	kill -STOP "$server"
}

mapped_away()
{
	[[ $(<"/proc/${pid[away]}/maps") == */d/away/program* ]]
}

start_away
start early
start plain
start memory memory /d/memory
start deleted
start headless headless
start polite
start deaf deaf
"$stay" map /d/library & pid[mapped]=$!
"$stay" map /d/library.twin & twin[mapped]=$!
/d/opt/banned & pid[below]=$!
sleep 1
rm /d/deleted /d/deleted.twin
# What digests stand for has to be there: from copies.
make_pair "$SCRATCH/deleted" "$stay"

begun=$EPOCHSECONDS
policy_begin
rule_file early banned elf /d/early
start_daemon embargo

# At the start, of what is refused already.
at_the_start()
{
	wait_for 100 told "process ${pid[early]} \(early, user 0\) runs /d/early, which is refused since 2018-10-01T04:00:00Z \(rule early of test\)" ||
		fail "not told: $(<"$SCRATCH/run")"
	runs "${pid[early]}" || fail "it was stopped"
}
attempt at-the-start at_the_start

# How long this machine takes for a start is the least that it gets until the date.
date=$(at $((EPOCHSECONDS - begun + 10)))
policy_begin
schedule soon "$LONG_AGO=audit" "$date=deny"
for name in plain memory headless; do rule_file "$name" soon elf "/d/$name"; done
rule_file deleted soon elf "$SCRATCH/deleted"
rule_file mapped soon elf /d/library
rule_file early banned elf /d/early
rule_file distant soon elf /d/distant
rule_file module soon module "$SCRATCH/dummy.ko"
rule_identity below soon 'path: /d/opt/'
rule_ends polite soon /d/polite 5
rule_ends deaf soon /d/deaf 2
enforce
wait_for 100 told 'generation 2' || give_up reload "$(<"$SCRATCH/run")"
sleep 2
[[ $EPOCHSECONDS -lt $(date -d "$date" +%s) ]] || give_up date "the date came too early"

# Nothing more is told before the date, and nothing is stopped.
before_the_date()
{
	[[ $(grep -c 'refused since' "$SCRATCH/run") -eq 2 ]] || fail "told early: $(<"$SCRATCH/run")"
	if ! runs "${pid[polite]}" || ! runs "${pid[deaf]}"; then fail "stopped early"; fi
}
attempt before-the-date before_the_date

declare -A expected=(
	[plain]="process ${pid[plain]} (plain, user 0) runs /d/plain,"
	[memory]="process ${pid[memory]} (memfd:stay, user 0) runs /memfd:stay (deleted),"
	[deleted]="process ${pid[deleted]} (deleted, user 0) runs /d/deleted (deleted),"
	[headless]="process ${pid[headless]} (headless, user 0) runs /d/headless,"
	[mapped]="process ${pid[mapped]} (stay, user 0) has loaded /d/library,"
	[below]="process ${pid[below]} (banned, user 0) runs /d/opt/banned,"
	[polite]="process ${pid[polite]} (polite, user 0) runs /d/polite,"
	[deaf]="process ${pid[deaf]} (deaf, user 0) runs /d/deaf,"
	[module]="module dummy is loaded from "
)
moment=$(date -d "$date" +%s)000000
sleep $(((moment - ${EPOCHREALTIME/./}) / 1000000 + 4))

told_in_time()
{
	local time line after=''

	while read -r time line; do
		[[ $line != *"${expected[$1]}"* ]] || after=$(((time - moment) / 1000))
	done <"$SCRATCH/run"
	[[ $after ]] || { fail "not told: $(<"$SCRATCH/run")"; return; }
	printf '# %s was told %d ms after the date\n' "$1" "$after"
	[[ $after -ge 0 && $after -le 2000 ]] || fail "$after ms after the date"
}
for name in plain memory deleted headless mapped below polite deaf module; do
	attempt "told-$name" told_in_time "$name"
done

ends_what_it_should()
{
	wait_for 30 told "process ${pid[polite]} \(polite\) has ended" || fail "not told: $(<"$SCRATCH/run")"
	! runs "${pid[polite]}" || fail "it runs on"
}
attempt ends-at-sigterm ends_what_it_should

kills_the_deaf()
{
	wait_for 60 told "process ${pid[deaf]} \(deaf\) did not end in time and was killed" || fail "not told: $(<"$SCRATCH/run")"
	! runs "${pid[deaf]}" || fail "it runs on"
}
attempt kills-the-deaf kills_the_deaf

others_go_on()
{
	local name

	for name in early plain memory deleted headless mapped below away; do
		runs "${pid[$name]}" || fail "$name was stopped, which was only to be reported"
	done
	for name in "${!twin[@]}"; do
		runs "${twin[$name]}" || fail "the twin of $name was stopped"
		! told "process ${twin[$name]} " || fail "the twin of $name was told: $(<"$SCRATCH/run")"
	done
	[[ $(grep -c 'refused since' "$SCRATCH/run") -eq 11 ]] || fail "not eleven are told: $(<"$SCRATCH/run")"
}
attempt others-go-on others_go_on

# Its content is that of a rule: it is not told, but that there was something to look at is; and the others were told in time.
does_not_wait()
{
	! told "process ${pid[away]} " || fail "it was looked at"
	told '[1-9][0-9]* mappings of files on network or FUSE file systems were not looked at' ||
		fail "not told: $(<"$SCRATCH/run")"
	kill -CONT "$server"
	kill -9 "${pid[away]}"
}
attempt not-waited-for does_not_wait

# module_rule ID IDENTITY: in force beside one on a program, which is told first.
module_rule()
{
	policy_begin
	rule_identity "$1" banned "$2"
	rule_file "with-$1" banned elf /d/plain
	enforce
	wait_for 200 told "process ${pid[plain]} .*rule with-$1 of test" || fail "$1: no sweep: $(<"$SCRATCH/run")"
}

# Loaded before there was a rule, by what its file says.
told_by_file()
{
	local signer

	module_rule modinfo 'modinfo: { name: dummy }'
	wait_for 200 told 'module dummy is loaded from [^ ]*/dummy\.ko[^ ]*, which is refused since [^ ]* \(rule modinfo of test\)' ||
		fail "modinfo: not told: $(<"$SCRATCH/run")"
	signer=$(modinfo -F signer "$(modinfo -n dummy)")
	[[ $signer ]] || { skip "the kernel's modules are not signed"; return; }
	module_rule signer "module-signer: { issuer-cn: \"$signer\" }"
	wait_for 200 told 'module dummy is loaded from [^ ]*/dummy\.ko[^ ]*, which is refused since [^ ]* \(rule signer of test\)' ||
		fail "signer: not told: $(<"$SCRATCH/run")"
}
attempt module-by-its-file told_by_file

# A package was upgraded meanwhile: what lies there now is not what was loaded.
another_file()
{
	local file

	file=$(modinfo -n dummy)
	find_module brd "$SCRATCH/brd.ko"
	case $file in
	*.xz) xz --check=crc32 -c "$SCRATCH/brd.ko" >"$file" ;;
	*) cp "$SCRATCH/brd.ko" "$file" ;;
	esac
	module_rule other 'modinfo: { name: brd }'
	sleep 4 # the modules are looked at last
	! told 'is loaded from [^ ]*, which is refused since [^ ]* \(rule other of test\)' || fail "it was taken for the loaded one: $(<"$SCRATCH/run")"
}
attempt another-file-is-not-it another_file

# A reload sweeps again. The daemon's own program is named where the harmlessness check, of the program that reloads,
# does not see it; PID 1's where it may not look, which newer kernels let it all the same.
spares_itself()
{
	local own=/d/own/embargo first

	kill "$daemon"
	wait "$daemon"
	relax
	mkdir -p /d/own
	cp "$(command -v embargo)" "$own"
	policy_begin
	rule_identity other banned 'path: /d/nothing'
	start_daemon "$own"
	first=$(readlink /proc/1/exe)
	policy_begin
	rule_identity own banned "path: $own"
	sed -i '$s/ }$/, running: terminate, grace: 1 }/' "$SCRATCH/policy/rules"
	rule_identity first banned "path: $first"
	sed -i '$s/ }$/, running: terminate, grace: 1 }/' "$SCRATCH/policy/rules"
	rule_ends plain banned /d/plain 1
	POLICY=$(policy_end)
	if ! setpriv --bounding-set=-sys_ptrace embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1; then
		[[ $(<"$SCRATCH/output") == *"'first' of policy"*'which PID 1 runs on'* ]] || fail "reload: $(<"$SCRATCH/output")"
		first=''
		sed -i '/id: first/d' "$POLICY"
		embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	fi
	wait_for 100 told "process ${pid[plain]} \(plain\) has ended" || fail "no sweep after the reload: $(<"$SCRATCH/run")"
	told "process $daemon \(embargo\) is not stopped" || fail "nothing of the daemon: $(<"$SCRATCH/run")"
	[[ ! $first ]] || told "process 1 \(.*\) is not stopped" || fail "nothing of PID 1: $(<"$SCRATCH/run")"
	sleep 2
	runs "$daemon" || fail "the daemon was stopped"
	kill "$daemon"
	wait "$daemon"
}
attempt spares-itself spares_itself

kill -9 "${pid[@]}" "${twin[@]}" 2>/dev/null
wait 2>/dev/null
rmmod dummy 2>/dev/null
relax
