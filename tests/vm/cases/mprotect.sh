#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A mapping that was there before the ban does not turn executable after it, on ext4 and on overlay.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
mkdir -p /d/overlay/{lower,upper}
# name, where the file lies, options of the mapping
table='
mprotect-private        ext4
mprotect-shared         ext4   --shared
mprotect-unlinked       ext4   --unlink
mprotect-thread         ext4   --thread
mprotect-private-lower  lower
mprotect-shared-lower   lower  --shared
mprotect-private-upper  upper
mprotect-shared-upper   upper  --shared
'
declare -A place=([ext4]=/d [lower]=/d/overlay/lower [upper]=/d/overlay/upper)
declare -A seen=([ext4]=/d [lower]=/d/overlay/merged [upper]=/d/overlay/merged)

# start_mapping FILE OPTIONS: maps FILE and waits for a line in FILE's fifo under $SCRATCH.
start_mapping()
{
	local fifo=$SCRATCH/${1##*/}.go file=$1 fd

	shift
	mkfifo "$fifo"
	mapping --wait "$@" "$file" <"$fifo" >"$SCRATCH/${file##*/}.out" 2>&1 &
	exec {fd}>"$fifo"
	go[$file]=$fd
}

# release FILE: lets its mapping turn executable.
release()
{
	local fd=${go[$1]}

	printf '\n' >&"$fd"
	exec {fd}>&-
	wait_for 50 grep -qE 'EPERM|executable|mmap|mprotect' "$SCRATCH/${1##*/}.out"
}

# The mappings are made while the rules only audit. The date comes near, and passes; then they are to turn executable,
# and so are their twins.
# The kernel cannot hash at this point: what it knows of the file from the mapping has to do.
declare -A go
policy_begin
schedule soon "$LONG_AGO=audit" "2099-01-01T00:00:00Z=deny"
while read -r name ground options; do
	wanted "$name" || continue
	make_pair "${place[$ground]}/$name" /bin/true
	rule_file "$name" soon elf "${place[$ground]}/$name"
done < <(grep . <<<"$table")
mount_overlay /d/overlay
# On overlay the kernel half remembers nothing of a file that changed a moment ago: let a while have passed.
clock set 120
enforce
while read -r name ground options; do
	wanted "$name" || continue
	for file in "${seen[$ground]}/$name" "${seen[$ground]}/$name.twin"; do
		# shellcheck disable=SC2086  # several words, or none
		start_mapping "$file" $options
	done
done < <(grep . <<<"$table")
sleep 1
take_events
audited=$events
date=$(at 5)
sed -i "s/2099-01-01T00:00:00Z/$date/" "$POLICY"
enforce "$POLICY"
wait_until "$date"
sleep 1

after_date()
{
	local name=$1 file=$2 digest denied

	[[ $(<"$SCRATCH/$name.out") == mapped ]] || fail "not mapped while it was only audited: $(<"$SCRATCH/$name.out")"
	digest=$(sed -n 's/:.*//p' "$SCRATCH/policy/$name.hsb")
	events=$audited
	events_with verdict=audit operation=map "rule=$name" "sha256=$digest" >/dev/null || fail "no audit event: $events"
	read_counters
	denied=${counter[denied]}
	release "$file"
	output=$(tr '\n' ' ' <"$SCRATCH/$name.out")
	[[ $output == *"mprotect: EPERM"* ]] || fail "after the date: $output"
	read_counters
	[[ ${counter[denied]} -gt $denied ]] || fail "the counter stayed at $denied"
	take_events
	events_with verdict=deny operation=map "rule=$name" "sha256=$digest" >/dev/null || fail "no event: $events"
	[[ ! -e $file ]] || agrees deny "$file" map
	release "$file.twin"
	[[ $(<"$SCRATCH/$name.twin.out") == *executable* ]] || fail "the twin: $(<"$SCRATCH/$name.twin.out")"
}

while read -r name ground options; do
	attempt "$name" after_date "$name" "${seen[$ground]}/$name"
done < <(grep . <<<"$table")
