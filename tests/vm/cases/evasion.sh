#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a program can do to keep its digest from being seen: stale overlays, flags that come and go.
#: --disk data:128M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
chmod 0777 /d
modprobe overlay 2>/dev/null

# grown_underneath sized|unsized: an unprivileged user looks up a short file through an overlay of their own, and then
# lets it grow into the listed one in the layer beneath. The overlay still believes in the old size.
grown_underneath()
{
	local name=grown-$1 size=''

	[[ $1 == sized ]] || size=unsized
	policy_begin
	make_pair "/d/$name" /bin/true
	rule_file "$name" banned elf "/d/$name" $size
	relax
	enforce
	cat >"$SCRATCH/grow" <<-END
		mkdir -p /d/$name.user/{lower,upper,work,merged}
		cd /d/$name.user
		for file in listed twin; do head -c 100 /bin/true >upper/\$file; chmod 0755 upper/\$file; done
		mount -t overlay overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work merged || exit 5
		stat merged/listed merged/twin >stat
		cat /d/$name >upper/listed
		cat /bin/true >upper/twin
		for file in listed twin; do
			merged/\$file && echo "ran \$file"
			$LDSO merged/\$file && echo "mapped \$file"
		done
		exit 0
	END
	as_user unshare --user --map-root-user --mount --propagation private bash "$SCRATCH/grow" >"$SCRATCH/output" 2>&1 ||
		fail "the attack did not take place: $(<"$SCRATCH/output")"
	! grep -E 'ran listed|mapped listed' "$SCRATCH/output" >/dev/null || fail "the listed file ran: $(<"$SCRATCH/output")"
	[[ $1 == unsized ]] || [[ $(grep -cE 'ran twin|mapped twin' "$SCRATCH/output") -eq 2 ]] ||
		fail "a file of another size did not run: $(<"$SCRATCH/output")"
	take_events
	events_with verdict=deny operation=exec >/dev/null || fail "no event of the exec: $events"
	events_with verdict=deny operation=map >/dev/null || fail "no event of the mapping: $events"
}
attempt overlay-grown-underneath grown_underneath sized
attempt overlay-grown-underneath-unsized grown_underneath unsized

# IMA refuses a descriptor that is O_DIRECT when it looks; when we look, it may be so no more.
direct_flipped()
{
	policy_begin
	make_pair /d/flipped /bin/true
	rule_file flipped banned elf /d/flipped
	relax
	enforce
	output=$(as_user_of /d/flipped flip /d/flipped 2000 2>&1)
	[[ $output == 'mapped=0 refused=2000' ]] || fail "$output"
	cp /bin/true /d/flipped-other
	output=$(as_user_of /d/flipped-other flip /d/flipped-other 200 2>&1)
	[[ $output == 'mapped=200 refused=0' ]] || fail "a file of another size: $output"
}
as_user_of()
{
	chown 1000 "$1"
	shift
	as_user "$@"
}
attempt direct-flipped direct_flipped
