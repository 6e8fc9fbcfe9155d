# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every script shares: messages, the cache folder and its locks.

# Everything that scripts/vm cannot do ends in this status; see its manual.
readonly STATUS_NOT_UP=125

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$STATUS_NOT_UP"
}

# Progress is for a person who waits at a terminal, not for a pipe.
note()
{
	if [[ -t 2 ]]; then printf '%s: %s\n' "${0##*/}" "$*" >&2; fi
}

# need PROGRAM PACKAGE: refuses to go on without PROGRAM.
need()
{
	command -v "$1" >/dev/null || die "$1 is missing: run scripts/setup (it is in the package $2)"
}

# HOME may be unset, for instance under a service manager.
cache_home()
{
	local home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}

	printf '%s\n' "${XDG_CACHE_HOME:-${home:-/root}/.cache}/embargo"
}

CACHE=$(cache_home)
readonly CACHE
mkdir -p "$CACHE" || die "cannot make $CACHE"

# Tools such as depmod and mke2fs live where an ordinary user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# with_lock NAME COMMAND...: one at a time over all runs of all scripts. COMMAND runs in a subshell.
with_lock()
{
	local name=$1

	shift
	(
		flock 9 || die "cannot lock $CACHE/$name.lock"
		"$@"
	) 9>"$CACHE/$name.lock"
}

# make_room FOLDER: makes it, and forgets what in it no run has used for two weeks.
make_room()
{
	mkdir -p "$1"
	find "$1" -maxdepth 1 -type f -mtime +14 -delete
}

# digest_of_files FILE...: one word for the contents of small files.
digest_of_files()
{
	cat -- "$@" | sha256sum | cut -c1-16
}
