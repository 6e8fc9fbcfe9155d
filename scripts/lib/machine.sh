# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# One virtual machine: what the emulator is told, and what its end means.
# It works on the variables of scripts/vm: opt, kernel, release, disks, root_disk, disk_driver and supervise.
# shellcheck disable=SC2154

# Where a machine hangs before the command begins; it takes 3 to 10 s unless the host is overloaded.
readonly BOOT_LIMIT_MINIMAL=120
readonly BOOT_LIMIT_SYSTEMD=300
readonly CONSOLE_LINES=40

# The emulator's cmpxchg16b double-faults kernels before 6.19 now and then; later ones need it.
# thread=multi panics a guest now and then while it patches its own code.
# A processor that says its "rep movsb" is fast is believed, and the emulator does one byte after the other.
emulator_arguments()
{
	local release=$1 cpu=max,-erms

	[[ ${opt[icount]} ]] && cpu+=,-rdrand,-rdseed
	version_at_least "$release" 6.19 || cpu+=,-cx16
	printf '%s\n' qemu-system-x86_64 -nodefaults -no-user-config -M q35 -display none -no-reboot -nic none \
		-accel tcg,thread=single -cpu "$cpu" -m "${opt[memory]}"
	if [[ ${opt[icount]} ]]; then
		# One instruction takes one nanosecond: figures repeat from run to run.
		printf '%s\n' -icount shift=0,sleep=off -smp 1 -seed 1 \
			-rtc "base=${opt[rtc]:-2024-01-01T00:00:00},clock=vm"
	else
		printf '%s\n' -smp "${opt[cpus]}" -rtc "base=${opt[rtc]:-utc}"
	fi
}

# disk_arguments: in the guest they are /dev/vda, /dev/vdb and so on; the root comes last.
disk_arguments()
{
	local file n=0 more

	for file in "${disks[@]}" ${root_disk:+"$root_disk"}; do
		more=''
		[[ $file == "$root_disk" && ! ${opt[keep-root]} ]] && more=,snapshot=on
		printf '%s\n' -drive "if=none,id=disk$n,format=raw,cache=unsafe,discard=unmap$more,file=${file//,/,,}" \
			-device "$disk_driver,drive=disk$n,serial=disk$n"
		n=$((n + 1))
	done
}

# run_machine FOLDER: one try. Leaves result, console and emulator in the work folder.
run_machine()
{
	local work=$1 mode=stop boot=$BOOT_LIMIT_MINIMAL append arguments

	# The self-tests of the kernel's ciphers are a quarter of an emulated boot.
	# What lies at the same address in each process is translated once, not each time: that halves what an exec costs.
	append="console=ttyS0 panic=-1 oops=panic quiet cryptomgr.notests norandmaps"
	[[ ${opt[icount]} ]] && append+=" nokaslr"
	if [[ ${opt[root]} == systemd ]]; then
		mode=orderly boot=$BOOT_LIMIT_SYSTEMD
		append+=" systemd.unit=vm.target"
		[[ ! ${opt[initrd]} ]] || append+=" root=$root_device"
	fi
	append+=${opt[append]:+ ${opt[append]}}
	rm -f "$work"/{result,console,emulator,port.in,port.out}
	mkfifo "$work/port.in" "$work/port.out"
	mapfile -t arguments < <(
		emulator_arguments "$release"
		disk_arguments
	)
	"$supervise" "$mode" "$work/result" "$work/emulator" "$work/port" \
		"${opt[timeout]}" "$boot" "${opt[kill-after]}" \
		"${arguments[@]}" -serial "file:$work/console" \
		-device virtio-serial-pci,ioeventfd=off -chardev "pipe,id=port,path=$work/port" \
		-device virtserialport,chardev=port,name=embargo.vm \
		-kernel "$kernel/vmlinuz" -initrd "$work/initrd" -append "$append" &
	machine=$!
	wait "$machine" || return
	machine=''
}

# The guest's own kernel failed: not the command, nor an end that somebody asked for.
console_shows_panic()
{
	grep -qaE 'Kernel panic|Oops|BUG: |general protection fault|double fault' "$1" &&
		! grep -qaE 'sysrq: Trigger a crash|sysrq triggered crash' "$1"
}

console_shows_shutdown()
{
	grep -qaE 'reboot: (Restarting system|Power down|System halted)|sysrq: Resetting|sysrq: Power Off' "$1"
}

explain()
{
	local work=$1 kept=$CACHE/logs/console-$$

	make_room "$CACHE/logs"
	cp "$work/console" "$kept" 2>/dev/null || : >"$kept"
	{
		printf 'vm: %s\n' "$2"
		printf 'vm: the last lines of the console, all of which are in %s:\n' "$kept"
		tail -n "$CONSOLE_LINES" "$kept" | tr -d '\r' | sed 's/^/vm| /'
		[[ ! -s $work/emulator ]] || sed 's/^/vm: emulator: /' "$work/emulator"
	} >&2
}

# judge FOLDER: sets "verdict" to the exit status, to "again" where a second try is right, or to "failed".
# A command that began is run again only where nobody can tell: the emulated machine broke down,
# no byte of output was passed on, and no disk of the caller's keeps what the first try did.
# shellcheck disable=SC2034
judge()
{
	local work=$1 end='gone' status=$STATUS_NOT_UP began=0 spoke=0

	[[ ! -e $work/result ]] || read -r end status began spoke <"$work/result"
	case $end in
	exit) verdict=$status ;;
	timeout) verdict=124 ;;
	cut) verdict=137 ;;
	*)
		if [[ $began == 0 ]]; then
			verdict=again reason="the machine did not come up"
		elif console_shows_shutdown "$work/console"; then
			verdict=137
		elif [[ $spoke == 0 && ${#disks[@]} -eq 0 && ! ${opt[keep-root]} ]] && console_shows_panic "$work/console"; then
			verdict=again reason="the guest's kernel failed"
		else
			verdict=failed reason="the machine ended before the command did"
		fi
		;;
	esac
}
