# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034  # the groups use what is set here
# What the groups of the environment's faults share: while a fault lasts, $EXECS programs that nobody listed run, of the
# listed one's size and of another, none is refused, and the listed one is refused each time that somebody tries it.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

# prepare_files: /d/listed and its twin; /d/other of another size.
prepare_files()
{
	make_pair /d/listed "$HERE/bin/tiny"
	cp "$HERE/bin/tiny" /d/other
}

# fault_begin: from here on it lasts. What runs beside it leaves the processor to it.
fault_begin()
{
	unlisted_begin --pause 5000 /d/listed.twin /d/other
	rm -f "$SCRATCH/refused"
	unlisted "$SCRATCH/refused" 50000 /d/listed 2>/dev/null &
	refusing=$!
}

# was_refused: often enough, and never anything else; what came of it in `line`.
was_refused()
{
	read -r line <"$SCRATCH/refused"
	[[ $line =~ ^ran=0\ +refused=([0-9]+)\ +other=0\  && ${BASH_REMATCH[1]} -gt 20 ]]
}

# fault_end: after the EXECS, and with what was seen of them.
fault_end()
{
	local line

	unlisted_hurry
	unlisted_reach "$EXECS"
	wait_for 50 was_refused
	unlisted_end "$EXECS"
	kill "$refusing" 2>/dev/null
	wait "$refusing" 2>/dev/null
	was_refused || fail "the listed program: $line"
}

# says FILE TEXT [TENTHS]: within that time.
says()
{
	wait_for "${3:-100}" grep -q -- "$2" "$1" || fail "not said: $2: $(tail -n 5 "$1")"
}

# soon_refused NAME [TENTHS]: a program of the banned package, which comes now, is refused in a moment.
soon_refused()
{
	[[ -e /d/$1 ]] || make_pair "/d/$1" "$HERE/bin/branded"
	wait_for "${2:-150}" is_refused "/d/$1" || fail "/d/$1 is not refused: status $status: $output; $(tail -n 5 "$SCRATCH/run")"
}

# switches PROCESS: how often it went to sleep of itself; a process that hangs does it no more.
switches()
{
	local name value

	while read -r name value; do
		[[ $name != voluntary_ctxt_switches: ]] || printf '%s\n' "$value"
	done <"/proc/$1/status"
}

# goes_on PROCESS NAME: its loop turns, which it does every second or two.
goes_on()
{
	local before

	before=$(switches "$1")
	pause 6
	[[ $(switches "$1") -ge $((before + 2)) ]] || fail "$2 hangs in $(</proc/"$1"/wchan)"
}
