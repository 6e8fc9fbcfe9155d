# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/early: bash early.sh NUMBER runs the tests of that boot.

# shellcheck source=tests/system/kept.sh
. /t/kept.sh

# told UNIT: what it said in this boot
told()
{
	journalctl --sync
	journalctl -b -q -o cat -u "$1"
}

# What another has installed, as early as it can ask for: it says whether the banned file ran, and its twin.
write_probe()
{
	cat >/usr/local/bin/probe <<'PROBE'
#!/bin/bash
for file in banned banned.twin; do
	/usr/local/bin/$file 2>/dev/null && echo "$file ran" || echo "$file was stopped"
done >/run/probe
[[ -S /run/embargo/control ]] && echo 'the daemon was there' >>/run/probe
:
PROBE
	chmod 755 /usr/local/bin/probe
	printf '%s\n' '[Unit]' DefaultDependencies=no Wants=local-fs-pre.target After=local-fs-pre.target \
		'Before=embargo.service local-fs.target sysinit.target' '[Service]' Type=oneshot RemainAfterExit=yes \
		ExecStart=/usr/local/bin/probe '[Install]' WantedBy=sysinit.target >/etc/systemd/system/probe.service
}

test_kept_by_load()
{
	install_host
	write_probe
	systemctl daemon-reload
	systemctl enable probe.service embargo.service 2>"$SCRATCH/enable" || fail "enable: $(<"$SCRATCH/enable")"
	[[ $(systemctl is-enabled embargo-early.service) == enabled ]] || fail 'embargo-early.service is not enabled with it'
	embargo load --policy /etc/embargo/policy.d >/dev/null || fail 'cannot be loaded'
	[[ ! -e $KEPT ]] || fail 'what was tried is kept'
	embargo load --last 2>"$SCRATCH/none" && fail 'there is a generation'
	has 'no generation is kept' "$(<"$SCRATCH/none")"
	embargo load >"$SCRATCH/load" 2>&1 || fail "load: $(<"$SCRATCH/load")"
	[[ $(stat -c '%a %U' "$KEPT") == '600 root' ]] || fail "kept as $(stat -c '%a %U' "$KEPT")"
	runs "$BANNED" && fail 'not in force'
}

test_unit_is_sound()
{
	local said

	said=$(systemd-analyze verify --man=no embargo-early.service 2>&1 | grep -i embargo)
	[[ -z $said ]] || fail "$said"
}

test_enforcing_before_others()
{
	[[ $(systemctl is-active embargo-early.service) == active ]] || fail "it is not active: $(told embargo-early.service)"
	has 'banned was stopped' "$(</run/probe)"
	has 'banned.twin ran' "$(</run/probe)"
	[[ $(</run/probe) != *daemon* ]] || fail 'the probe came after the daemon'
	has 'test version 1' "$(told embargo-early.service)"
}

test_daemon_takes_over()
{
	[[ $(systemctl is-active embargo.service) == active ]] || fail "no daemon: $(told embargo.service)"
	runs "$BANNED" && fail 'the banned file runs'
	runs "$BANNED.twin" || fail 'its twin does not'
	has 'enforcing   yes' "$(embargo status)"
}

# By the daemon's steward, whose unit sees nearly all of /etc read-only.
test_kept_by_reload()
{
	local before

	before=$(stat -c %i "$KEPT")
	sed -i 's/^version: 1$/version: 2/' /etc/embargo/policy.d/test.yaml
	systemctl reload embargo.service || fail "cannot be reloaded: $(told embargo.service)"
	[[ $(stat -c %i "$KEPT") != "$before" ]] || fail "not kept: $(told embargo.service)"
}

test_read_only_etc()
{
	mount --bind /etc /mnt && mount -o remount,bind,ro /mnt && mount --bind /mnt /etc || fail 'cannot make /etc read-only'
	embargo load >"$SCRATCH/load" 2>&1 || fail "does not load: $(<"$SCRATCH/load")"
	has 'cannot be written' "$(<"$SCRATCH/load")"
	umount /etc
	umount /mnt
	runs "$BANNED" && fail 'the banned file runs'
}

test_damaged_does_not_stop_a_boot()
{
	[[ $(systemctl is-active embargo-early.service) == failed ]] || fail 'what is damaged was put in force'
	has 'is damaged' "$(told embargo-early.service)"
	[[ -e $KEPT.damaged ]] || fail 'it is not set aside'
	[[ $(systemctl is-active sysinit.target) == active ]] || fail 'the boot did not go on'
	has 'banned ran' "$(</run/probe)" # as that probe is before the daemon
	test_daemon_takes_over
	[[ -e $KEPT ]] || fail 'the daemon did not keep it anew'
}

# Policies that the daemon refuses: what was good last is in force all the same.
test_broken_policies()
{
	systemctl stop embargo.service
	embargo unload >/dev/null
	runs "$BANNED" || fail 'it is still in force'
	echo 'nonsense: yes' >>/etc/embargo/policy.d/test.yaml
	embargo load 2>/dev/null && fail 'a broken policy is loaded'
	systemctl restart embargo-early.service || fail "does not start: $(told embargo-early.service)"
	runs "$BANNED" && fail 'the banned file runs'
	runs "$BANNED.twin" || fail 'its twin does not'
	has 'test version 2' "$(told embargo-early.service)"
}

# To reset the floor takes the former one out of what the next boot reads.
test_floor_reset()
{
	embargo floor --reset >/dev/null || fail 'cannot be reset'
	[[ ! -e $KEPT ]] || fail 'the former floor is kept'
}

case $1 in
1)
	attempt early-kept-by-load test_kept_by_load
	attempt early-unit-is-sound test_unit_is_sound
	;;
2)
	attempt early-enforcing-before-others test_enforcing_before_others
	attempt early-daemon-takes-over test_daemon_takes_over
	attempt early-kept-by-reload test_kept_by_reload
	attempt early-read-only-etc test_read_only_etc
	damage
	;;
3)
	attempt early-damaged-does-not-stop-a-boot test_damaged_does_not_stop_a_boot
	attempt early-broken-policies test_broken_policies
	attempt early-floor-reset test_floor_reset
	;;
esac
sync
exit 0
