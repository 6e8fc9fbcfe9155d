# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/guarded: bash guarded.sh NUMBER runs the tests of that boot.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

LINK=/sys/fs/bpf/embargo/links/exec

# told UNIT: what was said of it in this boot
told()
{
	journalctl --sync
	journalctl -b -q -o cat -u "$1" | tail -n 8
}

is_locked()
{
	[[ $(embargo guard status 2>/dev/null) == locked* ]]
}

enforces()
{
	! /t/bin/banned 2>/dev/null || fail "the banned file runs $1"
	/t/bin/banned.twin || fail "its twin does not run $1"
	! rm "$LINK" 2>/dev/null || fail "a pin can be removed $1"
	[[ -e $LINK ]] || fail "the pin has gone $1"
	is_locked || fail "the guard is not locked $1: $(embargo guard status 2>&1 | head -n 1)"
}

test_locked()
{
	wait_for 600 is_locked || fail "it is not: $(told embargo.service)"
	enforces 'at first'
}

# Each has mounts and a root of its own, which systemd changes for it.
test_services_start()
{
	mkdir -p /srv/root
	timeout 120 systemd-run -q --wait -p ProtectSystem=strict -p PrivateTmp=yes -p ProtectHome=yes -p PrivateDevices=yes /bin/true \
		2>"$SCRATCH/output" || fail "one with mounts of its own: $(<"$SCRATCH/output")"
	timeout 120 systemd-run -q --wait -p RootDirectory=/srv/root -p BindReadOnlyPaths=/usr -p BindReadOnlyPaths=/lib:/lib \
		-p BindReadOnlyPaths=/lib64:/lib64 -p MountAPIVFS=yes /usr/bin/true 2>"$SCRATCH/output" ||
		fail "one with a root of its own: $(<"$SCRATCH/output")"
	timeout 60 unshare -m --propagation private displace pivot /mnt 2>"$SCRATCH/output" || fail "a container: $(<"$SCRATCH/output")"
}

# The root of all that run here, which hangs on nothing shared, as it was mounted first.
test_root_stays()
{
	mount -t tmpfs none /mnt && mount --make-private /mnt && mkdir /mnt/new && mount -t tmpfs none /mnt/new &&
		mkdir /mnt/new/old || fail 'no other root'
	! pivot_root /mnt/new /mnt/new/old 2>"$SCRATCH/output" || { fail 'the host has another root'; return; }
	[[ $(<"$SCRATCH/output") == *'Operation not permitted'* ]] || fail "it is refused otherwise: $(<"$SCRATCH/output")"
	umount -R /mnt
	# Nothing that hangs on a shared mount can be moved, so others' mounts may be.
	mkdir -p /srv/moves && mount -t tmpfs none /srv/moves && mount --make-private /srv/moves && mkdir /srv/moves/{from,to} &&
		mount -t tmpfs none /srv/moves/from && displace move /srv/moves/from /srv/moves/to 2>"$SCRATCH/output" ||
		fail "others' mount cannot be moved: $(<"$SCRATCH/output")"
	umount -R /srv/moves
}

# By its signals nobody ends the daemon; systemd gives it up, and does not wait for ever.
test_stop()
{
	local daemon began=$SECONDS

	daemon=$(systemctl show --value -p MainPID embargo.service)
	timeout 300 systemctl stop embargo.service 2>"$SCRATCH/output"
	printf '# stopped with status %s after %s s: %s; %s\n' $? "$((SECONDS - began))" "$(<"$SCRATCH/output")" \
		"$(systemctl show -p ActiveState,SubState,Result embargo.service | tr '\n' ' ')"
	[[ $((SECONDS - began)) -lt 120 ]] || fail "it takes $((SECONDS - began)) s"
	kill -0 "$daemon" 2>"$SCRATCH/output"
	[[ -e /proc/$daemon/exe ]] || fail "the daemon has gone: $(told embargo.service)"
	enforces 'after that'
}

# A boot without an end is one that hangs: the outer part looks at how long this one takes to go down.
case $1 in
1)
	cp -a /t/installed/. / && cp -a /t/etc/. /etc/ && systemctl daemon-reload && systemctl -q enable embargo.service ||
		give_up guarded-install 'cannot install'
	systemctl start embargo.service || give_up guarded-start "$(told embargo.service)"
	attempt guarded-locked test_locked
	attempt guarded-services-start test_services_start
	attempt guarded-root-stays test_root_stays
	;;
2)
	attempt guarded-locked-again test_locked
	attempt guarded-stop test_stop
	;;
esac
sync
exit 0
