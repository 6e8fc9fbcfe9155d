# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A host with a guard: signers, a signed policy that denies /d/listed, a daemon, tokens. See lib.sh.

CONFIG=/etc/embargo
POLICIES=$CONFIG/policy.d
KEYS=$SCRATCH/keys

mkdir -p "$POLICIES" "$CONFIG/trust.d" /var/lib/embargo "$KEYS"
printf '[req]\ndistinguished_name = none\n[none]\n' >"$SCRATCH/openssl.cnf"
export OPENSSL_CONF=$SCRATCH/openssl.cnf
printf '%032x\n' 77 >/etc/machine-id
ours=$(</etc/machine-id)

# mount_state DEVICE: the state on a file system of its own, /state, on which also the generation of a number may be changed.
mount_state()
{
	mkdir -p /state
	if ! mke2fs -q -F -t ext4 -m 0 -O ^metadata_csum "$1" || ! mount -t ext4 "$1" /state ||
		! mkdir /state/embargo || ! mount --bind /state/embargo /var/lib/embargo; then
		give_up state "no file system on $1"
	fi
}

make_anchor()
{
	{
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=anchor \
			-addext basicConstraints=critical,CA:TRUE -keyout "$KEYS/anchor.key" -out "$KEYS/anchor.pem"
		openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=signer \
			-addext extendedKeyUsage=codeSigning -keyout "$KEYS/signer.key" -out "$SCRATCH/request"
		openssl x509 -req -copy_extensions copy -days 30 -CA "$KEYS/anchor.pem" -CAkey "$KEYS/anchor.key" -set_serial 100 \
			-in "$SCRATCH/request" -out "$KEYS/signer.pem"
	} 2>"$SCRATCH/openssl.err"
	[[ -s $KEYS/signer.pem ]] || give_up anchor "$(<"$SCRATCH/openssl.err")"
}

sign()
{
	embargo policy sign --key "$KEYS/signer.key" --certificate "$KEYS/signer.pem" "$1" >"$SCRATCH/sign" 2>&1 ||
		give_up sign "$(<"$SCRATCH/sign")"
}

make_policy()
{
	printf '%s:%s:x\n' "$(digest_of /d/listed)" "$(stat -c %s /d/listed)" >"$POLICIES/list.hsb"
	printf '%s\n' 'policy: host' 'version: 1' 'vendors: [ { id: acme } ]' \
		'schedules: { banned: [ { at: "2018-01-01T00:00:00Z", action: deny } ] }' \
		"rules: [ { id: r, vendor: acme, schedule: banned, digests: { file: list.hsb, of: elf, sha256: $(digest_of "$POLICIES/list.hsb") } } ]" \
		>"$POLICIES/host.yaml"
	sign "$POLICIES/host.yaml"
}

# keep_files / restore_files: the configuration, as it was before a way was tried on it.
keep_files()
{
	rm -rf "$SCRATCH/kept"
	cp -a "$CONFIG" "$SCRATCH/kept"
}

restore_files()
{
	local moved

	for moved in /etc-away /var-away; do
		[[ ! -d $moved ]] || mv "$moved" "${moved%-away}"
	done
	rm -rf "$CONFIG" "$CONFIG-away" /var/lib/embargo-away /other-name
	cp -a "$SCRATCH/kept" "$CONFIG"
	mkdir -p /var/lib/embargo
}

# start_daemon MODE: leaves its number in `daemon`.
start_daemon()
{
	printf 'guard: %s\n' "$1" >"$CONFIG/embargo.yaml"
	: >"$SCRATCH/run" # what another wrote there is not this one's
	embargo run >"$SCRATCH/run" 2>&1 &
	# shellcheck disable=SC2034  # it is for the group
	daemon=$!
	wait_for 600 grep -q 'enforcing: 1 policies' "$SCRATCH/run" || give_up run "run does not enforce: $(<"$SCRATCH/run")"
}

# make_token FILE MACHINE FROM UNTIL [KEY]: times as seconds from now.
make_token()
{
	printf 'unlock: guard\nmachine-id: "%s"\nfrom: "%s"\nuntil: "%s"\nticket: OPS-1\nreason: a test\n' "$2" "$(at "$3")" "$(at "$4")" >"$1"
	openssl cms -sign -binary -md sha256 -outform DER -signer "$KEYS/${5:-signer}.pem" -inkey "$KEYS/${5:-signer}.key" -in "$1" \
		-out "$1.p7s" 2>"$SCRATCH/openssl.err" || fail "the token: $(<"$SCRATCH/openssl.err")"
}

# unlock SECONDS: the guard is open for so long, if nobody closes it before.
unlock()
{
	make_token /d/token "$ours" -60 "$1"
	embargo guard unlock /d/token >"$SCRATCH/output" 2>&1 || fail "refused: $(<"$SCRATCH/output")"
}

closed_again()
{
	[[ $(embargo guard status) == on* ]]
}

# without_hook: where this run is to do without a hook of the guard's, its link goes while a token has opened it.
without_hook()
{
	[[ $DETACH == guard_* ]] || return 0
	unlock 10
	rm "/sys/fs/bpf/embargo-guard/links/$DETACH" || give_up detach "there is no link $DETACH among: $(ls /sys/fs/bpf/embargo-guard/links)"
	wait_for 600 closed_again || give_up detach "the guard does not close"
}
