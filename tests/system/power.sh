# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/power: bash power.sh NUMBER ACKNOWLEDGED TRIED [MISSING] looks at what the boot before has left,
# and then reloads one edition of a policy after the other until somebody cuts the power; or, with MISSING, until so many unlisted
# programs were executed beside the reloads.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

NUMBER=$1 ACKED=$2 TRIED=$3 MISSING=${4:-}
HOST=/host
PROGRAMS=16
POLICIES=/etc/embargo/policy.d

# Every other boot has a file system that promises less: names may come to the disk before what they stand for.
options=data=ordered
[[ $((NUMBER % 2)) == 1 ]] || options=data=writeback,noauto_da_alloc

mkdir -p "$HOST" /etc/embargo /var/lib/embargo
[[ $NUMBER != 1 ]] || mke2fs -q -F -t ext4 /dev/vda || give_up power-cut 'no file system'
mount -t ext4 -o "$options" /dev/vda "$HOST" || give_up power-cut 'the disk is not readable'
mkdir -p "$HOST"/{etc,var,bin}
if ! mount --bind "$HOST/etc" /etc/embargo || ! mount --bind "$HOST/var" /var/lib/embargo; then
	give_up power-cut 'no bind mounts'
fi
if [[ $NUMBER == 1 ]]; then
	for ((i = 0; i < PROGRAMS; i++)); do
		make_pair "$(printf '%s/bin/p%02d' "$HOST" "$i")" "$HERE/bin/tiny"
	done
	make_pair "$HOST/bin/pxx" "$HERE/bin/tiny"
	sync
fi

# program EDITION: what that edition bans, beside pxx, which all of them ban.
program()
{
	printf '%s/bin/p%02d' "$HOST" $(($1 % PROGRAMS))
}

# The digests are computed once: the storm is of reloads.
declare -A digest
for file in "$HOST"/bin/p??; do
	digest[$file]=$(digest_of "$file")
done
size=$(stat -c %s "$HOST/bin/pxx")

policy_begin
rule_list every banned elf every.hsb
rule_list this banned elf this.hsb
policy_end >/dev/null
text=$(<"$SCRATCH/policy/test.yaml")

# edition NUMBER: as the host's policy.
edition()
{
	mkdir -p "$POLICIES"
	printf '%s\n' "${text/version: 1/version: $1}" >"$POLICIES/test.yaml"
	printf '%s:%s:every\n' "${digest[$HOST/bin/pxx]}" "$size" >"$POLICIES/every.hsb"
	printf '%s:%s:this\n' "${digest[$(program "$1")]}" "$size" >"$POLICIES/this.hsb"
}

# bans EDITION WHEN: that one, and no other.
bans()
{
	now_denied plain "$HOST/bin/pxx" "$2"
	now_denied plain "$(program "$1")" "$2"
	now_runs plain "$(program $(($1 + 1)))" "$2"
	now_runs plain "$HOST/bin/pxx.twin" "$2"
	now_runs map_exec "$HOST/bin/pxx.twin" "$2"
}

# What an early boot does, and then the daemon.
after_the_cut()
{
	local found remembered

	found=$(embargo load --last 2>&1) || { fail "nothing is in force: $found; $(echo /etc/embargo/state/*)"; return; }
	[[ $found =~ 'test version '([0-9]+) ]] || { fail "which edition? $found"; return; }
	found=${BASH_REMATCH[1]}
	[[ $found -ge $ACKED && $found -le $((TRIED + 1)) ]] ||
		fail "edition $found is in force; $ACKED was acknowledged, $TRIED was tried"
	bans "$found" 'after the cut'
	remembered=$(embargo policy versions 2>&1)
	[[ $remembered =~ 'test  version '([0-9]+) ]] || { fail "which version? $remembered"; return; }
	remembered=${BASH_REMATCH[1]}
	[[ $remembered -ge $found && $remembered -le $((TRIED + 1)) ]] ||
		fail "version $remembered is remembered, and edition $found is in force"
	embargo floor >"$SCRATCH/floor" 2>&1 || fail "the floor: $(<"$SCRATCH/floor")"
	edition $((TRIED += 2))
	printf 'tried %s\n' "$TRIED" # before anything fails: the boots behind this one are held to it
	start
	bans "$TRIED" 'after the next start'
	found=(/etc/embargo/state/* /var/lib/embargo/* /run/embargo/*)
	[[ ${found[*]} != *.new* && ${found[*]} != *damaged* ]] || fail "left behind: ${found[*]}"
	[[ $(echo /sys/fs/bpf/*) == "$PINS" ]] || fail "in /sys/fs/bpf: $(echo /sys/fs/bpf/*)"
}

# By turns with a daemon and without one.
start()
{
	if [[ $((NUMBER % 4)) -lt 2 ]]; then
		embargo load >"$SCRATCH/output" 2>&1 || fail "load: $(<"$SCRATCH/output")"
		return
	fi
	embargo run >"$SCRATCH/run" 2>&1 &
	wait_for 300 grep -q 'enforcing: ' "$SCRATCH/run" || fail "run: $(<"$SCRATCH/run")"
	wait_for 100 eval '[[ $(ask status) == "answer: 0,"* ]]' || fail "run answers nobody: $(<"$SCRATCH/run")"
}

if [[ $NUMBER == 1 ]]; then
	edition $((TRIED = 1))
	start
	[[ ! $why ]] || give_up power-cut "$why"
else
	attempt power-cut after_the_cut
	[[ ! $why ]] || exit 0
fi
printf 'tried %s\nacked %s\n' "$TRIED" "$TRIED"
unlisted_begin --pause 1000 "$HOST"/bin/p0?.twin
[[ ! $MISSING ]] || unlisted_hurry
printf 'storm\n'
for ((edition = TRIED + 1; ; edition++)); do
	edition "$edition"
	printf 'tried %s\n' "$edition"
	if embargo reload >"$SCRATCH/output" 2>&1; then
		printf 'acked %s\n' "$edition"
	else
		printf 'not ok power-cut: reload: %s\n' "$(tr '\n' '|' <"$SCRATCH/output")"
	fi
	unlisted_read
	printf 'unlisted %s %s\n' "${executed[ran]}" "$((executed[refused] + executed[other]))"
	[[ ! $MISSING ]] || [[ ${executed[ran]} -lt $MISSING ]] || break
done
sync
