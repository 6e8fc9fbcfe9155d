# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/forecast: what the forecast names, and what is denied once its date has come.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

WHEN=2040-06-01T00:00:00Z
LATER=2050-06-01T00:00:00Z
UNITS=/etc/systemd/system

# unit NAME LINE...: a service
unit()
{
	local name=$1

	shift
	{
		printf '[Service]\n'
		printf '%s\n' "$@"
	} >"$UNITS/$name.service"
}

# What is forbidden from then on, and beside each thing another that is not.
populate()
{
	local word

	mkdir -p /opt/vendor /srv/bin /opt/libs
	for word in agent running interpreter already later watched prepare gone; do
		make_pair "/srv/bin/$word" /bin/sleep
	done
	make_pair /srv/bin/interpreter /bin/bash
	make_pair /srv/bin/prepare /bin/true
	make_pair /opt/vendor/by-path /bin/true
	mv /opt/vendor/by-path.twin /opt/by-path
	make_pair /srv/bin/linked /bin/true # its names are two, and both are told
	ln /srv/bin/linked /srv/bin/linked-too
	make_pair /opt/libs/libmapped.so /t/bin/needed
	printf '#!/srv/bin/interpreter\nexec /srv/bin/agent.twin 1000\n' >/srv/bin/script
	printf '#!/srv/bin/interpreter.twin\nexec /srv/bin/agent.twin 1000\n' >/srv/bin/script.twin
	printf '#!/bin/sh\nexit 0\n' >/srv/bin/plain
	printf 'MZ, and what Windows would make of it' >/srv/bin/plain.exe
	make_pair /srv/bin/listed /srv/bin/plain
	make_pair /srv/bin/tool.exe /srv/bin/plain.exe
	chmod 755 /srv/bin/script /srv/bin/script.twin
	cp /t/needing/needing /t/needing/needing.twin /t/needing/through /srv/bin/
	cp /t/needing/lib*.so.1 /usr/local/lib/
	ldconfig
	dpkg -i /t/packages/acme-tools.deb /t/packages/other-tools.deb >"$SCRATCH/dpkg" 2>&1 || fail "dpkg: $(<"$SCRATCH/dpkg")"

	unit agent ExecStart='/srv/bin/agent 1000'
	unit agent-twin ExecStart='/srv/bin/agent.twin 1000'
	unit agent-off ExecStart='/srv/bin/agent 1001'        # never loaded, never started
	unit script ExecStart=/srv/bin/script
	unit script-twin ExecStart=/srv/bin/script.twin
	unit prepare ExecStartPre=/srv/bin/prepare ExecStart='/srv/bin/agent.twin 1000'
	unit prepare-twin ExecStartPre=/srv/bin/prepare.twin ExecStart='/srv/bin/agent.twin 1000'
	unit tool Type=oneshot RemainAfterExit=yes ExecStart=/opt/acme-tools/bin/tool
	unit tool-twin Type=oneshot RemainAfterExit=yes ExecStart=/opt/other-tools/bin/tool
	unit mapping ExecStart='/t/bin/stay map /opt/libs/libmapped.so'
	unit mapping-twin ExecStart='/t/bin/stay map /opt/libs/libmapped.so.twin'
	unit needing Type=oneshot RemainAfterExit=yes ExecStart=/srv/bin/needing
	unit needing-twin Type=oneshot RemainAfterExit=yes ExecStart=/srv/bin/needing.twin
	unit watched ExecStart='/srv/bin/watched 1000'
	unit later ExecStart='/srv/bin/later 1000'
	systemctl daemon-reload
	systemctl start agent agent-twin script script-twin prepare prepare-twin mapping mapping-twin watched later tool tool-twin needing \
		needing-twin ||
		fail 'not all services start'
	/srv/bin/running 1000 &
	running=$!
	/srv/bin/running.twin 1000 &
	modprobe dummy numdummies=0 || fail 'dummy cannot be loaded'
	MODULE=$(modinfo -n dummy)
	case $MODULE in
	*.xz) xz -dc "$MODULE" ;;
	*) cat "$MODULE" ;;
	esac >"$SCRATCH/module"
}

# What was audited and is there no more: the journal alone knows of it.
run_and_remove()
{
	/srv/bin/gone 0 && /srv/bin/gone.twin 0 || fail 'gone does not run'
	wait_for 300 eval 'embargo events --json 2>/dev/null | grep -c /srv/bin/gone >"$SCRATCH/count"' || fail 'no event of gone'
	gzip -c /srv/bin/gone >/root/gone.gz
	rm /srv/bin/gone /srv/bin/gone.twin
}

enforce_dates()
{
	local word

	policy_begin
	schedule then "$LONG_AGO=audit" "$WHEN=deny"
	schedule afterwards "$LATER=deny"
	schedule watch "$WHEN=audit"
	for word in agent running interpreter prepare linked gone; do
		rule_file "$word" then elf "/srv/bin/$word"
	done
	rule_file listed then script /srv/bin/listed
	rule_file tool then pe /srv/bin/tool.exe
	rule_file module then module "$SCRATCH/module"
	rm "$SCRATCH/module"
	rule_file cached then elf /usr/local/lib/libcached.so.1
	rule_file mapped then elf /opt/libs/libmapped.so
	rule_identity package then 'package: { name: "acme-*" }'
	rule_identity path then 'path: /opt/vendor/'
	rule_file already banned elf /srv/bin/already
	rule_file later afterwards elf /srv/bin/later
	rule_file watched watch elf /srv/bin/watched
	POLICY=$(policy_end)
	embargo run --policy "$POLICY" >"$SCRATCH/run" 2>&1 &
	wait_for 300 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || fail "run: $(<"$SCRATCH/run")"
}

# All that may be code on this host.
code()
{
	find / -xdev -type f \( -perm /111 -o -name '*.so*' \) -size +0 2>/dev/null
}

# refused_by_loader: the programs that the dynamic loader cannot start, by its own word; none of them is run for it.
refused_by_loader()
{
	local file loader=/lib64/ld-linux-x86-64.so.2

	while read -r file; do
		[[ -x $file ]] && head -c 4096 "$file" | grep -qa "$loader" || continue
		[[ $("$loader" --list "$file" 2>&1) != *'failed to map segment'* ]] || echo "$file"
	done
}

# scripts_of FILE: the scripts among those on its input whose interpreter is a line of FILE.
scripts_of()
{
	local file line

	while read -r file; do
		{ IFS= read -r line <"$file"; } 2>/dev/null
		[[ $line == '#!'* ]] || continue
		read -r line _ <<<"${line#'#!'}"
		grep -qxF "$line" "$1" && echo "$file"
	done
}

# section NAME KEY: the values of KEY in that list of the forecast, sorted; keys of what is within are farther in.
section()
{
	awk -v name="$1" -v key="$2" '
		/^  "/ { is_in = index($0, "\"" name "\":") }
		is_in && index($0, "      \"" key "\": \"") == 1 { sub(/^[^:]*: "/, ""); sub(/",?$/, ""); print }
	' "$SCRATCH/forecast" | sort -u
}

# same WHAT FORECAST OBSERVED: or fail with what either has alone.
same()
{
	local left

	left=$(diff "$2" "$3" | grep '^[<>]')
	[[ ! $left ]] || fail "$1: named but not so <, so but not named >: ${left//$'\n'/ }"
	[[ -s $2 ]] || fail "$1: nothing is named"
}

# Before the date: told, and none of it is stopped yet but what is long since.
told()
{
	populate
	enforce_dates
	run_and_remove
	# The packages' files are learned by then.
	wait_for 600 grep -q '/opt/acme-tools/lib/libz.so.1 falls under rule package' "$SCRATCH/run" || fail "not learned: $(<"$SCRATCH/run")"
	embargo policy forecast --policy "$POLICY" --at "$WHEN" --json >"$SCRATCH/forecast" 2>"$SCRATCH/stderr"
	status=$?
	[[ $status -eq 1 ]] || fail "forecast: status $status: $(<"$SCRATCH/stderr")"
	grep -q '"complete": true' "$SCRATCH/forecast" || fail "not complete: $(<"$SCRATCH/stderr")"
	section files path | grep -v '\.ko' >"$SCRATCH/files"
	section files path | grep '\.ko' >"$SCRATCH/modules"
	section files loaded >"$SCRATCH/loaded"
	section needs path >"$SCRATCH/needs"
	section seen path >"$SCRATCH/seen"
	section units unit >"$SCRATCH/units"
	section packages package >"$SCRATCH/packages"
	code | denied | sort -u >"$SCRATCH/before"
	[[ $(<"$SCRATCH/before") == /srv/bin/already ]] || fail "denied before: $(<"$SCRATCH/before")"
	grep -q "\"pid\": $running,\$" "$SCRATCH/forecast" || fail 'the running program is not told'
	grep -q '"mapped": true' "$SCRATCH/forecast" || fail 'the mapped library is not told'
	[[ $(<"$SCRATCH/seen") == /srv/bin/gone ]] || fail "seen: $(<"$SCRATCH/seen")"
}

as_text()
{
	embargo policy forecast --policy "$POLICY" >"$SCRATCH/text" 2>&1
	status=$?
	[[ $status -eq 1 ]] || fail "status $status"
	grep -q "^$WHEN\$" "$SCRATCH/text" || fail "no $WHEN: $(<"$SCRATCH/text")"
	grep -q "^$LATER\$" "$SCRATCH/text" || fail "no $LATER: $(<"$SCRATCH/text")"
	grep -q "^  program /srv/bin/later  rule later of test" "$SCRATCH/text" || fail "no later program: $(<"$SCRATCH/text")"
	grep -q '^  service agent.service  by its ExecStart /srv/bin/agent$' "$SCRATCH/text" || fail "no service: $(<"$SCRATCH/text")"
	grep -q '^  program /srv/bin/needing  needs libz.so.1, which is denied$' "$SCRATCH/text" || fail "no need: $(<"$SCRATCH/text")"
	grep -q '^  service needing.service  by its ExecStart /srv/bin/needing, which needs libz.so.1$' "$SCRATCH/text" ||
		fail "no service for what it needs: $(<"$SCRATCH/text")"
	grep -q '^            is loaded as dummy, and stays so$' "$SCRATCH/text" || fail "no module: $(<"$SCRATCH/text")"
	grep -q '^  package acme-tools 1.2  2 files$' "$SCRATCH/text" || fail "no package: $(<"$SCRATCH/text")"
}

# The date comes.
denied_then()
{
	clock set $(($(date -u -d "$WHEN" +%s) + 60 - EPOCHSECONDS)) || fail 'the clock cannot be set'
	wait_for 300 eval '! /srv/bin/linked 2>/dev/null' || fail 'the date has not come'
	code | denied | sort -u >"$SCRATCH/then"
	comm -13 "$SCRATCH/before" "$SCRATCH/then" >"$SCRATCH/denied"
	same files "$SCRATCH/files" "$SCRATCH/denied"
}

needs_then()
{
	code | refused_by_loader | sort | comm -23 - "$SCRATCH/then" >"$SCRATCH/refused"
	sort -u "$SCRATCH/denied" "$SCRATCH/refused" >"$SCRATCH/stopped"
	code | scripts_of "$SCRATCH/stopped" | comm -23 <(sort -u "$SCRATCH/refused" -) "$SCRATCH/then" >"$SCRATCH/starved"
	same needs "$SCRATCH/needs" "$SCRATCH/starved"
}

modules_then()
{
	[[ $(<"$SCRATCH/modules") -ef $MODULE ]] || fail "modules: $(<"$SCRATCH/modules")"
	[[ $(<"$SCRATCH/loaded") == dummy ]] || fail "loaded: $(<"$SCRATCH/loaded")"
	[[ -d /sys/module/dummy ]] || fail 'a loaded module does not stay'
	modprobe -r dummy
	modprobe dummy numdummies=0 2>/dev/null && fail 'the module is loaded then'
	modprobe loop || fail 'another module is not loaded then'
}

# What only the journal told of is brought back.
seen_then()
{
	gzip -dc /root/gone.gz >/srv/bin/gone
	chmod 755 /srv/bin/gone
	/srv/bin/gone 0 2>/dev/null
	[[ $? -eq 126 ]] || fail 'what the journal told of is not denied'
}

services_then()
{
	local file name

	: >"$SCRATCH/failed"
	for file in "$UNITS"/*.service; do
		[[ -L $file ]] && continue
		name=${file##*/}
		systemctl stop "$name" 2>/dev/null
		systemctl reset-failed "$name" 2>/dev/null
		systemctl start "$name" 2>/dev/null
		pause 1
		[[ $(systemctl is-active "$name") == active ]] || echo "$name" >>"$SCRATCH/failed"
	done
	sort -o "$SCRATCH/failed" "$SCRATCH/failed"
	same services "$SCRATCH/units" "$SCRATCH/failed"
}

packages_then()
{
	local file

	while read -r file; do
		dpkg -S "$file" 2>/dev/null
	done <"$SCRATCH/denied" | cut -d: -f1 | sort -u >"$SCRATCH/owners"
	same packages "$SCRATCH/packages" "$SCRATCH/owners"
}

attempt forecast-is-told told
attempt forecast-as-text as_text
attempt forecast-of-files denied_then
attempt forecast-of-needs needs_then
attempt forecast-of-modules modules_then
attempt forecast-of-the-journal seen_then
attempt forecast-of-services services_then
attempt forecast-of-packages packages_then
sync
exit 0
