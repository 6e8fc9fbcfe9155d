#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who classifies files is told of each that is executed or mapped for the first time since its content changed, and once.
#: @one --disk data:512M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
mkdir -p /d/overlay/{lower,upper}
mount_overlay /d/overlay || give_up overlay 'it cannot be mounted'
policy_begin
rule_identity found banned 'build-id: 0123456789abcdef0123456789abcdef01234567'
enforce

# sighted FILE OPERATION WAY TIMES WHEN: the way leads to so many sightings of the file.
sighted()
{
	local seen line count=0 file=$1 operation=$2

	sightings >/dev/null
	run_way "$3" "$file"
	[[ $status -eq 0 ]] || fail "$5: it does not run: $output"
	seen=$(sightings)
	while read -r line; do
		[[ $line != "$operation $(stat -c '%s %i' "$file") "*" $file" ]] || ((count += 1))
	done <<<"$seen"
	[[ $count -eq $4 ]] || fail "$5: $count sightings of $file instead of $4: $seen"
}

first_time()
{
	local file=$1/$2

	cp /bin/true "$file"
	chmod 0755 "$file"
	sighted "$file" exec plain 1 'the first time'
	sighted "$file" exec plain 0 'the second time'
	sleep 0.1
	printf 'x' >>"$file"
	sighted "$file" exec plain 1 'after a write'
	sighted "$file" exec plain 0 'the second time after it'
	sleep 0.1
	overwrite "$file" /bin/true
	sighted "$file" exec plain 1 'after a write in place'
	sightings forget
	sighted "$file" exec plain 1 'when all is forgotten'
	sighted "$file" exec plain 0 'and then not again'
	enforce
	sighted "$file" exec plain 1 'in the next generation'
}
for place in /d "$SCRATCH" /d/overlay/merged; do
	attempt "sighting-exec-${place##*/}" first_time "$place" "sighting-${place##*/}"
done

# A file of the lower layer, changed by its copy in the upper one.
copied_up()
{
	local file=/d/overlay/merged/$1

	sighted "$file" exec plain 1 'the first time'
	sighted "$file" exec plain 0 'the second time'
	sleep 0.1
	printf 'x' >>"$file"
	sighted "$file" exec plain 1 'after a write'
	run_way plain "$file" # the overlay may take the real file's time over only now, and then it is seen once more
	sighted "$file" exec plain 0 'once that has settled'
}
umount /d/overlay/merged
cp /bin/true /d/overlay/lower/sighting-lower
mount_overlay /d/overlay
attempt sighting-copy-up copied_up sighting-lower

library()
{
	local file=/d/libsighting.so

	cp "$(realpath /lib/x86_64-linux-gnu/libz.so.1 2>/dev/null || realpath /lib64/libz.so.1)" "$file"
	sighted "$file" map dlopen 1 'the first time'
	sighted "$file" map dlopen 0 'the second time'
	cp "$file" "$file.other"
	sighted "$file.other" map map_exec 1 'mapped at once'
	sightings >/dev/null
	run_way map_private /bin/cat
	[[ $(sightings) != *' /bin/cat'* ]] || fail 'a mapping that only reads was sighted'
}
attempt sighting-library library

# What has no name in any folder.
nameless_file()
{
	local seen

	cp /bin/true "$SCRATCH/nameless"
	sightings >/dev/null
	run_way memfd_sealed "$SCRATCH/nameless"
	seen=$(sightings)
	[[ $seen == *"exec $(stat -c %s "$SCRATCH/nameless") "*memfd* ]] || fail "no sighting of a memfd: $seen"
}
attempt sighting-memfd nameless_file

# Nobody reads: what finds the ring full is counted, and nothing else comes of it.
overflow()
{
	local files=() i before

	mkdir -p /d/many
	for i in {1..1500}; do
		cp /t/bin/tiny "/d/many/$i"
		files+=("/d/many/$i")
	done
	sightings >/dev/null
	read_counters
	before=${counter[lost_sightings]}
	[[ $(storm --each "${files[@]}") == 'ran=1500 refused=0 other=0' ]] || fail 'not all of them ran'
	read_counters
	[[ ${counter[lost_sightings]} -gt $before ]] || fail 'none was lost, or they were not counted'
	i=$(sightings | grep -c '/d/many/')
	# The counters' own program may be new again by then, and lost too.
	i=$((i + counter[lost_sightings] - before))
	[[ $i -ge 1500 && $i -lt 1520 ]] || fail "$i told and lost, not 1500: $((counter[lost_sightings] - before)) lost"
	[[ $(status_says lost_sightings) -ge ${counter[lost_sightings]} ]] || fail "status says $(status_says lost_sightings)"
}
attempt sighting-overflow overflow

# Hundreds of files at a time do not push each other out.
many_files()
{
	local files=(/d/many/*) seen

	for seen in {1..3}; do
		storm --each "${files[@]:0:400}" >/dev/null
		sightings >/dev/null
	done
	storm --each "${files[@]:0:400}" >/dev/null
	seen=$(sightings | grep -c '/d/many/')
	[[ $seen -le 4 ]] || fail "$seen of 400 files are told again"
}
attempt sighting-many many_files

# Where digests have no size each file is labelled, and what a label spares must not be the telling.
labelled()
{
	local file=/d/sighting-labelled

	relax
	cp /bin/true "$file"
	policy_begin
	printf 'no program\n' >/d/sighting-listed
	rule_file unsized banned any /d/sighting-listed unsized
	enforce
	now_runs plain "$file"
	now_runs plain "$file"
	rule_identity found banned 'build-id: 0123456789abcdef0123456789abcdef01234567'
	enforce
	sighted "$file" exec plain 1 'labelled before anybody asked'
	read_counters
	[[ ${counter[label_hit]} -gt 0 ]] || fail "it has no label"
	sighted "$file" exec plain 0 'once it was told'
	sighted "$file" exec plain 0 'and again'
	sightings forget
	sighted "$file" exec plain 1 'when all is forgotten'
	sighted "$file" exec plain 0 'and then not again'
}
attempt sighting-labelled labelled

# Without a rule that asks for it, nobody is told.
no_rule()
{
	policy_begin
	rule_identity path-only banned 'path: /nowhere/at/all'
	enforce
	sightings >/dev/null
	cp /bin/true /d/unasked
	now_runs plain /d/unasked
	[[ ! $(sightings) ]] || fail "sighted without a rule: $(sightings)"
}
attempt sighting-unasked no_rule
