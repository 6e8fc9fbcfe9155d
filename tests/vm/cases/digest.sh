#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A listed file is denied however it gets to run, and its twin of one other byte runs the same way.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# name, operation, what the list says its files are, where the file lies, what it is made from, way
table='
exec                  exec  elf     ext4   /bin/true  plain
exec-as-user          exec  elf     ext4   /bin/true  user
exec-vfork            exec  elf     ext4   /bin/true  vfork
exec-unreadable       exec  elf     ext4   /bin/true  unreadable
exec-tmpfs            exec  elf     tmpfs  /bin/true  plain
exec-overlay-lower    exec  elf     lower  /bin/true  plain
exec-overlay-upper    exec  elf     upper  /bin/true  plain
exec-hard-link        exec  elf     ext4   /bin/true  hard_link
exec-rename           exec  elf     ext4   /bin/true  rename
exec-bind             exec  elf     ext4   /bin/true  bind
exec-memfd-sealed     exec  elf     ext4   /bin/true  memfd_sealed
exec-memfd-writable   exec  elf     ext4   /bin/true  memfd_writable
exec-otmpfile         exec  elf     ext4   /bin/true  otmpfile
exec-otmpfile-tmpfs   exec  elf     tmpfs  /bin/true  otmpfile
exec-fexecve          exec  elf     ext4   /bin/true  fexecve
exec-proc-fd          exec  elf     ext4   /bin/true  proc_fd
exec-execveat         exec  elf     ext4   /bin/true  execveat
exec-unlinked         exec  elf     ext4   /bin/true  unlinked
exec-user-namespace   exec  elf     ext4   /bin/true  user_namespace
exec-static           exec  elf     ext4   tiny       plain
exec-any              exec  any     ext4   /bin/true  plain
script                exec  script  ext4   script     plain
script-tmpfs          exec  script  tmpfs  script     plain
script-user           exec  script  ext4   script     user
interpreter           exec  elf     ext4   /bin/bash  interpreter
ldso                  map   elf     ext4   /bin/true  ldso
ldso-tmpfs            map   elf     tmpfs  /bin/true  ldso
ldso-overlay-lower    map   elf     lower  /bin/true  ldso
ldso-overlay-upper    map   elf     upper  /bin/true  ldso
library-needed        map   elf     ext4   libz       needed
library-dlopen        map   elf     ext4   libz       dlopen
library-preload       map   elf     ext4   libz       preload
library-overlay       map   elf     lower  libz       dlopen
library-tmpfs         map   elf     tmpfs  libz       dlopen
map-exec              map   elf     ext4   /bin/true  map_exec
map-private           map   elf     ext4   /bin/true  map_private
map-shared            map   elf     ext4   /bin/true  map_shared
map-private-overlay   map   elf     lower  /bin/true  map_private
map-shared-overlay    map   elf     lower  /bin/true  map_shared
map-private-upper     map   elf     upper  /bin/true  map_private
map-shared-upper      map   elf     upper  /bin/true  map_shared
map-private-tmpfs     map   elf     tmpfs  /bin/true  map_private
'

declare -A place=(
	[ext4]=/d
	[tmpfs]=/tmp/tmpfs
	[lower]=/d/overlay/lower
	[upper]=/d/overlay/upper
)
declare -A source=(
	[script]=$SCRATCH/source-script
	[libz]=$(realpath /lib/x86_64-linux-gnu/libz.so.1)
	[tiny]=$HERE/bin/tiny
)

mount_ext4 /dev/vda /d
mkdir -p /tmp/tmpfs /d/overlay/{lower,upper}
mount -t tmpfs tmpfs /tmp/tmpfs
chmod 1777 /tmp/tmpfs /d
make_script "${source[script]}"

policy_begin
while read -r name operation kind ground from way; do
	wanted "$name" || continue
	make_pair "${place[$ground]}/$name" "${source[$from]:-$from}"
	rule_file "$name" banned "$kind" "${place[$ground]}/$name"
done < <(grep . <<<"$table")
mount_overlay /d/overlay
enforce

while read -r name operation kind ground from way; do
	wanted "$name" || continue
	file=${place[$ground]}/$name
	[[ $ground != @(lower|upper) ]] || file=/d/overlay/merged/$name
	attempt "$name" expect_denied "$name" "$operation" "$way" "$file" "$file.twin"
done < <(grep . <<<"$table")

# --- what an event says ---

event_fields()
{
	local digest event

	policy_begin
	make_pair /d/event /bin/true
	rule_file event banned elf /d/event
	enforce
	digest=$(digest_of /d/event)
	as_user /d/event 2>/dev/null
	take_events
	event=$(events_with verdict=deny operation=exec path=/d/event "sha256=$digest" policy=test rule=event \
		vendor=acme uid=1000 count=1) || fail "the event is ${events:-absent}"
	[[ $event =~ \"authority\":.*law && $event =~ \"comm\":\" && $event =~ \"pid\":[1-9] && $event =~ \"ppid\":[1-9] &&
		$event =~ \"auid\": && $event =~ \"cgroup\": && $event =~ \"time\":\"20[0-9-]+T[0-9:.]+Z\" ]] ||
		fail "a field is missing: $event"
}
attempt event-fields event_fields

# times_told KEY=VALUE...: how many times all events that say so stand for.
times_told()
{
	local times sum=0

	while read -r times; do
		((sum += times))
	done < <(events_with "$@" | sed -nE 's/.*"count":([0-9]+).*/\1/p')
	printf '%s' "$sum"
}

# The same denial again within ten seconds is counted, not told; another file's is told.
event_coalesced()
{
	policy_begin
	make_pair /d/first /bin/true
	make_pair /d/second /bin/true
	rule_file first banned elf /d/first
	rule_file second banned elf /d/second
	enforce
	storm 50 /d/first >/dev/null
	/d/second 2>/dev/null
	take_events
	[[ $(events_with path=/d/first verdict=deny | wc -l) -lt 5 ]] || fail "50 denials gave $(wc -l <<<"$events") events"
	events_with path=/d/first >/dev/null || fail "no event of the first file"
	events_with path=/d/second >/dev/null || fail "a loop over one file hid another's denial"
	read_counters
	[[ ${counter[denied]} -ge 51 ]] || fail "the counter says ${counter[denied]} of 51"
	[[ ${counter[coalesced]} -gt 0 ]] || fail "nothing was coalesced"
	[[ $(times_told rule=first) -eq 50 ]] || fail "of 50 denials $(times_told rule=first) are told: $events"
	take_events
	[[ -z $(events_with rule=first) ]] || fail "told twice: $events"
}
attempt event-coalesced event_coalesced

# Who follows and is told to end tells what was counted till then, with the path of what it repeats.
followed_to_the_end()
{
	local reader result

	policy_begin
	make_pair /d/followed /bin/true
	rule_file followed banned elf /d/followed
	enforce
	embargo events --follow --json >"$SCRATCH/followed" 2>&1 &
	reader=$!
	now_denied plain /d/followed
	wait_for 50 grep -q followed "$SCRATCH/followed" || fail "the first one is not told"
	storm 20 /d/followed >/dev/null
	sleep 2
	events=$(json_lines <"$SCRATCH/followed")
	[[ $(times_told rule=followed) -eq 1 ]] || fail "told early: $events"
	kill -TERM "$reader"
	wait "$reader"
	result=$?
	[[ $result -eq 0 ]] || fail "events --follow left with $result: $(<"$SCRATCH/followed")"
	events=$(json_lines <"$SCRATCH/followed")
	[[ $(times_told rule=followed path=/d/followed) -eq 21 ]] || fail "of 21 denials are told: $events"
	take_events
	[[ -z $(events_with rule=followed) ]] || fail "told twice: $events"
}
attempt event-followed-to-the-end followed_to_the_end

# The cases read the counters' own map; an administrator reads status.
status_counts()
{
	local name value

	read_counters
	read_status
	for name in denied audited hashed size_filtered digest_failed lost_denials lost_audits coalesced; do
		status_has "$name" || fail "status does not say $name"
		[[ $value -ge ${counter[$name]} ]] || fail "status says $name: $value, and it is ${counter[$name]}"
	done
	[[ ${counter[denied]} -gt 0 ]] || fail "nothing was denied yet"
	status_has denied
	[[ $value == "${counter[denied]}" ]] || fail "status says denied: $value, not ${counter[denied]}"
	status_has enforcing
	[[ $value == true ]] || fail "status says enforcing: $value"
}
attempt status-counts status_counts

# What is no denial of ours must not look like one: a file that is open for writing is ETXTBSY.
busy_is_not_denied()
{
	cp /bin/true /d/busy
	exec 7>>/d/busy
	run_way plain /d/busy
	exec 7>&-
	[[ $status -ne 0 && $output == *"Text file busy"* ]] || fail "status $status: $output"
	take_events
	! events_with path=/d/busy >/dev/null || fail "an event: $events"
}
attempt busy-is-not-denied busy_is_not_denied

unloaded()
{
	policy_begin
	make_pair /d/unload /bin/true
	rule_file unload banned elf /d/unload
	enforce
	now_denied plain /d/unload
	embargo unload >/dev/null 2>&1 || fail "embargo unload failed"
	now_runs plain /d/unload
	[[ -z $(ls /sys/fs/bpf) ]] || fail "left behind in /sys/fs/bpf: $(ls /sys/fs/bpf)"
	embargo status >/dev/null 2>&1
	[[ $? -eq 1 ]] || fail "status does not end with 1 where nothing is enforced"
}
attempt unload unloaded
