# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/run: bash boot.sh NUMBER runs the tests of that boot.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

DENIED=d35ccd9d08e4484baa7a0f1cf3dcdf4c
LOST=776210d1356844ffa0486ab45a89a1ce
POLICIES=/etc/embargo/policy.d
BANNED=/usr/local/bin/banned

# --- small things ----------------------------------------------------------------------------------

# journal FIELD=VALUE...: the entries of this boot, one JSON object a line.
journal()
{
	journalctl --sync
	journalctl -b -q -o json --all "$@"
}

# has TEXT IN: or fail.
has()
{
	[[ $2 == *"$1"* ]] || fail "'$1' is not in: ${2:0:600}"
}

refused()
{
	local output status

	output=$("$1" 2>&1)
	status=$?
	[[ $status -ne 0 && $output == *'not permitted'* ]] || fail "${2:+$2: }$1 ran: status $status: $output"
}

runs()
{
	local output

	output=$("$1" 2>&1) || fail "${2:+$2: }$1 was stopped: $output"
}

unit_value()
{
	systemctl show --value -p "$1" embargo.service
}

is_active()
{
	[[ $(systemctl is-active embargo.service) == active ]]
}

# All that an installation could leave: not logs, caches and what the machine itself moves.
list_files()
{
	find / -xdev \( -path /tmp -o -path /t -o -path /root -o -path /var/log -o -path /var/cache -o \
		-path /var/tmp -o -path /var/lib/systemd -o -path /usr/lib/modules -o -path /lost+found \) -prune -o -print | sort
}

# write_policy: bans copies of a program, and everything below /opt/vendor/.
write_policy()
{
	policy_begin
	rule_file program banned elf "$BANNED"
	rule_identity folder banned 'path: /opt/vendor/'
	rule_identity package banned 'package: { name: "acme-*" }'
	policy_end >/dev/null
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb "$POLICIES"
}

# --- the first boot: installing --------------------------------------------------------------------

test_install()
{
	mkdir -p /usr/share/man/man{5,8} # the image was made without manuals; no other Debian lacks these
	list_files >/var/log/files-before
	cp -a /t/installed/. / || fail 'cannot copy what was installed'
	make_pair "$BANNED" /bin/true
	mkdir -p /opt/vendor
	cp /bin/true /opt/vendor/agent
	write_policy
	systemctl daemon-reload
	systemctl enable embargo.service 2>"$SCRATCH/enable" || fail "enable: $(<"$SCRATCH/enable")"
	[[ $(systemctl is-enabled embargo.service) == enabled ]] || fail 'not enabled'
	runs "$BANNED" 'before anything enforces'
}

test_unit_is_sound()
{
	local said

	said=$(systemd-analyze verify --man=no embargo.service 2>&1 | grep -i embargo)
	[[ -z $said ]] || fail "$said"
}

# --- packages --------------------------------------------------------------------------------------

is_refused()
{
	local output status

	output=$("$@" 2>&1)
	status=$?
	[[ $status -ne 0 && $output =~ (not permitted|failed to map segment) ]]
}

# vendor_package PREFIX REMOVE...: what has just been installed there is refused, program and library; taken away again by
# REMOVE..., its bytes are refused elsewhere.
vendor_package()
{
	local prefix=$1 copies=/var/copies/${1##*/}

	shift
	wait_for 150 is_refused "$prefix/bin/agent" || fail "the program runs: $(journal -u embargo | tail -n 3)"
	wait_for 100 is_refused dlopen "$prefix/lib/libz.so.1" || fail 'the library is loaded'
	mkdir -p "$copies"
	cp "$prefix/bin/agent" "$prefix/lib/libz.so.1" "$copies"
	"$@" >"$SCRATCH/remove" 2>&1 || fail "$*: $(<"$SCRATCH/remove")"
	[[ ! -e $prefix/bin/agent ]] || fail "$* leaves the program"
	refused "$copies/agent" 'a copy of a removed package'
	is_refused dlopen "$copies/libz.so.1" || fail 'a copy of the library is loaded'
	has "$prefix/bin/agent falls under rule package of test by package name=acme-" "$(journal -u embargo)"
	has '"EMBARGO_IDENTITY":"package name=acme-' "$(journal "MESSAGE_ID=$DENIED" "EMBARGO_PATH=$prefix/bin/agent")"
	has '"identity":"package name=acme-' "$(embargo events --json | grep -F "\"path\":\"$prefix/bin/agent\"" | grep '"verdict":"deny"')"
}

test_dpkg_package()
{
	dpkg -i /t/packages/acme-agent.deb >"$SCRATCH/dpkg" 2>&1 || fail "dpkg: $(<"$SCRATCH/dpkg")"
	vendor_package /opt/acme dpkg --purge acme-agent
}

test_rpm_package()
{
	[[ -x /usr/libexec/embargo/embargo-rpm-list ]] || { skip 'built without librpm'; return; }
	rpm --dbpath /var/lib/rpm -i --nodeps /t/packages/acme-rpm-agent.rpm >"$SCRATCH/rpm" 2>&1 || fail "rpm: $(<"$SCRATCH/rpm")"
	vendor_package /opt/acme-rpm rpm --dbpath /var/lib/rpm -e acme-rpm-agent
}

# The list of learned digests is compiled at the boot: before the daemon has looked at a file, and with none.
test_learned_over_reboots()
{
	refused /var/copies/acme/agent 'after a reboot'
	is_refused dlopen /var/copies/acme/libz.so.1 || fail 'the library is loaded after a reboot'
	runs /bin/true
}

# --- the second boot: enforcing --------------------------------------------------------------------

test_enforcing_after_reboot()
{
	is_active || fail "the daemon is $(systemctl is-active embargo.service): $(journal -u embargo | tail -n 3)"
	refused "$BANNED"
	refused /opt/vendor/agent
	runs "$BANNED.twin"
	embargo status >"$SCRATCH/status" || fail 'status says that nothing is in force'
	has 'enforcing   yes' "$(<"$SCRATCH/status")"
	has "process $(unit_value MainPID)" "$(<"$SCRATCH/status")"
	has 'Enforcing generation' "$(unit_value StatusText)"
}

test_enforcing_before_other_services()
{
	local embargo others

	embargo=$(unit_value ActiveEnterTimestampMonotonic)
	others=$(systemctl show --value -p ActiveEnterTimestampMonotonic sysinit.target)
	[[ $embargo -gt 0 && $embargo -le $others ]] || fail "in force at $embargo us, sysinit.target at $others us"
}

# privileges of the daemon, as the kernel knows them
test_daemon_has_no_privilege()
{
	local field status

	status=$(</proc/"$(unit_value MainPID)"/status)
	for field in CapEff CapPrm CapInh CapBnd CapAmb; do
		has "$field:	0000000000000000" "$status"
	done
	has 'Seccomp:	2' "$status"
	has 'NoNewPrivs:	1' "$status"
}

# capability NAME: its bit, by capability(7).
declare -rA CAPABILITIES=([DAC_READ_SEARCH]=2 [KILL]=5 [SETGID]=6 [SETUID]=7 [SYS_ADMIN]=21 [SYS_PTRACE]=19 [SYS_NICE]=23
	[LEASE]=28 [PERFMON]=38 [BPF]=39)

# mask NAME...: the capabilities of these names, as the kernel writes them.
mask()
{
	local name bits=0

	for name; do
		[[ $name != none ]] || continue
		[[ ${CAPABILITIES[$name]:-} ]] || fail "what is $name"
		((bits |= 1 << CAPABILITIES[$name]))
	done
	printf '%016x' "$bits"
}

# compare_rights FOLDER NAME USER CAPABILITIES: one process against its row of the table.
compare_rights()
{
	local field status mask soft hard

	status=$(<"$1/status")
	mask=$(mask $4)
	for field in CapEff CapPrm; do has "$field:	$mask" "$2: ${status//$'\n'/ | }"; done
	for field in CapInh CapAmb; do has "$field:	0000000000000000" "$2: ${status//$'\n'/ | }"; done
	has 'NoNewPrivs:	1' "$2: $status"
	has 'Seccomp:	2' "$2: $status"
	[[ $3 == root ]] && has 'Uid:	0	0	0	0' "$status" || has 'Uid:	65534	65534	65534	65534' "$status"
	read -r _ _ _ _ soft hard _ < <(grep '^Max core' "$1/limits")
	[[ $soft == 0 && $hard == 0 ]] || fail "$2 may leave a core of $soft, $hard"
	! ls -l "$1/fd" 2>/dev/null | grep -qE '/dev/(mem|kmem|port)' || fail "$2 has memory open"
}

# Each process of ours has what docs/RIGHTS.md says, and there is none that it does not name.
test_rights_are_those_of_the_table()
{
	local row process user capabilities folder name found=''
	declare -A rights users

	while IFS='|' read -r _ process user capabilities _; do
		process=${process// /}
		[[ $process == embargo* ]] || continue
		users[$process]=${user// /} rights[$process]=$capabilities
	done </t/RIGHTS.md
	[[ ${#rights[@]} -eq 7 ]] || fail "the table has ${#rights[@]} rows"
	for folder in /proc/[0-9]*; do
		[[ $(readlink "$folder/exe") == /usr/*/embargo* ]] || continue
		name=$(<"$folder/comm")
		[[ $name != embargo-keeper ]] || continue
		[[ ${rights[$name]:-} ]] || { fail "no row for $name"; continue; }
		compare_rights "$folder" "$name" "${users[$name]}" "${rights[$name]}"
		found+="$name "
	done
	for name in embargo embargo-watch embargo-sweeper embargo-steward embargo-nursery ${1:-}; do
		[[ " $found" == *" $name "* ]] || fail "no process $name among: $found"
	done
}

# keeper's rights: of one of those that are kept.
test_keepers_have_what_they_keep()
{
	local folder kept=0 child parent

	for folder in /proc/[0-9]*; do
		[[ $(cat "$folder/comm" 2>/dev/null) == embargo-keeper ]] || continue
		for child in $(<"$folder/task/${folder#/proc/}/children"); do
			parent=$(awk '$1 == "CapEff:" { print $2 }' "$folder/status")
			child=$(awk '$1 == "CapEff:" { print $2 }' "/proc/$child/status")
			# The steward's has CAP_SETGID, bit 6, beyond it.
			[[ $((0x$parent & ~(1 << 6))) -eq $((0x$child & ~(1 << 6))) ]] || fail "the keeper has $parent, its child $child"
			kept=$((kept + 1))
		done
	done
	[[ $kept -eq 3 ]] || fail "$kept are kept"
}

# What systemd-analyze says of the units, tenths: no more than it was.
test_exposure_does_not_grow()
{
	local unit most said

	while read -r unit most; do
		said=$(systemd-analyze security --no-pager "$unit" | sed -nE 's/.*exposure level for [^:]*: ([0-9]+)\.([0-9]).*/\1\2/p')
		[[ $said && 10#$said -le $most ]] || fail "$unit: ${said:-nothing} tenths, not $most"
	done <<-'END'
		embargo.service 39
		embargo-gate.service 41
	END
}

test_group_may_read()
{
	local group

	group=$(getent group embargo | cut -d: -f3)
	[[ $group ]] || { fail 'there is no group embargo'; return; }
	[[ $(stat -c '%a %u %g' /run/embargo/control) == "660 0 $group" ]] || fail "the socket: $(stat -c '%a %u %g' /run/embargo/control)"
	setpriv --reuid 1000 --regid 1000 --groups "$group" embargo status --json >"$SCRATCH/members" 2>&1 ||
		fail "a member: $(<"$SCRATCH/members")"
	has '"enforcing": true' "$(<"$SCRATCH/members")"
	setpriv --reuid 1000 --regid 1000 --clear-groups embargo status >/dev/null 2>&1 && fail 'others may, too'
}

test_journal_has_the_fields()
{
	local entry field digest

	setpriv --reuid 1000 --regid 1000 --clear-groups "$BANNED" 2>/dev/null
	sleep 3
	digest=$(digest_of "$BANNED")
	entry=$(journal MESSAGE_ID=$DENIED EMBARGO_UID=1000 | tail -n 1)
	for field in '"EMBARGO_VERDICT":"deny"' '"EMBARGO_OPERATION":"exec"' "\"EMBARGO_PATH\":\"$BANNED\"" \
		"\"EMBARGO_SHA256\":\"$digest\"" '"EMBARGO_POLICY":"test"' '"EMBARGO_RULE":"program"' \
		'"EMBARGO_VENDOR":"acme"' '"EMBARGO_AUTHORITY":"law"' '"EMBARGO_CITE":"A law, s.1"' \
		'"EMBARGO_SINCE":"2018-10-01T04:00:00Z"' '"EMBARGO_ACTION":"deny"' '"EMBARGO_COUNT":"1"' \
		'"EMBARGO_CGROUP":"/system.slice/vm.service"' '"PRIORITY":"4"' '"OBJECT_PID":"' '"_UID":"0"' \
		'"_SYSTEMD_UNIT":"embargo.service"' '"SYSLOG_IDENTIFIER":"embargo"' '"EMBARGO_PID":"'; do
		has "$field" "$entry"
	done
	has "denied exec of $BANNED: rule program of test" "$entry"
}

test_file_name_forges_no_field()
{
	local name=$'/opt/vendor/x\nPRIORITY=0\nEMBARGO_VERDICT=allow\n' entry

	cp /bin/true "$name"
	refused "$name"
	sleep 3
	entry=$(journal MESSAGE_ID=$DENIED EMBARGO_RULE=folder | tail -n 1)
	has '"EMBARGO_VERDICT":"deny"' "$entry"
	has '"PRIORITY":"4"' "$entry"
	has '"EMBARGO_PATH":"/opt/vendor/x\nPRIORITY=0\nEMBARGO_VERDICT=allow\n"' "$entry"
	rm "$name"
}

test_events_come_from_the_journal()
{
	local events since

	events=$(embargo events --json 2>&1)
	has "\"path\":\"$BANNED\"" "$events"
	has '"cgroup":"/system.slice/vm.service"' "$events"
	has '"rule":"folder"' "$events"
	since=$(at 3600)
	events=$(embargo events --since "$since" --json 2>&1) || fail "--since $since: $events"
	[[ -z $events ]] || fail "events of the future: $events"
}

test_nobody_else_writes_events()
{
	printf 'MESSAGE=x\nMESSAGE_ID=%s\nEMBARGO_VERDICT=deny\nEMBARGO_OPERATION=exec\n%s\n%s\n' "$DENIED" \
		'EMBARGO_ACTION=deny' 'EMBARGO_PATH=/forged' >"$SCRATCH/forged"
	as_user logger --journald <"$SCRATCH/forged" || fail 'logger failed'
	has /forged "$(journal MESSAGE_ID=$DENIED _UID=1000)"
	[[ $(embargo events --json 2>&1) != *forged* ]] || fail 'an entry of an ordinary user counts as an event'
}

# on_terminal COMMAND: what a user sees at a terminal of their own.
on_terminal()
{
	setpriv --reuid 1000 --regid 1000 --clear-groups script -qec "$1; sleep 4" /dev/null </dev/null 2>&1
}

# told_on_terminal COMMAND: the same, until a refusal is told, but no longer than half a minute.
told_on_terminal()
{
	local folder session

	folder=$(mktemp -d)
	chown 1000 "$folder"
	setpriv --reuid 1000 --regid 1000 --clear-groups script -qefc "$1; sleep 60" "$folder/shown" </dev/null >/dev/null 2>&1 &
	session=$!
	wait_for 300 grep -qs 'refused (rule' "$folder/shown"
	kill "$session"
	wait "$session" 2>/dev/null
	cat "$folder/shown"
	rm -r "$folder"
}

test_person_at_the_terminal_is_told()
{
	local file=/opt/vendor/told shown

	cp /bin/true $file
	shown=$(told_on_terminal $file)
	has "embargo: $file: refused (rule folder of test, in force since 2018-10-01, authority A law, s.1)" "$shown"
	rm $file
}

test_other_namespaces_terminal_is_not_told()
{
	local file=/opt/vendor/untold shown

	cp /bin/true $file
	shown=$(unshare -m setpriv --reuid 1000 --regid 1000 --clear-groups \
		script -qec "$file; sleep 4" /dev/null </dev/null 2>&1)
	has 'not permitted' "$shown"
	[[ $shown != *'refused (rule'* ]] || fail "told: $shown"
	has '"EMBARGO_PATH":"/opt/vendor/untold"' "$(journal MESSAGE_ID=$DENIED EMBARGO_RULE=folder)"
	rm $file
}

test_terminal_can_be_left_alone()
{
	local file=/opt/vendor/quiet shown

	cp /bin/true $file
	echo 'terminal: no' >/etc/embargo/embargo.yaml
	systemctl restart embargo.service || fail 'no restart'
	shown=$(on_terminal $file)
	has 'not permitted' "$shown"
	[[ $shown != *'refused (rule'* ]] || fail "told: $shown"
	rm $file /etc/embargo/embargo.yaml
	systemctl restart embargo.service || fail 'no restart'
}

test_reload()
{
	local daemon

	daemon=$(unit_value MainPID)
	make_pair /usr/local/bin/later /bin/true
	runs /usr/local/bin/later
	write_policy
	rule_file later banned elf /usr/local/bin/later
	policy_end >/dev/null
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb "$POLICIES"
	systemctl reload embargo.service || fail 'systemctl reload failed'
	refused /usr/local/bin/later
	refused "$BANNED"
	runs /usr/local/bin/later.twin
	sleep 3
	[[ $(unit_value MainPID) == "$daemon" ]] || fail 'another daemon now'
	has 'is in force' "$(journal -u embargo.service)"
}

test_broken_reload_changes_nothing()
{
	cp "$POLICIES/test.yaml" "$SCRATCH/good"
	echo 'nonsense: yes' >>"$POLICIES/test.yaml"
	systemctl reload embargo.service 2>/dev/null && fail 'systemctl reload succeeded'
	has nonsense "$(journal -u embargo.service)"
	cp "$SCRATCH/good" "$POLICIES/test.yaml"
	is_active || fail 'the daemon has gone'
	refused "$BANNED"
}

# Denied before, while and after: not one of the runs between the kill and the new daemon may pass.
test_kill_leaves_no_gap()
{
	local daemon

	daemon=$(unit_value MainPID)
	kill -9 "$daemon"
	for _ in {1..300}; do
		"$BANNED" 2>/dev/null && fail 'the banned file ran'
		[[ $(systemctl is-active embargo.service) == active && $(unit_value MainPID) != "$daemon" ]] && break
		sleep 0.05
	done
	is_active || fail 'it was not restarted'
	[[ $(unit_value MainPID) != "$daemon" ]] || fail 'it was not killed'
	refused "$BANNED"
	runs "$BANNED.twin"
}

# More distinct events than journald's socket queues, while journald stands still.
test_hung_journal_stops_nobody()
{
	local file=/opt/vendor/hung shown daemon

	daemon=$(unit_value MainPID)
	mkdir /opt/vendor/many
	for i in {1..600}; do printf '#!/bin/true\n' >/opt/vendor/many/"$i"; done
	chmod 0755 /opt/vendor/many/*
	cp /bin/true $file
	pkill -STOP -x systemd-journal
	for i in /opt/vendor/many/*; do "$i" 2>/dev/null && fail "$i ran"; done
	shown=$(told_on_terminal $file)
	pkill -CONT -x systemd-journal
	has "embargo: $file: refused" "$shown"
	"$BANNED.twin" || fail 'an unlisted file was stopped'
	[[ $(unit_value MainPID) == "$daemon" ]] || fail 'the daemon did not survive it'
	sleep 1
	/opt/vendor/agent 2>/dev/null
	sleep 3
	has 'the journal did not keep up' "$(journal MESSAGE_ID=$LOST)"
	rm -r /opt/vendor/many $file
}

test_stopped_daemon_leaves_enforcement()
{
	systemctl stop embargo.service || fail 'cannot be stopped'
	refused "$BANNED"
	runs "$BANNED.twin"
	has 'daemon      not running' "$(embargo status)"
	has "$BANNED" "$(embargo events --json 2>/dev/null)"
	systemctl start embargo.service || fail 'cannot be started again'
	refused "$BANNED"
	has 'daemon      process' "$(embargo status)"
}

test_second_daemon_is_refused()
{
	local said

	said=$(embargo run 2>&1) && fail 'a second daemon runs'
	has "a daemon runs already, as process $(unit_value MainPID)" "$said"
	is_active || fail 'the first has gone'
	refused "$BANNED"
}

# followed UID: what `events --follow` shows while that user is refused something.
followed()
{
	timeout 8 embargo events --follow --json >"$SCRATCH/followed" 2>&1 &
	sleep 3
	setpriv --reuid "$1" --regid "$1" --clear-groups "$BANNED" 2>/dev/null
	wait $!
	grep "\"uid\":$1" "$SCRATCH/followed"
}

test_events_are_followed()
{
	has "\"path\":\"$BANNED\"" "$(followed 2001)"
	systemctl stop embargo.service
	has "\"path\":\"$BANNED\"" "$(followed 2002)"
	[[ -z $(embargo events --json | grep '"uid":2002') ]] || fail 'what was shown is still in the ring'
	systemctl start embargo.service || fail 'cannot be started again'
}

test_unload_ends_the_daemon()
{
	local restarts

	restarts=$(unit_value NRestarts)
	embargo unload >/dev/null || fail 'unload failed'
	wait_for 100 eval '! is_active' || fail 'the daemon still runs'
	runs "$BANNED"
	sleep 3 # a start takes longer than that here: what tells is that one was ordered
	[[ $(unit_value NRestarts) == "$restarts" ]] || fail 'it was started again, against who unloaded it'
	runs "$BANNED"
	has 'enforcement was taken away' "$(journal -u embargo.service)"
	systemctl start embargo.service || fail 'cannot be started again'
	refused "$BANNED"
}

test_run_can_leave_nothing()
{
	local daemon

	systemctl stop embargo.service
	embargo run --unload-on-exit 2>"$SCRATCH/run" &
	daemon=$!
	wait_for 300 grep -q 'enforcing:' "$SCRATCH/run" || fail "not started: $(<"$SCRATCH/run")"
	refused "$BANNED"
	kill -9 $daemon
	wait_for 100 eval '! embargo status >/dev/null' || fail 'still in force after kill -9'
	wait_for 50 "$BANNED" 2>/dev/null # the kernel detaches a link some time after its pin has gone
	runs "$BANNED"
	systemctl start embargo.service || fail 'cannot be started again'
}

test_floor_is_kept()
{
	[[ -s /var/lib/embargo/floor ]] || fail 'there is no floor'
}

# What an administrator does who wants the gate: it is there from the next boot on.
test_gate_is_wanted()
{
	local said

	echo 'gate: exec' >/etc/embargo/embargo.yaml
	systemctl enable embargo-gate.service 2>"$SCRATCH/enable" || fail "enable: $(<"$SCRATCH/enable")"
	said=$(systemd-analyze verify --man=no embargo-gate.service embargo-gate-sleep.service 2>&1 | grep -i embargo)
	[[ -z $said ]] || fail "$said"
}

# --- the third boot: the gate ----------------------------------------------------------------------

# run_fresh NAME COUNT PROGRAM: copies of it, each run when it is 1 ms old; into `ran`, `refused`, and the milliseconds that the
# longest took.
run_fresh()
{
	mkdir -p "/var/gate/$1"
	read -r _ ran _ refused _ longest < <(fresh "/t/bin/$3" "/var/gate/$1" "$2" one)
	[[ $((ran + refused)) == "$2" ]] || fail "of $2 $3: $ran ran, $refused were refused"
}

# The gate holds, and what is banned is refused the first time.
gate_holds()
{
	wait_for 300 embargo gate status >/dev/null || fail "does not hold: $(embargo gate status)"
	run_fresh "$1" 20 branded
	[[ $refused == 20 ]] || fail "$1: $ran of 20 ran; $(embargo gate status)"
}

find_watch()
{
	[[ -e /run/embargo/watch && $(</run/embargo/watch) =~ \"process\":\ *([0-9]+) ]] && watch=${BASH_REMATCH[1]} &&
		kill -0 "$watch"
}

# waits_for_watch NAME: milliseconds, for which one is held while nobody looks into files.
waits_for_watch()
{
	local watch

	wait_for 300 find_watch 2>/dev/null || { fail "$1: there is no watch"; return; }
	kill -STOP "$watch"
	run_fresh "$1" 1 tiny
	kill -CONT "$watch"
	[[ $ran == 1 ]] || fail "$1: it was refused"
}

test_gate_after_reboot()
{
	[[ $(systemctl is-active embargo-gate.service) == active ]] || fail "the gate is $(systemctl is-active embargo-gate.service)"
	gate_holds after-reboot
	printf 'after a reboot, gate on: %d of 20 ran, the longest took %d ms\n' "$ran" "$longest"
	waits_for_watch held
	[[ $longest -ge 1900 ]] || fail "held for $longest ms only"
	sleep 3 # until the watch answers again
}

# Whatever is started waits for no journal.
test_gate_with_a_hung_journal()
{
	gate_holds before-the-journal-hangs
	pkill -STOP -x systemd-journal
	run_fresh hung-journal 60 branded
	pkill -CONT -x systemd-journal
	printf 'while the journal hangs: %d of 60 ran, the longest took %d ms\n' "$ran" "$longest"
	[[ $refused == 60 ]] || fail "$ran of 60 ran"
	[[ $longest -lt 5000 ]] || fail "one took $longest ms"
}

test_gate_can_be_turned_off()
{
	embargo gate off || fail 'gate off failed'
	waits_for_watch off
	[[ $longest -lt 1900 ]] || fail "held for $longest ms"
	has 'embargo gate off' "$(embargo gate status)"
	systemctl restart embargo.service || fail 'no restart'
	waits_for_watch off-after-restart
	[[ $longest -lt 1900 ]] || fail "held for $longest ms after a restart"
	embargo gate on || fail 'gate on failed'
	gate_holds on-again
}

# exempted: how many have not been held for who they are.
exempted()
{
	[[ $(embargo gate status --json) =~ \"exempt\":\ *([0-9]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

is_exempted()
{
	[[ $(exempted) -gt $1 ]]
}

# PID 1 executes itself again, the watch runs a program that it waits for: it could not answer meanwhile.
test_gate_does_not_hold_who_is_needed()
{
	local before

	before=$(exempted)
	systemctl daemon-reexec || fail 'no daemon-reexec'
	wait_for 50 is_exempted "$before" || fail "PID 1 was held: $before, $(embargo gate status)"
	[[ -x /usr/libexec/embargo/embargo-rpm-list ]] || return
	sleep 1.2
	before=$(exempted)
	touch /var/lib/rpm/rpmdb.sqlite
	wait_for 100 is_exempted "$before" || fail "what the watch runs was held: $before, $(embargo gate status)"
}

# Nobody is held while the host sleeps; afterwards they are again. To reach the target is what opens it: no clock of an emulated
# machine need wake it.
test_gate_opens_for_sleep()
{
	local state

	state=$(systemd-run --quiet --wait --pipe -p Wants=sleep.target -p After=sleep.target \
		systemctl is-active embargo-gate.service)
	[[ $state == inactive ]] || fail "while the host sleeps it is $state"
	wait_for 300 embargo gate status >/dev/null || fail "does not hold afterwards: $(embargo gate status)"
	gate_holds after-sleep
}

test_gate_ends_with_its_unit()
{
	local unit

	systemctl stop embargo-gate.service || fail 'cannot be stopped'
	waits_for_watch stopped
	[[ $longest -lt 1900 ]] || fail "held for $longest ms without the unit"
	has 'not running' "$(embargo gate status)"
	systemctl start embargo-gate.service || fail 'cannot be started'
	gate_holds started-again
	unit=$(systemctl show --value -p FragmentPath embargo-gate.service)
	mv "$unit" "$SCRATCH/unit"
	systemctl daemon-reload
	systemctl stop embargo-gate.service || fail 'cannot be stopped without its file'
	waits_for_watch removed
	[[ $longest -lt 1900 ]] || fail "held for $longest ms once the unit was removed"
	mv "$SCRATCH/unit" "$unit"
	systemctl daemon-reload
	rm -r /var/gate
}

# --- uninstalling ----------------------------------------------------------------------------------

test_uninstall_leaves_nothing()
{
	local left

	refused "$BANNED" 'after the second reboot'
	systemctl disable --now embargo.service 2>/dev/null || fail 'cannot be disabled'
	embargo unload >/dev/null || fail 'cannot be unloaded'
	rm -r "${POLICIES:?}"/* /etc/embargo/embargo.yaml
	make -s -C /t/source uninstall >"$SCRATCH/make" 2>&1 || fail "uninstall: $(<"$SCRATCH/make")"
	runs "$BANNED" 'once uninstalled'
	rm -r "$BANNED" "$BANNED.twin" /usr/local/bin/later* /opt/vendor /var/copies
	rm -f /var/lib/rpm/rpmdb.sqlite* /var/lib/rpm/.rpm.lock
	list_files >/var/log/files-after
	# What an installation anew must not undo stays.
	left=$(cd /var/lib/embargo && echo *)
	[[ $left == 'floor versions' ]] || fail "kept in /var/lib/embargo: $left"
	left=$(diff /var/log/files-before /var/log/files-after | grep '^[<>]' | grep -vE '^> /var/lib/embargo(/floor|/versions)?$')
	[[ -z $left ]] || fail "not as before: $left"
	[[ ! -e /sys/fs/bpf/embargo && ! -e /run/embargo ]] || fail 'pins or run-time files are left'
}

# ---------------------------------------------------------------------------------------------------

case $1 in
1)
	attempt install test_install
	attempt unit-is-sound test_unit_is_sound
	;;
2)
	attempt enforcing-after-reboot test_enforcing_after_reboot
	attempt enforcing-before-other-services test_enforcing_before_other_services
	attempt daemon-has-no-privilege test_daemon_has_no_privilege
	attempt rights-are-those-of-the-table test_rights_are_those_of_the_table
	attempt keepers-have-what-they-keep test_keepers_have_what_they_keep
	attempt exposure-does-not-grow test_exposure_does_not_grow
	attempt group-may-read test_group_may_read
	attempt journal-has-the-fields test_journal_has_the_fields
	attempt file-name-forges-no-field test_file_name_forges_no_field
	attempt events-come-from-the-journal test_events_come_from_the_journal
	attempt nobody-else-writes-events test_nobody_else_writes_events
	attempt person-at-the-terminal-is-told test_person_at_the_terminal_is_told
	attempt other-namespaces-terminal-is-not-told test_other_namespaces_terminal_is_not_told
	attempt terminal-can-be-left-alone test_terminal_can_be_left_alone
	attempt dpkg-package test_dpkg_package
	attempt rpm-package test_rpm_package
	attempt reload test_reload
	attempt broken-reload-changes-nothing test_broken_reload_changes_nothing
	attempt kill-leaves-no-gap test_kill_leaves_no_gap
	attempt hung-journal-stops-nobody test_hung_journal_stops_nobody
	attempt stopped-daemon-leaves-enforcement test_stopped_daemon_leaves_enforcement
	attempt second-daemon-is-refused test_second_daemon_is_refused
	attempt events-are-followed test_events_are_followed
	attempt unload-ends-the-daemon test_unload_ends_the_daemon
	attempt run-can-leave-nothing test_run_can_leave_nothing
	attempt floor-is-kept test_floor_is_kept
	attempt gate-is-wanted test_gate_is_wanted
	;;
3)
	attempt learned-over-reboots test_learned_over_reboots
	attempt gate-after-reboot test_gate_after_reboot
	attempt rights-with-the-gate test_rights_are_those_of_the_table embargo-gate
	attempt gate-with-a-hung-journal test_gate_with_a_hung_journal
	attempt gate-can-be-turned-off test_gate_can_be_turned_off
	attempt gate-does-not-hold-who-is-needed test_gate_does_not_hold_who_is_needed
	attempt gate-opens-for-sleep test_gate_opens_for_sleep
	attempt gate-ends-with-its-unit test_gate_ends_with_its_unit
	attempt uninstall-leaves-nothing test_uninstall_leaves_nothing
	;;
esac
sync
exit 0
