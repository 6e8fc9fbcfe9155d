# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest's part of tests/system/imported: installs each package with its list in force, and runs all that is in it.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

# forbid LIST OF: that list is in force.
forbid()
{
	policy_begin
	cp "/t/imports/$1.hsb" "$SCRATCH/policy/list.hsb"
	rule_list imported banned "$2" list.hsb
	embargo load --policy "$(policy_end)" >"$SCRATCH/load" 2>&1 || give_up load "$(<"$SCRATCH/load")"
}

# entries LIST: its lines without the comments.
entries()
{
	grep -v '^#' "/t/imports/$1.hsb" | grep .
}

# use FILE: runs the program or the script, or loads the library; `status` and `output`.
use()
{
	case $1 in
	*.so | *.so.*) output=$(dlopen "$1" 2>&1 </dev/null) ;;
	*) output=$(timeout 20 "$1" --help 2>&1 </dev/null) ;;
	esac
	status=$?
}

# each_refused LIST, each_let LIST: all that is in it and can be run or loaded; what else there is (a script without an x bit) is
# told. `tried` counts.
each_refused()
{
	local path left=''

	tried=0
	while IFS=: read -r _ _ path; do
		[[ -x $path || $path == *.so* ]] || { left+=" $path"; continue; }
		use "$path"
		looks_refused || fail "$path is not refused: status $status: $output"
		((tried += 1))
	done < <(entries "$1")
	[[ ! $left ]] || printf '# not to be run:%s\n' "$left"
}

each_let()
{
	local path

	while IFS=: read -r _ _ path; do
		[[ -x $path || $path == *.so* ]] || continue
		use "$path"
		! looks_refused || fail "$path is still refused: $output"
		[[ $status -ne 126 && $status -ne 127 ]] || fail "$path does not run: status $status: $output"
		[[ $path != *.so* || $status -eq 0 ]] || fail "$path does not load: $output"
	done < <(entries "$1")
}

# each_told LIST: an event of the denial of each digest that was tried.
each_told()
{
	local digest path

	take_events
	while IFS=: read -r digest _ path; do
		[[ -x $path || $path == *.so* ]] || continue
		events_with verdict=deny rule=imported "sha256=$digest" >/dev/null || fail "no event of $path"
	done < <(entries "$1")
}

# covers LIST FILE...: all programs, scripts and libraries among these files are in the list.
covers()
{
	local list=$1 file head digest

	shift
	for file; do
		[[ -f $file && ! -L $file ]] || continue
		IFS= read -r -N 4 head <"$file" 2>/dev/null
		[[ -x $file || $head == $'\177ELF' || $head == '#!'* ]] || continue
		digest=$(digest_of "$file")
		entries "$list" | grep -q "^$digest:" || fail "$file is not in the list"
	done
}

# package LIST INSTALL... -- REMOVE... -- LISTING...: LISTING prints the files that were installed.
package()
{
	local list=$1 step=0 word steps=('' '' '') files

	shift
	for word; do
		[[ $word == -- ]] && { ((step += 1)); continue; }
		steps[step]+=" $word"
	done
	forbid "$list" any
	${steps[0]} >"$SCRATCH/install" 2>&1 || fail "install: $(tail -n 3 "$SCRATCH/install")"
	mapfile -t files < <(${steps[2]})
	covers "$list" "${files[@]}"
	each_refused "$list"
	[[ $tried -ge 10 ]] || fail "only $tried were tried"
	each_told "$list"
	relax
	each_let "$list"
	${steps[1]} >"$SCRATCH/remove" 2>&1 || fail "remove: $(tail -n 3 "$SCRATCH/remove")"
}

test_debs()
{
	package debs dpkg -i /t/debs/*.deb -- dpkg --purge fakeroot libfakeroot mtools -- dpkg -L fakeroot libfakeroot mtools
}

# By the names that lead to them, too.
test_links()
{
	local link

	forbid debs any
	dpkg -i /t/debs/*.deb >"$SCRATCH/install" 2>&1 || fail "install: $(tail -n 3 "$SCRATCH/install")"
	for link in mcopy fakeroot; do
		use "$(command -v "$link")"
		looks_refused || fail "$link: status $status: $output"
	done
	relax
	dpkg --purge fakeroot libfakeroot mtools >"$SCRATCH/remove" 2>&1
}

test_rpm()
{
	package rpm rpm --dbpath /var/lib/rpm -i --nodeps /t/rebuilt.rpm -- rpm --dbpath /var/lib/rpm -e rebuilt -- \
		rpm --dbpath /var/lib/rpm -ql rebuilt
}

test_modules()
{
	forbid modules module
	output=$(modprobe dummy 2>&1)
	status=$?
	looks_refused || fail "dummy is loaded: status $status: $output"
	output=$(insmod "$(modinfo -n dummy)" 2>&1)
	status=$?
	looks_refused || fail "insmod loads dummy: status $status: $output"
	relax
	modprobe dummy || fail 'dummy cannot be loaded'
}

attempt imported-debs test_debs
attempt imported-debs-by-links test_links
attempt imported-rpm test_rpm
attempt imported-modules test_modules
exit 0
