#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fleet's policies over an untrusted channel: only what the anchors' signers signed comes into force, and nothing older comes
# back, over a reboot and a clock set back.
#: --disk host:64M --rtc 2035-06-01T00:00:00 --add /usr/bin/openssl:/usr/bin/
#: --disk host:64M --rtc 2033-01-01T00:00:00 --add /usr/bin/openssl:/usr/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

HOST=/host
KEYS=$HOST/keys
POLICIES=/etc/embargo/policy.d
TRUST=/etc/embargo/trust.d
FILE=$POLICIES/fleet.yaml
POLICY=$POLICIES

# The host's disk: its settings and what embargo keeps outlive a machine on it, and so do the programs.
if [[ $BOOT == 1 ]]; then
	mount_ext4 /dev/vda "$HOST"
	mkdir -p "$HOST"/{etc,var,keys,bin}
else
	mkdir -p "$HOST"
	mount -t ext4 /dev/vda "$HOST" || give_up fleet 'the disk of the machine before is not readable'
fi
mkdir -p /etc/embargo /var/lib/embargo
if ! mount --bind "$HOST/etc" /etc/embargo || ! mount --bind "$HOST/var" /var/lib/embargo; then
	give_up fleet 'no bind mounts'
fi
mkdir -p "$POLICIES" "$TRUST"
printf '[req]\ndistinguished_name = none\n[none]\n' >"$SCRATCH/openssl.cnf"
export OPENSSL_CONF=$SCRATCH/openssl.cnf

# --- the office, which has the keys ------------------------------------------------------------------

# anchor NAME / signer NAME ANCHOR: NAME.key and NAME.pem.
anchor()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
		-addext basicConstraints=critical,CA:TRUE -keyout "$KEYS/$1.key" -out "$KEYS/$1.pem" 2>"$SCRATCH/openssl.err" ||
		give_up "anchor-$1" "$(<"$SCRATCH/openssl.err")"
}

serials=100
signer()
{
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -addext extendedKeyUsage=codeSigning \
		-keyout "$KEYS/$1.key" -out "$SCRATCH/request" 2>"$SCRATCH/openssl.err"
	openssl x509 -req -copy_extensions copy -days 30 -CA "$KEYS/$2.pem" -CAkey "$KEYS/$2.key" -set_serial "$((serials += 1))" \
		-in "$SCRATCH/request" -out "$KEYS/$1.pem" 2>>"$SCRATCH/openssl.err" ||
		give_up "signer-$1" "$(<"$SCRATCH/openssl.err")"
}

# edition VERSION PROGRAM [KEY: VALUE]...: an edition of the fleet's policy, not signed yet, that bans PROGRAM since 2034.
edition()
{
	local version=$1 program=$2 digest

	shift 2
	digest=$(digest_of "$program")
	listed_digest[program]=$digest
	printf '%s:%s:x\n' "$digest" "$(stat -c %s "$program")" >"$POLICIES/list-$version.hsb"
	{
		printf 'policy: fleet\nversion: %s\n' "$version"
		[[ $# -eq 0 ]] || printf '%s\n' "$@"
		printf 'vendors: [ { id: acme } ]\nschedules:\n  banned: [ { at: "2034-01-01T00:00:00Z", action: deny } ]\nrules:\n'
		printf '  - { id: program, vendor: acme, schedule: banned, digests: { file: list-%s.hsb, of: elf, sha256: %s } }\n' \
			"$version" "$(digest_of "$POLICIES/list-$version.hsb")"
	} >"$FILE"
	rm -f "$FILE.p7s"
}

# sign KEY [OPTION]
sign()
{
	embargo policy sign --key "$KEYS/$1.key" --certificate "$KEYS/$1.pem" "${@:2}" "$FILE" >"$SCRATCH/sign" 2>&1 ||
		fail "sign by $1: $(<"$SCRATCH/sign")"
}

# keep NAME / restore NAME: the edition, as a channel would have it to bring again.
keep()
{
	mkdir -p "$HOST/kept/$1"
	cp "$POLICIES"/* "$HOST/kept/$1/"
}

restore()
{
	rm -f "$POLICIES"/*
	cp "$HOST/kept/$1"/* "$POLICIES/"
}

# --- the host ---------------------------------------------------------------------------------------

# applied: the policies as they are come into force.
applied()
{
	local verb=load

	[[ ! -d $PINS ]] || verb=reload
	embargo "$verb" >"$SCRATCH/load" 2>&1 || { fail "embargo $verb: $(<"$SCRATCH/load")"; return 1; }
	take_events
	read_counters
}

# not_applied REASON REMEDY: they do not, in these words, and what enforced before goes on.
not_applied()
{
	local verb=load before after

	[[ ! -d $PINS ]] || verb=reload
	before=$(status_says generation)
	embargo "$verb" >"$SCRATCH/load" 2>&1
	[[ $? -eq 2 ]] || fail "embargo $verb left with another status than 2"
	[[ $(<"$SCRATCH/load") == *"$1"*"$2"* ]] || fail "not '$1' and '$2' but: $(<"$SCRATCH/load")"
	after=$(status_says generation)
	[[ $before == "$after" ]] || fail "generation $before became $after"
}

bans()
{
	expect_denied program exec plain "$1" "$1.twin"
}

# user_is_told VERDICT FILE: a user reads the host's policies as the host does.
user_is_told()
{
	as_user embargo check --json "$2" >"$SCRATCH/check" 2>&1
	[[ $(json_lines <"$SCRATCH/check") == *"\"verdict\":\"$1\""* ]] || fail "a user is told: $(<"$SCRATCH/check")"
}

# still_bans FILE: whatever lies among the policies by now.
still_bans()
{
	now_denied plain "$1"
	now_runs plain "$1.twin"
}

# --- the first machine --------------------------------------------------------------------------------

no_anchor()
{
	edition 1 "$HOST/bin/one"
	applied || return
	bans "$HOST/bin/one"
	relax
	embargo policy versions --forget fleet || fail 'it cannot be forgotten'
}

# With an anchor; and an edition that nobody believes moves no clock.
unsigned_refused()
{
	cp "$KEYS/office.pem" "$TRUST/"
	edition 1 "$HOST/bin/one" 'issued: 2044-01-01T00:00:00Z'
	not_applied "$FILE: is not signed, and this host has anchors" 'put its signature beside it (fleet.yaml.p7s)'
	now_runs plain "$HOST/bin/one"
	[[ $(embargo floor) != *2044* ]] || fail "the floor is $(embargo floor)"
	as_user embargo check "$HOST/bin/one" >"$SCRATCH/check" 2>&1
	[[ $? -eq 2 && $(<"$SCRATCH/check") == *'is not signed'* ]] || fail "a user is told: $(<"$SCRATCH/check")"
	as_user embargo check --policy "$FILE" "$HOST/bin/one" >"$SCRATCH/check" 2>&1
	[[ $? -eq 1 ]] || fail "of a draft a user is told: $(<"$SCRATCH/check")"
	embargo load --policy "$FILE" >"$SCRATCH/load" 2>&1 && fail 'load --policy takes what is not signed'
	[[ ! -s /var/lib/embargo/versions || $(</var/lib/embargo/versions) != *fleet* ]] || fail "remembered: $(</var/lib/embargo/versions)"
	sign stranger
	not_applied "'CN=stranger' leads to no anchor of this host" 'have the file signed by somebody whom the host trusts'
	[[ $(embargo floor) != *2044* ]] || fail "after a stranger's the floor is $(embargo floor)"
	now_runs plain "$HOST/bin/one"
}

signed_applied()
{
	edition 1 "$HOST/bin/one"
	sign alice
	keep one
	edition 2 "$HOST/bin/two" 'issued: 2035-05-20T00:00:00Z'
	sign alice
	keep two
	applied || return
	bans "$HOST/bin/two"
	now_runs plain "$HOST/bin/one"
	user_is_told deny "$HOST/bin/two"
	[[ $(embargo floor) == *2035-05-20* ]] || fail "what is issued raises no floor: $(embargo floor)"
	[[ $(embargo policy versions) == *'fleet  version 2  signed'* ]] || fail "versions: $(embargo policy versions)"
}

replay_refused()
{
	restore one
	not_applied "version 1 of 'fleet' is older than version 2, in force here since 20" 'policy versions --forget fleet'
	still_bans "$HOST/bin/two"
	now_runs plain "$HOST/bin/one" 'which only the replayed edition bans'
	as_user embargo policy versions --forget fleet >"$SCRATCH/forget" 2>&1 && fail 'a user had it forgotten'
	restore two
	applied || return
	bans "$HOST/bin/two"
}

other_bytes_refused()
{
	edition 2 "$HOST/bin/one"
	sign alice
	not_applied "version 2 of 'fleet' is not the text that was in force here" 'raise the version'
	restore two
	printf '# \n' >>"$POLICIES/list-2.hsb"
	not_applied "the list 'list-2.hsb' is not the one that the policy means" 'restore the list'
	restore two
	printf '#\n' >>"$FILE"
	not_applied "'CN=alice' signed another file than this" 'restore the file'
	restore two
	still_bans "$HOST/bin/two"
}

# A broken anchor might be the revocation list that counts.
broken_anchor_refused()
{
	head -c 200 "$KEYS/office.pem" >"$TRUST/broken.pem"
	not_applied "$TRUST/broken.pem: holds a certificate or a revocation list that is broken" 'restore the file, or remove it'
	rm "$TRUST/broken.pem"
	still_bans "$HOST/bin/two"
}

two_signers()
{
	echo 'signatures-required: 2' >/etc/embargo/embargo.yaml
	edition 3 "$HOST/bin/two"
	sign alice
	not_applied '1 of the 2 signatures that this host requires' 'policy sign --add'
	sign bob --add
	applied || return
	bans "$HOST/bin/two"
	keep three
	rm "$TRUST"/*
	not_applied "$TRUST: holds no anchor, and signatures are required" 'take signatures-required out'
	cp "$KEYS/office.pem" "$TRUST/"
	still_bans "$HOST/bin/two"
}

revoked_refused()
{
	local office=$SCRATCH/office

	mkdir -p "$office"
	: >"$office/index"
	printf '[ca]\ndefault_ca = a\n[a]\ndatabase = %s/index\ndefault_md = sha256\n' "$office" >"$office/cnf"
	openssl ca -config "$office/cnf" -cert "$KEYS/office.pem" -keyfile "$KEYS/office.key" -revoke "$KEYS/bob.pem" \
		2>"$SCRATCH/openssl.err"
	openssl ca -config "$office/cnf" -cert "$KEYS/office.pem" -keyfile "$KEYS/office.key" -gencrl -crldays 1 \
		-out "$TRUST/revoked.pem" 2>>"$SCRATCH/openssl.err" || fail "$(<"$SCRATCH/openssl.err")"
	not_applied "'CN=bob' has a certificate that was revoked" 'have the file signed with another'
	still_bans "$HOST/bin/two"
	sign carol --add
	applied || return
	keep three
	bans "$HOST/bin/two"
}

expired_enforces()
{
	edition 4 "$HOST/bin/two" 'expires: 2035-01-01T00:00:00Z'
	sign alice
	sign carol --add
	embargo policy verify "$FILE" >"$SCRATCH/verify" 2>&1
	[[ $? -eq 1 && $(<"$SCRATCH/verify") == *'has expired; look for a newer edition'* ]] ||
		fail "verify of an expired one: $(<"$SCRATCH/verify")"
	applied || return
	bans "$HOST/bin/two"
	embargo status >"$SCRATCH/status"
	[[ $(<"$SCRATCH/status") == *'fleet expired on 2035-01-01T00:00:00Z'* ]] || fail "status: $(<"$SCRATCH/status")"
	keep four
}

clock_set_back()
{
	clock set -63072000 || fail 'the clock cannot be set'
	[[ $(date +%Y) == 2033 ]] || fail "the clock says $(date)"
	now_denied plain "$HOST/bin/two" 'with the clock set back before the date'
	embargo reload >"$SCRATCH/load" 2>&1 || fail "reload: $(<"$SCRATCH/load")"
	now_denied plain "$HOST/bin/two" 'after a reload, with certificates of the future'
	clock set 63072000
}

# A waiver comes the same way: nobody is let through by one that is not signed, or was changed, and none outlives its second.
waiver_signed()
{
	local waiver=$POLICIES/waiver.yaml end

	end=$(at 20)
	printf 'policy: waiver\nversion: 1\nwaives: [ fleet ]\nwaivers:\n' >"$waiver"
	printf '  - { sha256: "%s", until: "%s", ticket: SEC-7, reason: evidence, by: the office }\n' \
		"$(digest_of "$HOST/bin/two")" "$end" >>"$waiver"
	not_applied "$waiver: is not signed, and this host has anchors" 'put its signature beside it (waiver.yaml.p7s)'
	still_bans "$HOST/bin/two"
	FILE=$waiver sign alice
	FILE=$waiver sign carol --add
	applied || return
	now_runs plain "$HOST/bin/two" 'under a waiver'
	take_events
	events_with verdict=audit rule=program ticket=SEC-7 >/dev/null || fail "no event with the ticket: ${events:-none}"
	wait_until "$end"
	pause 0.05
	now_denied plain "$HOST/bin/two" 'after the waiver, with no daemon'
	sed -i 's/until: "2/until: "3/' "$waiver"
	not_applied 'signed another file than this' 'restore the file'
	now_denied plain "$HOST/bin/two" 'with a waiver that somebody has prolonged'
	rm "$waiver" "$waiver.p7s"
	applied
}

# What the channel brings later: the office has the right time.
make_later_editions()
{
	edition 5 "$HOST/bin/two"
	sign alice
	sign carol --add
	keep five
	edition 1 "$HOST/bin/one"
	sign alice
	sign carol --add
	keep one
	restore four
}

# --- the second machine, whose clock is before the date ----------------------------------------------------------

reboot_replay_refused()
{
	[[ $(date +%Y) == 2033 ]] || fail "the clock of this machine says $(date)"
	restore one
	not_applied "version 1 of 'fleet' is older than version 4, in force here since 2035-" 'policy versions --forget fleet'
	now_runs plain "$HOST/bin/one"
	restore four
	applied || return
	now_denied plain "$HOST/bin/two" 'with the clock before the date'
	now_runs plain "$HOST/bin/two.twin"
	restore one
	not_applied "version 1 of 'fleet' is older than version 4" 'policy versions --forget fleet'
	now_denied plain "$HOST/bin/two" 'after the replay'
	restore four
}

# Neither costs a host its policy; both are said.
versions_lost()
{
	mount -o remount,bind,ro /var/lib/embargo || fail 'cannot be made read-only'
	restore five
	applied
	[[ $(<"$SCRATCH/load") == *'/var/lib/embargo/versions cannot be written'* ]] || fail "no warning: $(<"$SCRATCH/load")"
	now_denied plain "$HOST/bin/two"
	mount -o remount,bind,rw /var/lib/embargo
	restore four
	echo damage >>/var/lib/embargo/versions
	applied
	[[ $(<"$SCRATCH/load") == *'/var/lib/embargo/versions is damaged'* ]] || fail "no warning: $(<"$SCRATCH/load")"
	now_denied plain "$HOST/bin/two"
	restore one
	not_applied "version 1 of 'fleet' is older than version 4" 'policy versions --forget fleet'
	still_bans "$HOST/bin/two"
	[[ -s /var/lib/embargo/versions.damaged ]] || fail 'the damaged file is not kept'
	restore four
}

forgotten()
{
	embargo policy versions --forget fleet || fail 'it cannot be forgotten'
	echo 'signatures-required: 1' >/etc/embargo/embargo.yaml
	restore one
	applied || return
	now_denied plain "$HOST/bin/one"
	now_runs plain "$HOST/bin/two"
}

case $BOOT in
1)
	make_pair "$HOST/bin/one" /bin/true
	make_pair "$HOST/bin/two" /bin/true
	anchor office
	anchor elsewhere
	signer alice office
	signer bob office
	signer carol office
	signer stranger elsewhere
	attempt fleet-without-an-anchor no_anchor
	attempt fleet-unsigned-refused unsigned_refused
	attempt fleet-signed-applied signed_applied
	attempt fleet-replay-refused replay_refused
	attempt fleet-other-bytes-refused other_bytes_refused
	attempt fleet-broken-anchor-refused broken_anchor_refused
	attempt fleet-two-signers two_signers
	attempt fleet-revoked-refused revoked_refused
	attempt fleet-expired-enforces expired_enforces
	attempt fleet-waiver-signed waiver_signed
	attempt fleet-clock-set-back clock_set_back
	make_later_editions
	relax
	sync
	;;
2)
	attempt fleet-reboot-replay-refused reboot_replay_refused
	attempt fleet-versions-lost versions_lost
	attempt fleet-forgotten forgotten
	;;
esac
