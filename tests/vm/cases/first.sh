#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# PID 1 is never stopped: it executes a listed program and runs on, while nobody else may.
# The machine has a single CPU, of which a newer verifier knows more and so may refuse the programs.
#: --cpus 1 --append rdinit=/t/cases/first.sh

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# As the first program of the machine: enforce, then become a listed program, which becomes the real first one.
if [[ $$ -eq 1 ]]; then
	export PATH=/t/bin:/usr/sbin:/usr/bin:/sbin:/bin
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t securityfs securityfs /sys/kernel/security
	mount -t tmpfs tmpfs /tmp
	mount -t bpf bpf /sys/fs/bpf
	mkdir -p "$SCRATCH" /first
	make_pair /first/listed /bin/bash
	cp /t/bin/tiny /first/other
	policy_begin
	rule_file listed banned elf /first/listed
	embargo load --policy "$(policy_end)" >/first/load 2>&1
	cp -r "$SCRATCH/policy" /first/policy
	umount /tmp
	shopt -s execfail
	# shellcheck disable=SC2093  # it may fail, and then PID 1 has to go on
	exec /first/listed -c 'echo "ran as $$" >/first/proof; embargo events --json >/first/events 2>/first/error; embargo unload; cd /
		umount /sys/fs/bpf /sys/kernel/security /sys /proc; exec /init'
	echo "exec failed with $?" >/first/proof
	exec /init
fi

pid1_runs()
{
	[[ $(<"/first/proof") == "ran as 1" ]] || fail "PID 1 and the listed program: $(</first/proof) $(</first/load)"
	events=$(</first/events)
	events_with operation=exec rule=listed pid=1 >/dev/null || fail "no event says so: $events $(head -c 300 /first/error)"
	! events_with verdict=deny pid=1 >/dev/null || fail "the event says it was denied: $events"
}
attempt pid1-is-never-stopped pid1_runs

others_do_not()
{
	POLICY=/first/policy/test.yaml
	enforce "$POLICY"
	expect_denied listed exec first /first/listed /first/listed.twin
}
way_first()
{
	"$1" -c true
}
attempt pid1-others-are others_do_not

# PID 1 of a container is no exception.
container_init()
{
	run_way in_container /first/listed
	looks_refused || fail "status $status: $output"
	now_runs in_container /first/listed.twin
}
way_in_container()
{
	unshare --pid --fork --mount-proc "$1" -c true
}
attempt pid1-of-a-container container_init
