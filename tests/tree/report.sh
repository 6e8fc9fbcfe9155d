# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the checks over the tree say what they found; sourced, with the tree's root as the working directory.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
set -u
export LC_ALL=C

# nothing NAME: standard input holds what should not be there; none of it is well.
nothing()
{
	local found

	found=$(cat)
	if [ -z "$found" ]; then
		echo "ok $1"
		return
	fi
	sed 's/^/  /' <<<"$found"
	echo "not ok $1: $(wc -l <<<"$found") found, see above"
}

# needs PROGRAM NAME...: says "skip" for each NAME and leaves where PROGRAM is missing.
needs()
{
	local program=$1 name

	shift
	command -v "$program" >/dev/null && return
	for name; do
		echo "skip $name: $program is not installed"
	done
	exit 0
}

# The files of the tree: what git knows, and what it would be asked to know.
files()
{
	git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
		[ -f "$file" ] && printf '%s\n' "$file"
	done
}

# grep_files OPTION... PATTERN: grep through the files that standard input names. One program for all of them: a loop that
# starts some for each takes longer than anything else here.
grep_files()
{
	xargs -r -d '\n' grep -H "$@"
}

# Scripts by their first line, whatever their name.
scripts()
{
	files | grep_files -anm 1 '' | sed -nE 's,^([^:]+):1:#! ?/(usr/)?bin/(env )?(ba)?sh.*,\1,p'
}
