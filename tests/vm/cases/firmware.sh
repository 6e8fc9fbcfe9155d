#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Listed firmware does not get into a driver. Of all drivers only that of wireless networks asks for some without a device:
# its table of what is allowed in which country.
#: LARGE --add MODULE:net/rfkill/rfkill:/t/modules/ --add MODULE:net/wireless/cfg80211:/t/modules/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

FIRMWARE=/lib/firmware/regulatory.db

mkdir -p "${FIRMWARE%/*}"
head -c 5000 /bin/bash >"$SCRATCH/listed"
head -c 5000 /bin/cat >"$SCRATCH/twin"
/usr/sbin/insmod /t/modules/rfkill.ko* || give_up rfkill "it cannot be loaded"

# asked_for FILE: the driver asks for the firmware, which is FILE's content; what the kernel says of it goes to `output`.
asked_for()
{
	cat "$1" >"$FIRMWARE"
	dmesg --clear
	/usr/sbin/insmod /t/modules/cfg80211.ko* || fail "the driver cannot be loaded"
	wait_for 50 grep -qE 'regulatory.db|platform regulatory' <(dmesg)
	output=$(dmesg | grep regulatory)
	rmmod cfg80211
}

# The table has no signature, which the driver looks at once it has the bytes: so much of it must be seen with the twin.
refused()
{
	policy_begin
	rule_file firmware banned any "$SCRATCH/listed" "${1:-}"
	enforce
	asked_for "$SCRATCH/listed"
	[[ $output == *'failed to load regulatory.db'* ]] || fail "the driver got it: $output"
	take_events
	events_with verdict=deny operation=firmware rule=firmware "sha256=${listed_digest[firmware]}" >/dev/null || fail "no event: $events"
	agrees deny "$FIRMWARE" firmware
	asked_for "$SCRATCH/twin"
	[[ $output == *'malformed or signature'* ]] || fail "the driver did not get the twin: $output"
	take_events
	[[ -z $(events_with operation=firmware) ]] || fail "an event of the twin: $events"
}
attempt firmware refused
attempt firmware-unsized refused unsized
