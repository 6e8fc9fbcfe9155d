#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a root shell can do to switch enforcement off: each way is let through while the guard is off, and refused while it is on,
# where what was banned stays so afterwards. And that others go on beside it: their programs, pins, signals and mounts.
#: --disk data:64M --disk state:64M --add /usr/bin/openssl:/usr/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh
# shellcheck source=tests/vm/guard.sh
. /t/guard.sh

mount_ext4 /dev/vda /d
mount_state /dev/vdb
make_pair /d/listed /bin/true
mkdir -p /peer /hold /copy /other /others

# --- the host ---------------------------------------------------------------------------------------

# put_right: what a way did to an enforcement without a guard. A second mount of the pins keeps them; a reload writes and
# attaches again what is not there.
put_right()
{
	local folder

	printf 1 >/proc/sys/kernel/ftrace_enabled
	chattr -i /var/lib/embargo
	! mountpoint -q /peer/fs/bpf || mount --move /peer /sys
	mountpoint -q /sys || mount -t sysfs sysfs /sys
	while [[ $(stat -f -c %T /sys/fs) == tmpfs ]]; do umount /sys/fs; done
	mount --make-rprivate /sys
	while mountpoint -q /copy; do umount -l /copy; done
	! mountpoint -q /other || umount /other
	mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
	! mountpoint -q /peer || umount /peer
	while [[ $(stat -f -c %T /sys/fs/bpf) == @(tmpfs|ext2/ext3) ]]; do umount /sys/fs/bpf; done
	mountpoint -q /sys/fs/bpf || mount --bind /hold /sys/fs/bpf
	mount -o remount,rw /sys/fs/bpf
	[[ ! -d $PINS-away ]] || mv "$PINS-away" "$PINS"
	while mountpoint -q "$PINS"; do umount "$PINS"; done
	chmod 700 "$PINS"
	[[ ! -e $PINS/maps/away ]] || mv "$PINS/maps/away" "$PINS/maps/current"
	for folder in "$PINS"/links/{none,kernel_load}; do rm -df "$folder"; done
	while mountpoint -q "$CONFIG"; do umount "$CONFIG"; done
	umount "$POLICIES/host.yaml" 2>/dev/null
	restore_files
	run_way plain /d/listed
	if ! looks_refused || [[ ! -e $PINS/links/exec ]]; then
		embargo reload >"$SCRATCH/reload" 2>&1 || fail "reload, to put it right: $(<"$SCRATCH/reload")"
	fi
	kill -9 "$daemon" "$parent" 2>/dev/null
	wait "$daemon" "$parent" 2>/dev/null
	decoys
}

# joined_mounts: /copy shows /sys, has something else where the pins are, and then becomes a peer of /sys.
joined_mounts()
{
	mount --make-shared /sys && mount --bind /sys /other && mount --bind /sys /copy && mount --make-private /copy &&
		mount -t tmpfs none /copy/fs/bpf && unguard join /other /copy
}

# decoys: a process that nobody marked, and one that has a child.
decoys()
{
	sleep 600 &
	daemon=$!
	bash -c 'sleep 600 & wait' &
	parent=$!
}

# --- the ways ---------------------------------------------------------------------------------------

# shellcheck disable=SC2016  # they are expanded where they are tried
# Each by its name and the command, in which DAEMON is the daemon's number; without the guard a process that nobody marked.
readonly WAYS='
unlink-link         rm /sys/fs/bpf/embargo/links/exec
rename-map          mv /sys/fs/bpf/embargo/maps/current /sys/fs/bpf/embargo/maps/away
rename-pins         mv /sys/fs/bpf/embargo /sys/fs/bpf/embargo-away
rename-link         mv /sys/fs/bpf/embargo/links/exec /sys/fs/bpf/embargo/links/none
make-folder         mkdir /sys/fs/bpf/embargo/links/kernel_load
make-link           ln -s /none /sys/fs/bpf/embargo/links/kernel_load
pin-foreign         unguard pin /sys/fs/bpf/embargo/links/kernel_load
mode-of-pins        chmod 0 /sys/fs/bpf/embargo
write-pinned        unguard write-pinned current
write-numbered      unguard write-numbered .data.curr
write-own-data      unguard write-numbered .data.gener
write-mapped        unguard write-mapped generations
delete-slots        unguard delete-slots digests
write-table         tables write digests
into-outer          tables outer /sys/fs/bpf/embargo/maps/current
use-map             unguard user-of .data.curr
look-at-program     unguard looker-at exec
answer-for-us       unguard answerer
unmount             umount /sys/fs/bpf
unmount-lazily      umount -l /sys/fs/bpf
unmount-above       umount -l /sys
unmount-from-peer   eval mount --make-shared /sys && unguard umount-peer /sys/fs/bpf
unmount-copy        eval mount --make-rshared /sys && mount --rbind /sys /copy && umount -l /copy
unmount-copy-above  eval mount -t tmpfs none /copy && mkdir /copy/sys && mount --make-rshared /sys && mount --rbind /sys /copy/sys && umount -l /copy
unmount-joined      eval joined_mounts && umount /copy/fs/bpf
move-mount          eval mount --make-rprivate /sys && unguard move /sys/fs/bpf /peer
move-by-flag        eval mount --make-rprivate /sys && displace move /sys/fs/bpf /peer
move-above          eval mount --make-rprivate /sys && displace move /sys /peer
pivot-root          displace pivot /copy
cover               mount -t tmpfs none /sys/fs/bpf
cover-pins          mount -t tmpfs none /sys/fs/bpf/embargo
cover-above         mount -t tmpfs none /sys/fs
cover-from-copy     eval mount --make-rshared /sys && mount --bind /sys/fs /copy && mount -t tmpfs none /copy
cover-by-clone      unguard clone /d /sys/fs/bpf
cover-by-flags      displace bind /d /sys/fs/bpf
remount             mount -o remount,ro /sys/fs/bpf
remount-by-flags    displace remount /sys/fs/bpf
remount-by-context  unguard remount /sys/fs/bpf
kill                kill -9 DAEMON
terminate           kill DAEMON
stop                kill -STOP DAEMON
kill-by-descriptor  unguard signal DAEMON
sigio               unguard sigio DAEMON
kill-child          pkill -9 -P DAEMON
trace               unguard trace DAEMON
memory              unguard memory /proc/DAEMON/mem
memory-vector       unguard writev DAEMON
take-descriptor     unguard descriptor DAEMON
limit               unguard limit DAEMON
reload              embargo reload --policy /d/none.yaml
load-last           embargo load --last
remove-policy       rm /etc/embargo/policy.d/host.yaml
truncate-policy     truncate -s 0 /etc/embargo/policy.d/host.yaml
overwrite-policy    eval printf x >/etc/embargo/policy.d/host.yaml
rename-policy       mv /etc/embargo/policy.d/host.yaml /other-name
rename-over-policy  cp --remove-destination /bin/true /etc/embargo/policy.d/host.yaml
link-policy         ln /etc/embargo/policy.d/host.yaml /other-name
remove-folder       eval mkdir -p /etc/embargo/policy.d/folder && rmdir /etc/embargo/policy.d/folder
remove-anchor       rm /etc/embargo/trust.d/anchor.pem
add-anchor          cp /etc/embargo/trust.d/anchor.pem /etc/embargo/trust.d/another.pem
settings            eval echo guard: off >/etc/embargo/embargo.yaml
rename-settings     eval cp -r /etc/embargo /etc/embargo-away && mv -T /etc/embargo/policy.d /other-name
rename-above        mv /etc /etc-away
cover-settings      mount -t tmpfs none /etc/embargo
cover-policy        mount --bind /bin/true /etc/embargo/policy.d/host.yaml
remove-versions     rm /var/lib/embargo/versions
fix-state           chattr +i /var/lib/embargo
renumber-state      chattr -v 7 /var/lib/embargo
change-enacted      eval echo x >>"$(echo /run/embargo/policies/*/000.yaml)"
add-enacted         eval touch "$(echo /run/embargo/policies/*)/001.yaml"
tracing             eval echo 0 >/proc/sys/kernel/ftrace_enabled
freeze              unguard freeze learned
unload              embargo unload
'

# try COMMAND: leaves `status` and `output`.
try()
{
	local command=${1//DAEMON/$daemon}

	eval "$command" >"$SCRATCH/output" 2>&1
	status=$?
	output=$(<"$SCRATCH/output")
}

# The way is one: without the guard it is let through.
way_is_open()
{
	[[ $1 != 'pkill'* ]] || daemon=$parent
	try "$1"
	if [[ $output == *'Operation not supported'* ]]; then
		skip "this kernel does not do it for anybody"
		return
	fi
	[[ $status -eq 0 ]] || fail "it fails without the guard, and so proves nothing: status $status: $output"
	[[ $1 != *ftrace* ]] || now_runs plain /d/listed "with tracing switched off"
	[[ $1 == *unload ]] || put_right
}

way_is_closed()
{
	try "$1"
	[[ $status -ne 0 ]] || fail "it was let through: $output"
	now_denied plain /d/listed "afterwards"
	now_runs plain /d/listed.twin "afterwards"
	kill -0 "$daemon" 2>/dev/null || fail "the daemon has gone"
	[[ -e $PINS/links/exec && -e $POLICIES/host.yaml ]] || give_up "$2" "pins or policy have gone"
}

# each_way PREFIX FUNCTION
each_way()
{
	local name command

	while read -r name command; do
		[[ ! $name ]] || attempt "$1-$name" "$2" "$command" "$name"
	done <<<"$WAYS"
}

# Tables are for reading, whoever's program it is.
no_program_writes_tables()
{
	try 'tables deleter digests'
	[[ $status -eq 99 && $output == 'load: EACCES' ]] || fail "status $status: $output"
}

# A guard needs somebody who may sign.
needs_an_anchor()
{
	printf 'guard: on\n' >"$CONFIG/embargo.yaml"
	embargo load >"$SCRATCH/output" 2>&1
	[[ $? -eq 2 ]] || fail "status is not 2"
	[[ $(<"$SCRATCH/output") == *'holds no anchor, and the guard is to be on'* ]] || fail "it says: $(<"$SCRATCH/output")"
}

make_anchor
make_policy
sed 's/deny/audit/; s/policy: host/policy: other/' "$POLICIES/host.yaml" >/d/none.yaml
cp "$POLICIES/list.hsb" /d/
sign /d/none.yaml
attempt needs-an-anchor needs_an_anchor
cp "$KEYS/anchor.pem" "$CONFIG/trust.d/"
printf 'guard: off\n' >"$CONFIG/embargo.yaml"
keep_files
embargo load >"$SCRATCH/load" 2>&1 || give_up load "$(<"$SCRATCH/load")"
mount --bind /sys/fs/bpf /hold
decoys
now_denied plain /d/listed || give_up enforces "$why"
attempt table-of-programs no_program_writes_tables
each_way without way_is_open
start_daemon on # with /hold, another mount of the pins: the one at its place is guarded
without_hook
each_way with way_is_closed

# --- beside it ----------------------------------------------------------------------------------------

# works WHAT LINE: a line of others' business.
works()
{
	bash -c "$2" >"$SCRATCH/output" 2>&1 || fail "$1: $(<"$SCRATCH/output")"
}

# Others' maps, programs, pins, mounts, signals and files are none of the guard's.
others_go_on()
{
	local other

	works pins 'set -e; cd /sys/fs/bpf; mkdir other; unguard pin /sys/fs/bpf/other/map; mv other/map other/moved; rm -r other'
	sleep 60 &
	other=$!
	works processes "set -e; unguard trace $other; unguard limit $other; kill -STOP $other; kill -CONT $other; kill -9 $other"
	wait "$other" 2>/dev/null
	works namespaces 'unshare -m --propagation private bash -ec "umount -l /sys/fs/bpf; mount -t tmpfs none /sys; mount -t tmpfs none /etc/embargo"'
	# As services have it, whose namespaces hear of the host's mounts and have peer groups of their own.
	works groups 'unshare -m --propagation slave bash -ec "mount --make-rshared /; mount -t tmpfs none /etc/embargo
		umount -l /sys/fs/bpf"'
	works mounts 'set -e; mkdir -p /peer/below; mount -t tmpfs none /peer/below; mount -o remount,ro /peer/below
		mount --bind /peer/below /peer/below; umount /peer/below; umount /peer/below'
	works moves 'set -e; mount --make-rshared /; mount -t tmpfs none /others; mount --make-private /others; mkdir /others/from /others/to
		mount -t tmpfs none /others/from; displace move /others/from /others/to; umount -R /others; mount --make-rprivate /'
	works roots 'unshare -m --propagation private displace pivot /copy'
	works own-moves 'unshare -m --propagation private displace move /sys/fs/bpf /peer'
	works flags 'set -e; touch /d/other; chattr +i /d/other; chattr -i /d/other; lsattr /var/lib/embargo/versions'
	works files 'set -e; touch /etc/other; chmod 600 /etc/other; mv /etc/other /etc/another; rm /etc/another
		mkdir /var/lib/other; rmdir /var/lib/other; chmod 755 /etc /var /var/lib'
	works beside 'echo new >/etc/embargo/policy.d/beside'
	works sysctl 'cat /proc/sys/kernel/ftrace_enabled'
	works program 'chroot / /bin/true'
}
attempt others-go-on others_go_on

# For this there is no hook: nothing is out of force, and the daemon's reload works again when it is undone.
no_hook()
{
	works seal 'unguard seal /sys/fs/bpf'
	now_denied plain /d/listed "with the pins' mount read-only"
	works unseal 'unguard unseal /sys/fs/bpf'
	embargo reload >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
}
attempt no-hook no_hook

# What root may see, it sees.
can_be_looked_at()
{
	embargo status >"$SCRATCH/status" 2>&1 || fail "status: $(<"$SCRATCH/status")"
	grep -q '^guard  *on$' "$SCRATCH/status" || fail "status does not say on: $(<"$SCRATCH/status")"
	grep -q 'times refused: a signal' "$SCRATCH/status" || fail "status does not count: $(<"$SCRATCH/status")"
	embargo status --openmetrics >"$SCRATCH/status"
	grep -qx 'embargo_guard_closed 1' "$SCRATCH/status" || fail "no metric says closed: $(<"$SCRATCH/status")"
	grep -q '^embargo_guard_refused_total{what="a signal.*} [1-9]' "$SCRATCH/status" ||
		fail "no metric counts: $(<"$SCRATCH/status")"
	embargo doctor >"$SCRATCH/doctor" 2>&1 || fail "doctor: $(<"$SCRATCH/doctor")"
	grep -q 'good *guard *on' "$SCRATCH/doctor" || fail "doctor does not say on: $(<"$SCRATCH/doctor")"
	embargo check /d/listed --operation exec >"$SCRATCH/check" 2>&1
	grep -q deny "$SCRATCH/check" || fail "check: $(<"$SCRATCH/check")"
	[[ -r /proc/$daemon/maps && $(readlink "/proc/$daemon/exe") == *embargo ]] || fail "the daemon cannot be looked at"
}
attempt can-be-looked-at can_be_looked_at

# --- tokens -------------------------------------------------------------------------------------------

# token_refused WHAT: the guard stays closed.
token_refused()
{
	embargo guard unlock /d/token >"$SCRATCH/refused" 2>&1
	[[ $? -eq 2 ]] || { fail "it was taken: $(head -n 1 "$SCRATCH/refused")"; return; }
	[[ $(<"$SCRATCH/refused") == *"$1"* ]] || fail "not '$1': $(<"$SCRATCH/refused")"
	[[ $(embargo guard status) == on* ]] || fail "status: $(embargo guard status)"
	! mkdir "$PINS/links/x" 2>/dev/null || fail "the guard is open"
}

wrong_tokens()
{
	[[ $ours != "${ours/4d/4e}" ]] || fail "the machine's id is $ours"
	make_token /d/token "${ours/4d/4e}" -60 600
	token_refused 'a token for another host'
	make_token /d/token "$ours" -600 -60
	token_refused 'a token that ended'
	make_token /d/token "$ours" 600 1200
	token_refused 'a token that counts from'
	make_token /d/token "$ours" -60 90000
	token_refused 'for more than 24 hours'
	make_token /d/token "$ours" -60 600 anchor
	sed -i 's/OPS-1/OPS-2/' /d/token
	token_refused 'signature'
	: >/d/token.p7s
	token_refused ''
}
attempt wrong-tokens wrong_tokens

# held WORD: what the helper, which has had descriptors since the guard was open, may do with them.
held()
{
	printf '%s\n' "$1" >&"${holder[1]}"
	read -r -t 20 answer <&"${holder[0]}"
	[[ $answer == "$1 $2" ]] || fail "$1 of what was opened before: $answer"
}

# While it is open, root is root; the kernel closes it by itself, and what was opened meanwhile is of no use. A folder where it is
# noted that the token is spent keeps none from opening.
opens_for_a_while()
{
	local word answer

	mkdir -p /var/lib/embargo/tokens.new/inside || fail "no folder can be made"
	unlock 40
	[[ $(embargo guard status) == 'open until '*', by token OPS-1'* ]] || fail "status: $(embargo guard status)"
	[[ $(embargo status --json) == *'"ticket": "OPS-1"'* ]] || fail "status: $(embargo status --json)"
	if ! mkdir "$PINS/links/x" || ! rmdir "$PINS/links/x"; then
		fail "it is not open"
	fi
	embargo reload --policy "$POLICIES/host.yaml" >"$SCRATCH/output" 2>&1 || fail "root's own reload: $(<"$SCRATCH/output")"
	coproc holder { unguard hold; }
	read -r -t 20 answer <&"${holder[0]}"
	[[ $answer == held ]] || fail "nothing was opened: $answer"
	wait_for 600 closed_again || fail "it does not close"
	! mkdir "$PINS/links/x" 2>/dev/null || fail "it is still open"
	for word in update delete freeze mmap user looker; do
		held "$word" EPERM
	done
	eval "exec ${holder[1]}>&-"
	try 'tables write digests'
	[[ $status -eq 99 && $output == 'digests: ENOENT' ]] || fail "the tables that came meanwhile are open: $output"
	now_denied plain /d/listed "afterwards"
	wait_for 100 grep -q 'the guard is open, by the token of OPS-1' "$SCRATCH/run" || fail "not told: $(<"$SCRATCH/run")"
	wait_for 100 grep -q 'the guard refused' "$SCRATCH/run" || fail "refusals are not told: $(<"$SCRATCH/run")"
}
attempt opens-for-a-while opens_for_a_while

# The daemon's own reload: of what is signed, and of what is in force at least.
reloads()
{
	rm -rf /d/new && mkdir /d/new && cp "$POLICIES/list.hsb" /d/new/
	sed 's/policy: host/policy: more/' "$SCRATCH/kept/policy.d/host.yaml" >/d/new/more.yaml
	cp /d/new/more.yaml "$POLICIES/more.yaml"
	embargo reload >"$SCRATCH/output" 2>&1 && fail "an unsigned policy was taken"
	[[ $(<"$SCRATCH/output") == *'is not signed'* ]] || fail "it says: $(<"$SCRATCH/output")"
	sign /d/new/more.yaml
	cp /d/new/more.yaml.p7s "$POLICIES/more.yaml.p7s"
	embargo reload >"$SCRATCH/output" 2>&1 || fail "a signed one was not: $(<"$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == *'2 policies'* ]] || fail "it says: $(<"$SCRATCH/output")"
	now_denied plain /d/listed "afterwards"
}
attempt reloads reloads

# What a reload makes nobody gets hold of, from its first moment on.
new_tables()
{
	local catcher

	tables catch digests >"$SCRATCH/caught" &
	catcher=$!
	wait_for 100 grep -q looking "$SCRATCH/caught" || fail "nobody looks for tables"
	for _ in {1..8}; do
		embargo reload >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	done
	! grep -q caught "$SCRATCH/caught" || fail "a table was had by its number"
	kill "$catcher" 2>/dev/null
	try 'tables write digests'
	[[ $status -eq 99 && $output == 'digests: ENOENT' ]] || fail "the tables in force are open: $output"
	now_denied plain /d/listed "afterwards"
}
attempt new-tables new_tables

# An older edition stays out, also where what is remembered of editions was lost while the guard was open.
older_edition()
{
	sed -i 's/version: 1/version: 3/' /d/new/more.yaml
	sign /d/new/more.yaml
	unlock 40
	cp /d/new/more.yaml* "$POLICIES/"
	embargo reload >"$SCRATCH/output" 2>&1 || fail "edition 3 is refused: $(<"$SCRATCH/output")"
	sed -i 's/version: 3/version: 2/' /d/new/more.yaml
	sign /d/new/more.yaml
	cp /d/new/more.yaml* "$POLICIES/"
	rm /var/lib/embargo/versions
	wait_for 900 closed_again || fail "it does not close"
	embargo reload >"$SCRATCH/output" 2>&1 && fail "edition 2 was taken"
	[[ $(<"$SCRATCH/output") == *'more is in force in a newer edition'* ]] || fail "it says: $(<"$SCRATCH/output")"
	now_denied plain /d/listed "afterwards"
}
attempt older-edition older_edition

set_clock()
{
	date -s "@$(($(date +%s) + $1))" >"$SCRATCH/date" 2>&1 || fail "the clock: $(<"$SCRATCH/date")"
}

# What a token was good for it is good for once: not again where the clock was set back, and not in another boot.
spent_tokens()
{
	unlock 15
	wait_for 600 closed_again || fail "it does not close"
	set_clock -600
	token_refused 'a token that ended'
	set_clock 600
	unlock 900
	replace_daemon on
	embargo guard unlock /d/token >"$SCRATCH/output" 2>&1 || fail "it does not count for the next daemon: $(<"$SCRATCH/output")"
	kill "$daemon" && wait "$daemon"
	embargo unload >"$SCRATCH/output" 2>&1 || fail "unload: $(<"$SCRATCH/output")"
	start_daemon on # nothing in the kernel knows of tokens: so it is after a boot
	token_refused 'a token that may be spent'
	unlock 960
}

# replace_daemon MODE: while the guard is open.
replace_daemon()
{
	kill "$daemon" && wait "$daemon"
	rm -f "$POLICIES"/more.yaml*
	start_daemon "$1"
}
attempt spent-tokens spent_tokens

# Opened, the daemon can be replaced; locked, no token opens it.
locked()
{
	unlock 3000
	replace_daemon locked
	embargo guard unlock /d/token >"$SCRATCH/output" 2>&1 && fail "a token opens it"
	[[ $(<"$SCRATCH/output") == *'locked until the next boot'* ]] || fail "it says: $(<"$SCRATCH/output")"
	[[ $(embargo guard status) == locked* ]] || fail "status: $(embargo guard status)"
	way_is_closed 'rm /sys/fs/bpf/embargo/links/exec' locked
	way_is_closed 'kill -9 DAEMON' locked
	way_is_closed 'unguard write-numbered .data.curr' locked
	way_is_closed 'embargo unload' locked
	grep -q '^guard  *locked$' <(embargo status) || fail "status does not say locked"
}
attempt locked locked
