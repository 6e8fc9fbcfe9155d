# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/initramfs: bash initramfs.sh BOOT runs the tests of that boot.

# shellcheck source=tests/system/kept.sh
. /t/kept.sh

VENDOR=/opt/vendor/agent
DRIVERS='virtio_pci virtio_blk virtio_console'

# told: what the script in the initramfs left in the kernel's log.
told()
{
	journalctl --sync
	journalctl -b -q -o cat -t embargo _TRANSPORT=kernel
}

# --- the machine that makes them -------------------------------------------------------------------

# The first program of the root. A process that it leaves tries without end what is banned.
write_first()
{
	cat >/usr/local/sbin/first <<-FIRST
		#!/bin/bash
		for file in $BANNED $BANNED.twin $VENDOR; do
			\$file 2>/dev/null && echo "\$file ran" || echo "\$file was stopped"
		done >/run/first
		setsid /usr/local/sbin/trier </dev/null >/dev/null 2>&1 &
		exec /sbin/init
	FIRST
	cat >/usr/local/sbin/trier <<-TRIER
		#!/bin/bash
		while [[ ! -e /run/enough ]]; do
			$BANNED && echo ran >>/run/gap
			echo tried >>/run/tries
			sleep 0.2
		done
	TRIER
	chmod 755 /usr/local/sbin/{first,trier}
}

# What the machine itself needs in there: to hand the command over, after all of ours.
write_machine_scripts()
{
	local module=/usr/lib/dracut/modules.d/98vm

	printf '%s\n' $DRIVERS >>/etc/initramfs-tools/modules
	cat >/etc/initramfs-tools/scripts/init-bottom/vm <<-'END'
		#!/bin/sh
		[ "$1" = prereqs ] && echo embargo && exit
		mount -o remount,rw "$rootmnt"
		. /vm/hand-over
		hand_over "$rootmnt"
		mount -o remount,ro "$rootmnt"
	END
	mkdir "$module"
	printf '%s\n' 'check() { return 0; }' 'depends() { return 0; }' \
		'install() { inst_multiple cp find mkdir mount umount uname cat; inst_hook pre-pivot 99 "$moddir/vm.sh"; }' >"$module/module-setup.sh"
	printf '%s\n' 'mount -o remount,rw "$NEWROOT"' '. /vm/hand-over' 'hand_over "$NEWROOT"' 'mount -o remount,ro "$NEWROOT"' >"$module/vm.sh"
	chmod 755 /etc/initramfs-tools/scripts/init-bottom/vm "$module"/*
}

test_installed()
{
	install_host "path: ${VENDOR%/*}/"
	mkdir -p "${VENDOR%/*}"
	cp /bin/true "$VENDOR"
	systemctl daemon-reload
	systemctl enable embargo.service 2>"$SCRATCH/enable" || fail "enable: $(<"$SCRATCH/enable")"
	embargo load >"$SCRATCH/load" 2>&1 || fail "load: $(<"$SCRATCH/load")"
	# The root is read-only until systemd has it remounted.
	rm -f /etc/systemd/system/systemd-remount-fs.service
	echo '/dev/vda / ext4 defaults 0 0' >/etc/fstab
	write_first
	write_machine_scripts
}

# make_initramfs FILE COMMAND...
make_initramfs()
{
	local file=$1

	shift
	"$@" >"$SCRATCH/made" 2>&1 && [[ -s $file ]] || fail "$1: $(tail -n 5 "$SCRATCH/made")"
}

test_mkinitramfs()
{
	echo MODULES=list >/etc/initramfs-tools/conf.d/vm
	echo CONFIG_RD_GZIP=y >"/boot/config-$(uname -r)" # the machine's kernel is no package of the root's
	make_initramfs /boot/initrd.tools mkinitramfs -c gzip -l 1 -o /boot/initrd.tools "$(uname -r)"
	has libexec/embargo/embargo-initramfs "$(lsinitramfs /boot/initrd.tools)"
}

test_dracut()
{
	make_initramfs /boot/initrd.dracut dracut --no-hostonly --no-compress --force-drivers "$DRIVERS" \
		--modules 'base systemd systemd-initrd dracut-systemd rootfs-block fs-lib udev-rules embargo vm' \
		/boot/initrd.dracut "$(uname -r)"
	has libexec/embargo/embargo-initramfs "$(lsinitrd /boot/initrd.dracut)"
}

# --- the boots -------------------------------------------------------------------------------------

test_before_init()
{
	has "$BANNED was stopped" "$(</run/first)"
	has "$VENDOR was stopped" "$(</run/first)"
	has "$BANNED.twin ran" "$(</run/first)"
	has 'test version 1' "$(told)"
	has 'in the initramfs, before this root' "$(embargo doctor)"
}

test_daemon_takes_over()
{
	local tries

	[[ $(systemctl is-active embargo.service) == active ]] || fail "no daemon: $(journalctl -b -q -o cat -u embargo.service | tail -n 3)"
	sleep 1
	touch /run/enough
	tries=$(wc -l </run/tries)
	[[ $tries -ge 20 ]] || fail "tried $tries times only"
	[[ ! -e /run/gap ]] || fail "ran $(wc -l </run/gap) times of $tries"
	has 'enforcing   yes' "$(embargo status)"
	runs "$BANNED" && fail 'the banned file runs'
	runs "$BANNED.twin" || fail 'its twin does not'
}

# In force from the initramfs on: the unit has nothing to do, and nothing was mounted twice.
test_nothing_twice()
{
	local place

	[[ $(systemctl show --value -p ConditionResult embargo-early.service) == no ]] || fail 'the unit has done it again'
	for place in /proc /sys /sys/fs/bpf /sys/kernel/security /run; do
		[[ $(grep -c " $place " /proc/self/mounts) -eq 1 ]] || fail "$(grep " $place " /proc/self/mounts)"
	done
	! grep -E ' (/root|/sysroot)(/| )' /proc/self/mounts || fail 'something is left of the initramfs'
}

# What the test sees where nothing is done: the same boot, without the script.
test_without()
{
	has "$BANNED ran" "$(</run/first)"
	has "$BANNED.twin ran" "$(</run/first)"
	[[ $(systemctl is-active embargo-early.service) == active ]] || fail 'the unit has not done it'
	has 'test version 1' "$(journalctl -b -q -o cat -u embargo-early.service)"
	has 'embargo-early.service' "$(embargo doctor | grep beginning)"
	[[ -e /run/gap ]] || fail 'the process that tries what is banned never ran it'
	runs "$BANNED" && fail 'the banned file runs'
}

test_masked()
{
	has "$BANNED ran" "$(</run/first)"
	[[ ! $(told) ]] || fail "$(told)"
}

test_damaged()
{
	has "$BANNED ran" "$(</run/first)"
	has "$KEPT is damaged" "$(told)"
	[[ $(systemctl is-active embargo-early.service) == failed ]] || fail "embargo-early is $(systemctl is-active embargo-early.service)"
	[[ $(systemctl is-active embargo.service) == active ]] || fail 'no daemon'
	runs "$BANNED" && fail 'the banned file runs'
}

# In the next boot the program does not come to an end before init is there.
hang()
{
	mv /usr/bin/embargo /usr/bin/embargo.whole
	cat >/usr/bin/embargo <<-'END'
		#!/bin/bash
		[[ /proc/1/root -ef / ]] || exec sleep 600
		exec -a "$0" /usr/bin/embargo.whole "$@"
	END
	chmod 755 /usr/bin/embargo
}

test_hanging()
{
	has "$BANNED ran" "$(</run/first)"
	has 'gave up after a minute' "$(told)"
	[[ $(systemctl is-active embargo.service) == active ]] || fail 'no daemon'
	runs "$BANNED" && fail 'the banned file runs'
}

case $1 in
make)
	attempt initramfs-installed test_installed
	attempt initramfs-mkinitramfs test_mkinitramfs
	attempt initramfs-dracut test_dracut
	;;
tools)
	attempt initramfs-tools-before-init test_before_init
	attempt initramfs-tools-daemon-takes-over test_daemon_takes_over
	attempt initramfs-tools-nothing-twice test_nothing_twice
	;;
dracut)
	attempt initramfs-dracut-before-init test_before_init
	attempt initramfs-dracut-daemon-takes-over test_daemon_takes_over
	attempt initramfs-dracut-nothing-twice test_nothing_twice
	;;
without)
	attempt initramfs-without-the-script test_without
	;;
masked)
	attempt initramfs-masked test_masked
	damage
	;;
damaged)
	attempt initramfs-damaged-does-not-stop-a-boot test_damaged
	hang
	;;
hanging)
	attempt initramfs-hanging-does-not-stop-a-boot test_hanging
	;;
esac
sync
exit 0
