# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the guests' parts of tests/system/early and tests/system/initramfs share: a host with a policy, what is kept of it for the
# next boot, and how that is damaged.

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

BANNED=/usr/local/bin/banned
KEPT=/etc/embargo/state/generation

has()
{
	[[ $2 == *"$1"* ]] || fail "'$1' is not in: ${2:0:600}"
}

runs()
{
	"$1" 2>/dev/null
}

# install_host [IDENTITY]: embargo itself, and a policy of the host's that lists BANNED, and names IDENTITY.
install_host()
{
	cp -a /t/installed/. / || fail 'cannot copy what was installed'
	make_pair "$BANNED" /bin/true
	policy_begin
	rule_file program banned elf "$BANNED"
	[[ ! ${1:-} ]] || rule_identity folder banned "$1"
	policy_end >/dev/null
	cp "$SCRATCH"/policy/test.yaml "$SCRATCH"/policy/*.hsb /etc/embargo/policy.d
}

# damage: the next boot has the first half of what is kept.
damage()
{
	truncate -s $(($(stat -c %s "$KEPT") / 2)) "$KEPT"
}
