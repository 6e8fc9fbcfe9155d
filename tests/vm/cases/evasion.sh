#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a program can do to keep its digest from being seen: stale overlays, flags that come and go, bytes that change
# and leave no trace.
#: --disk data:256M --disk other:64M --cpus 2

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

# unseen_move NAME [32]: a copy of the listed file has junk where that one has only zeros. It is run, so that its digest
# is remembered; then the junk is swapped for another file's blocks, which leaves zeros, and the file's times, size and
# change counter as they were.
unseen_move()
{
	local name=$1 file=/d/$1 block

	policy_begin
	cp /bin/true "$file"
	block=$(($(stat -c %s "$file") / 4096 + 1))
	truncate -s $(((block + 1) * 4096)) "$file"
	printf '# %s' "$name" >>"$file"
	rule_file "$name" banned elf "$file"
	enforce
	cp "$file" "$file.donor"
	dd if=/dev/urandom of="$file.donor" bs=4096 seek="$block" count=1 conv=notrunc status=none
	dd if=/dev/urandom of="$file.other" bs=4096 count=$((block + 1)) status=none
	chown 1000 "$file".*
	sync
	now_runs user "$file.donor" "with junk in it"
	output=$(as_user extents "$file.other" "$file.donor" "$((block * 4096))" 4096 ${2:+"$2"} 2>&1)
	printf 1 >/proc/sys/vm/drop_caches
	way_plain "$file.donor" && cmp -s "$file" "$file.donor" && fail "the listed bytes ran: $output"
	[[ $output == *EPERM* ]] || fail "the kernel did not refuse to move extents: $output"
	output=$(extents "$file.other" "$file.donor" "$((block * 4096))" 4096 ${2:+"$2"} 2>&1)
	[[ $output == moved=4096 ]] || fail "the host's root cannot defragment: $output"
}
attempt extents-moved unseen_move extents-moved
attempt extents-moved-32 unseen_move extents-moved-32 32

# A write has begun, and moved the times, before the file is hashed; its bytes come while that goes on, and the writer is
# gone when it ends. What was hashed is then not what is there.
late_write()
{
	policy_begin
	make_pair /d/late /bin/true
	rm /d/late.twin
	truncate -s 40M /d/late
	printf H | dd of=/d/late bs=1 seek=48 conv=notrunc status=none
	cp /d/late /d/late-target
	printf L | dd of=/d/late bs=1 seek=48 conv=notrunc status=none
	rule_file late banned elf /d/late
	enforce
	output=$(late /d/late-target L 2>&1)
	[[ $output == 'overlapped=1 refused=0' ]] || fail "the write did not take place during the hash: $output"
	cmp -s /d/late /d/late-target || fail "these are not the listed bytes"
	now_denied ldso /d/late-target "mapped afterwards"
	now_denied plain /d/late-target "run afterwards"
	rm /d/late /d/late-target
}
attempt late-write late_write

# What is beneath an overlay goes and comes back with other bytes and the same times: a medium whose owner edits it while
# it is not mounted. Its inodes may come to lie where they lay before. Labels of that place must be gone.
remounted_beneath()
{
	local offset round

	policy_begin
	make_pair /d/remounted /bin/true
	rule_file remounted banned elf /d/remounted
	enforce
	mount_ext4 /dev/vdb /other
	mkdir -p /other/{lower,upper,work}
	cp /d/remounted.twin /other/lower/file
	sync
	umount /other
	offset=$(($(grep -abo '# remounted B' /dev/vdb | head -n 1 | cut -d : -f 1) + 12))
	for round in {1..20}; do
		overlaid now_runs "round $round, harmless"
		printf A | dd of=/dev/vdb bs=1 seek="$offset" conv=notrunc,fsync status=none
		overlaid now_denied "round $round, listed"
		printf B | dd of=/dev/vdb bs=1 seek="$offset" conv=notrunc,fsync status=none
		[[ ! $why ]] || break
	done
	why=${why:+"a label came back: $why"}
}
overlaid()
{
	mount -t ext4 /dev/vdb /other
	mkdir -p /merged
	mount -t overlay overlay -o lowerdir=/other/lower,upperdir=/other/upper,workdir=/other/work /merged
	"$1" plain /merged/file "$2"
	umount /merged /other
}
attempt overlay-remounted remounted_beneath

# Both of two generations deny the file, one by its path and the other by its digest. A request that begins under the one
# and is judged by the other must not fall between them.
between_generations()
{
	local mapped

	make_pair /d/between /bin/true
	policy_begin
	rule_identity between banned 'path: /d/between'
	policy_end >/dev/null
	rm -rf "$SCRATCH/by-path"
	cp -r "$SCRATCH/policy" "$SCRATCH/by-path"
	policy_begin
	rule_file between banned elf /d/between
	relax
	enforce
	remap /d/between 12 >"$SCRATCH/remap" 2>&1 &
	while kill -0 $! 2>/dev/null; do
		embargo reload --policy "$SCRATCH/by-path/test.yaml" >"$SCRATCH/output" 2>&1 || fail "$(<"$SCRATCH/output")"
		embargo reload --policy "$SCRATCH/policy/test.yaml" >"$SCRATCH/output" 2>&1 || fail "$(<"$SCRATCH/output")"
	done
	wait
	mapped=$(<"$SCRATCH/remap")
	[[ $mapped == 'mapped=0 refused='[1-9]* ]] || fail "$mapped, up to generation $(status_says generation)"
}
attempt between-generations between_generations
