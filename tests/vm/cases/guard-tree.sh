#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is let through a closed guard: the daemon and what it forks, and neither what these execute nor what becomes nobody.
#: --disk data:64M --add /usr/bin/openssl:/usr/bin/

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
without_hook

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

# When memory runs out the daemon is chosen last; who reads hostile files is not spared.
memory()
{
	nobodies || fail "there is none"
	[[ $(<"/proc/$daemon/oom_score_adj") == -900 ]] || fail "the daemon: $(<"/proc/$daemon/oom_score_adj")"
	[[ $(<"/proc/$nobody/oom_score_adj") == 0 ]] || fail "nobody: $(<"/proc/$nobody/oom_score_adj")"
}
attempt memory memory
