#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is let through a closed guard: the daemon and what it forks, and neither what these execute nor what becomes nobody.
#: --disk data:64M --disk state:16M --add /usr/bin/openssl:/usr/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh
# shellcheck source=tests/vm/guard.sh
. /t/guard.sh

# What the daemon's tree executes is root's to replace: this one tries what only the tree may.
replace_program()
{
	local program

	program=$(dirname "$(type -P embargo)")/embargo-rpm-list
	cat >"$program" <<'END'
#!/bin/bash
mkdir /sys/fs/bpf/embargo/links/executed 2>/run/executed
printf 'status %s\n' $? >>/run/executed
END
	chmod 755 "$program"
	mkdir -p /var/lib/rpm
	: >/var/lib/rpm/rpmdb.sqlite
}

mount_ext4 /dev/vda /d
mount_state /dev/vdb
make_pair /d/listed /bin/true
make_anchor
make_policy
cat >>"$POLICIES/host.yaml" <<'END'
  - { id: by-package, vendor: acme, schedule: banned, any: [ { package: { name: acme-agent } } ] }
END
sed -i 's/^rules: \[ \(.*\) \]$/rules:\n  - \1/' "$POLICIES/host.yaml"
sign "$POLICIES/host.yaml"
cp "$KEYS/anchor.pem" "$CONFIG/trust.d/"
replace_program
printf -- -900 >/proc/self/oom_score_adj
start_daemon on
printf 0 >/proc/self/oom_score_adj

# of_tree NAME: the numbers of the tree's processes that are called so.
of_tree()
{
	local status name state

	for status in /proc/[0-9]*/status; do
		{
			read -r _ name
			read -r state
		} <"$status" || continue
		[[ $name != "$1" || $state == *Z* ]] || basename "${status%/status}"
	done 2>/dev/null
}

nobodies()
{
	nobody=$(of_tree embargo-nursery | tail -n 1)
	[[ $nobody ]]
}
wait_for 300 nobodies || give_up nursery "nobody reads files: $(<"$SCRATCH/run")"

another_steward()
{
	local process

	process=$(of_tree embargo-steward)
	[[ $process && $process != "$1" ]]
}

# The keeper forks another steward, with the guard as it is by now, without the hook that this run is to do without: one that
# was forked before had its mark before.
renew_steward()
{
	local steward

	steward=$(of_tree embargo-steward)
	unlock 12
	[[ $DETACH != guard_* ]] || rm "/sys/fs/bpf/embargo-guard/links/$DETACH" || give_up detach "there is no link $DETACH"
	kill -9 "$steward" || give_up steward "it cannot be ended while the guard is open"
	wait_for 300 another_steward "$steward" || give_up steward "no other comes"
	wait_for 600 closed_again || give_up steward "the guard does not close"
}
renew_steward

inherited()
{
	local process found=

	for process in $(of_tree embargo) $(of_tree embargo-keeper) $(of_tree embargo-watch) $(of_tree embargo-steward); do
		[[ $process != "$$" ]] || continue
		found+=" $process"
		! kill -CONT "$process" 2>/dev/null || fail "a signal gets to $process: $(<"/proc/$process/comm")"
	done
	[[ $found == *' '*' '*' '* ]] || fail "there are no processes but$found"
}
attempt inherited inherited

another()
{
	for nobody in $(of_tree embargo-nursery); do
		[[ " ${before[*]} " == *" $nobody "* ]] || return 0
	done
	return 1
}

# They may be ended; and so may the next, which is forked under the closed guard when somebody asks.
lost_by_nobody()
{
	mapfile -t before < <(of_tree embargo-nursery)
	kill -9 "${before[@]}" 2>/dev/null || fail "they are of the tree still: ${before[*]}"
	cp /bin/true /d/asks
	wait_for 300 another || fail "no other comes"
	kill -CONT "$nobody" 2>/dev/null || fail "the next is of the tree still"
}
attempt lost-by-nobody lost_by_nobody

executed()
{
	grep -q status /run/executed 2>/dev/null
}

# Once more, as packages have changed.
lost_by_executing()
{
	wait_for 300 executed || fail "it was not executed"
	rm /run/executed
	printf x >>/var/lib/rpm/rpmdb.sqlite
	cp /bin/true /d/new
	wait_for 300 executed || fail "it was not executed again"
	[[ $(</run/executed) == *'Operation not permitted'*'status 1' ]] || fail "it did as it liked: $(</run/executed)"
	[[ ! -e $PINS/links/executed ]] || fail "it made a folder among the pins"
}
attempt lost-by-executing lost_by_executing

gives_memory_up()
{
	nobodies && [[ $(<"/proc/$nobody/oom_score_adj") == 0 ]]
} 2>/dev/null

# When memory runs out the daemon is chosen last; who reads hostile files, one after the other, is not spared.
memory()
{
	[[ $(<"/proc/$daemon/oom_score_adj") == -900 ]] || fail "the daemon: $(<"/proc/$daemon/oom_score_adj")"
	wait_for 100 gives_memory_up || fail "nobody: $(<"/proc/$nobody/oom_score_adj")"
}
attempt memory memory

# What opened it is written down before, or it does not open.
unwritten_token()
{
	local size

	for size in 1M 4K 1; do
		dd if=/dev/zero of=/state/full bs=$size oflag=append conv=notrunc status=none 2>/dev/null
	done
	! printf x 2>/dev/null >>/state/full || fail "the disk is not full"
	make_token /d/token "$ours" -60 900
	embargo guard unlock /d/token >"$SCRATCH/output" 2>&1
	[[ $? -eq 2 ]] || fail "it was taken: $(head -n 1 "$SCRATCH/output")"
	[[ $(<"$SCRATCH/output") == *'cannot write /var/lib/embargo/tokens'*'see that there is room, and that it can be written'* ]] ||
		fail "it says: $(head -n 1 "$SCRATCH/output")"
	closed_again || fail "it is open: $(embargo guard status | head -n 1)"
	! mkdir "$PINS/links/x" 2>/dev/null || fail "the guard is open"
}
attempt unwritten-token unwritten_token
