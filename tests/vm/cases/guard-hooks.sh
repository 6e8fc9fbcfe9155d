#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each hook of the guard is needed: without it, and with all others, something is let through that the guard is there to refuse.
#
# Beside those below there are: guard_alloc, without which guard/new-tables is red, guard_fork (guard-tree/inherited, guard/reloads),
# guard_exec and guard_setuid (guard-tree/lost-by-executing, guard-tree/lost-by-nobody), each by --detach. Without guard_free nothing is
# let through: places for maps that have gone are not given back, and after a hundred reloads one fails.
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
mkdir -p /peer
mount --make-rprivate /sys
make_anchor
make_policy
cp "$KEYS/anchor.pem" "$CONFIG/trust.d/"
printf 'guard: on\n' >"$CONFIG/embargo.yaml"
keep_files

# A hook, what it alone refuses, and after the bar what makes that undone where the next token could not open the guard otherwise.
# STEWARD is a process of the tree's that KEEPER starts again. What lasts comes last.
readonly HOOKS='
guard_map       tables outer /sys/fs/bpf/embargo/maps/current
guard_command   held freeze
guard_mapping   held mmap
guard_program   unguard answerer
guard_unlink    rm /sys/fs/bpf/embargo/links/mprotect
guard_rmdir     eval mkdir /etc/embargo/policy.d/folder && rmdir /etc/embargo/policy.d/folder
guard_rename    mv /sys/fs/bpf/embargo/maps/current /sys/fs/bpf/embargo/maps/away | mv /sys/fs/bpf/embargo/maps/away /sys/fs/bpf/embargo/maps/current
guard_create    unguard pin /sys/fs/bpf/embargo/links/kernel_load
guard_mkdir     mkdir /sys/fs/bpf/embargo/links/kernel_load
guard_symlink   ln -s /none /sys/fs/bpf/embargo/links/kernel_load
guard_link      ln /etc/embargo/policy.d/host.yaml /other-name
guard_setattr   chmod 0 /sys/fs/bpf/embargo | chmod 700 /sys/fs/bpf/embargo
guard_open      eval printf x >>/etc/embargo/policy.d/host.yaml
guard_mount     mount -t tmpfs none /sys/fs/bpf | umount /sys/fs/bpf
guard_move      unguard move /sys/fs/bpf /peer | unguard move /peer /sys/fs/bpf
guard_remount   unguard remount /sys/fs/bpf ro | unguard remount /sys/fs/bpf rw
guard_pivot     displace pivot /peer
guard_flags     displace version /var/lib/embargo
guard_flags_compat displace version32 /var/lib/embargo
guard_flags_call displace flags /var/lib/embargo
guard_kill      kill -CONT DAEMON
guard_trace     unguard trace DAEMON
guard_limit     unguard limit KEEPER
guard_sigio     unguard sigio STEWARD
guard_umount    umount -l /sys/fs/bpf
'

# held WORD: what has had descriptors since the guard was open does that.
held()
{
	local answer

	printf '%s\n' "$1" >&"${holder[1]}"
	read -r -t 20 answer <&"${holder[0]}"
	[[ $answer == "$1 done" ]]
}

# taken_away LINK SECONDS: while the guard is open for so long, with descriptors that the holder has from then.
taken_away()
{
	local ready taken=1 process

	unlock "$2"
	coproc holder { unguard hold; }
	process=$!
	read -r -t 20 ready <&"${holder[0]}"
	[[ $ready != held ]] || ! rm "$1" 2>/dev/null || taken=0
	wait_for 900 closed_again || fail "it does not close"
	[[ $taken -ne 0 ]] || return 0
	eval "exec ${holder[1]}>&-"
	wait "$process"
	return 1
}

# without HOOK: a guard that is closed, but for that one. A slow machine takes longer than the first token's time.
without()
{
	local link=/sys/fs/bpf/embargo-guard/links/$1

	[[ $1 != guard_setattr || -e $link ]] || link+=_mapped # from 6.9 on
	[[ -e $link ]] || { fail "there is no $link"; return 1; }
	taken_away "$link" 6 || taken_away "$link" 40 || { fail "$link cannot be taken away"; return 1; }
}

# process_of NAME: the number of the last of the tree's that is called so.
process_of()
{
	local comm

	for comm in /proc/[0-9]*/comm; do
		[[ $(<"$comm") != "$1" ]] || basename "${comm%/comm}"
	done 2>/dev/null | tail -n 1
}

# try HOOK COMMAND UNDO
try()
{
	local command=${2//DAEMON/$daemon}

	if [[ $1 == guard_flags_* && ! -e /sys/fs/bpf/embargo-guard/links/$1 ]]; then
		skip "this kernel has no such hook"
		return
	fi
	without "$1" || return
	command=${command//STEWARD/$(process_of embargo-steward)}
	command=${command//KEEPER/$(process_of embargo-keeper)}
	eval "$command" >"$SCRATCH/output" 2>&1 || fail "refused without it, too: $(<"$SCRATCH/output")"
	[[ ! $3 ]] || eval "$3" >"$SCRATCH/output" 2>&1 || fail "cannot be undone: $(<"$SCRATCH/output")"
	eval "exec ${holder[1]}>&-"
	[[ $1 == guard_umount ]] || anew
}

# anew: without the guard, and then with one that is whole.
anew()
{
	make_token /d/token "$ours" -60 900
	wait_for 300 embargo guard unlock /d/token >"$SCRATCH/output" 2>&1 || give_up unlock "$(<"$SCRATCH/output")"
	rm -f /var/lib/embargo/tokens
	kill "$daemon" && wait "$daemon"
	rm -df "$PINS"/links/kernel_load /other-name
	embargo unload >"$SCRATCH/output" 2>&1 || give_up unload "$(<"$SCRATCH/output")"
	restore_files
	start_daemon on
}

start_daemon on

# Whoever adds a hook adds what it is for.
complete()
{
	local link name

	for link in /sys/fs/bpf/embargo-guard/links/*; do
		name=${link##*/}
		grep -q "\b${name%%_token}\b" "$0" || [[ $name == guard_setattr_mapped ]] || fail "nothing shows what $name is for"
	done
}
attempt complete complete

while IFS='|' read -r line undo; do
	read -r hook command <<<"$line"
	[[ ! $hook ]] || attempt "without-${hook#guard_}" try "$hook" "$command" "$undo"
done <<<"$HOOKS"
