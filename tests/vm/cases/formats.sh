# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What lay there before the daemon came is refused the first time that it is run, by whose signature or name is in it; its twin,
# of the same format and by somebody else, runs.
#: @one --disk data:512M --add FIXTURES:/t/fixtures --add /usr/bin/fsverity:/t/ --add /usr/bin/evmctl:/t/ --add /usr/bin/openssl:/t/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

export PATH=$PATH:$HERE
WATCH=/run/embargo/watch
BINFMT=/proc/sys/fs/binfmt_misc

# have FILE WHAT: whether the fixtures are there; otherwise what was missing for WHAT.
have()
{
	[[ -e /d/$1 ]] && return
	skip "$(grep "^$2:" /t/missing || printf 'there is no %s' "$1")"
	return 1
}

is_inventoried()
{
	local report=''

	pause 1
	read -rd '' report 2>/dev/null <"$WATCH"
	[[ $report == *'"inventory_done":true'* ]]
}

# said TEXT: in the daemon's journal.
said()
{
	grep -qF "$1" "$SCRATCH/run"
}

# refused_once RULE OPERATION WAY FILE TWIN: exit, counter and event of FILE, which is run once; and the twin that runs. Of a
# buffer the event has no path: the rule's `listed_digest`.
refused_once()
{
	local rule=$1 operation=$2 way=$3 name=$4 before seen

	[[ ! ${listed_digest[$rule]:-} ]] || name="sha256 ${listed_digest[$rule]}"

	read_counters
	before=${counter[denied]}
	run_way "$way" "$4"
	seen=$subject
	looks_refused || fail "not refused when first run: status $status: $output"
	read_counters
	[[ ${counter[denied]} -gt $before ]] || fail "the counter stayed at $before"
	wait_for 50 said "denied $operation of $name: rule $rule" || fail "no event: $(tail -n 2 "$SCRATCH/run")"
	read_counters
	before=${counter[denied]}
	run_way "$way" "$5"
	[[ $status -eq 0 ]] || fail "the twin was stopped: status $status: $output"
	read_counters
	[[ ${counter[denied]} -eq $before ]] || fail "the twin moved the counter"
	agrees_on_pair "$seen" "$subject" "$operation"
}

# first_run RULE OPERATION WAY FILE TWIN: the file was looked into before it was ever run.
first_run()
{
	said "$4 falls under rule $1 of test" || fail "not found: $(grep -F "${4##*/}" "$SCRATCH/run")"
	! said "$5 falls" || fail "the twin was taken for it"
	refused_once "$@"
}

# --- what is installed -----------------------------------------------------------------------------

# What the machine has for other groups need not be looked into here.
modprobe binfmt_misc 2>/dev/null
dummy=$(modinfo -n dummy)
case $dummy in
*.xz) xz -dc "$dummy" ;;
*) cat "$dummy" ;;
esac >"$SCRATCH/dummy.ko"
for folder in /lib/modules /t/modules; do
	[[ ! -d $folder ]] || mount -t tmpfs tmpfs "$folder"
done

mkdir -p /d
mke2fs -q -F -t ext4 -b 4096 -O verity /dev/vda || give_up verity "cannot make a file system with verity"
mount -t ext4 /dev/vda /d 2>/dev/null || mount_ext4 /dev/vda /d
# Each of them is there once.
cp -a /t/fixtures/. /d/
find /t/fixtures -mindepth 1 -delete
mv /d/missing /t/missing
! grep -q '^fixtures: failed' /t/missing || give_up fixtures "$(</t/missing)"
mkdir -p /etc/embargo/signers.d /t/keys
mv /d/*.key /d/*.pem /d/*.der /t/keys/
cp /t/keys/root.pem /etc/embargo/signers.d/

sign_ima()
{
	evmctl ima_sign --key /t/keys/acme.key --hashalgo sha256 /d/ima >"$SCRATCH/evmctl" 2>&1 &&
		evmctl ima_sign --key /t/keys/other.key --hashalgo sha256 /d/ima.twin >>"$SCRATCH/evmctl" 2>&1 && return
	rm /d/ima /d/ima.twin
	printf 'ima: evmctl cannot sign here: %s\n' "$(tr '\n' ' ' <"$SCRATCH/evmctl")" >>/t/missing
}
sign_ima

set_verity()
{
	local name

	[[ -e /d/verity-digest ]] || return
	if ! fsverity enable /d/verity-digest 2>"$SCRATCH/verity" || ! fsverity enable /d/verity-digest.twin; then
		rm /d/verity-*
		printf 'verity: it cannot be enabled: %s\n' "$(<"$SCRATCH/verity")" >>/t/missing
		return
	fi
	trust .fs-verity /t/keys/acme.der 2>"$SCRATCH/verity" && trust .fs-verity /t/keys/other.der 2>"$SCRATCH/verity" &&
		fsverity enable /d/verity-signed --signature=/d/verity-signed.signature 2>"$SCRATCH/verity" &&
		fsverity enable /d/verity-signed.twin --signature=/d/verity-signed.twin.signature && return
	rm /d/verity-signed*
	printf 'verity-signed: the kernel takes no signature: %s\n' "$(<"$SCRATCH/verity")" >>/t/missing
}
set_verity

# make_module NAME AUTHOR: /d/NAME.ko.xz, the stock module with an author in the place of its alias, which is as long. It is
# not signed any more: what is not at the end is no signature.
make_module()
{
	local plain=$SCRATCH/$1.ko

	LC_ALL=C sed "s/alias=rtnl-link-dummy/author=$2/" "$SCRATCH/dummy.ko" >"$plain"
	printf '\n# %s' "$1" >>"$plain"
	listed_digest[$1]=$(digest_of "$plain")
	xz --check=crc32 --lzma2=dict=1MiB -c "$plain" >"/d/$1.ko.xz"
	rm "$plain"
}

make_module author 'Acme Ltd Dummy'
make_module author.twin 'Some Body Else'
rm "$SCRATCH/dummy.ko"

# --- the policy and the daemon ---------------------------------------------------------------------

serial=$(openssl x509 -in /t/keys/acme.pem -noout -serial)
key_id=$(openssl x509 -in /t/keys/acme.pem -noout -ext subjectKeyIdentifier)
key_id=${key_id##*$'\n'} key_id=${key_id//[: ]/}
policy_begin
rule_identity signer banned 'x509: { o: acme ltd }'
rule_identity soname banned 'soname: libacme.so.7'
rule_identity needed banned 'needed: libacme-sdk.so.1'
rule_identity ima banned "ima-key: ${key_id: -8}"
rule_identity author banned 'modinfo: { author: ACME Ltd. dummy }'
rule_identity verity-signer banned "x509: { issuer-cn: root, serial: ${serial#*=} }"
[[ ! -e /d/verity-digest ]] || rule_identity verity banned "fsverity: $(</d/verity-digest.hex)"
[[ ! -e /d/appimage ]] || rule_identity appimage banned "openpgp: $(</d/appimage.fingerprint)"
printf '  - { id: sealed, vendor: acme, schedule: banned, require: valid, any: [ { x509: { o: ACME SEALED Ltd } } ] }\n' \
	>>"$SCRATCH/policy/rules"
POLICY=$(policy_end)

daemon_starts
wait_for 180 is_inventoried || give_up inventory "never done: $(<"$WATCH")"

# --- programs for Windows --------------------------------------------------------------------------

mount -t binfmt_misc binfmt_misc "$BINFMT" 2>/dev/null

# What runs them has nothing to do with Windows: it prints what it was given.
interpret()
{
	[[ ! -e $BINFMT/windows ]] || printf '%s' -1 >"$BINFMT/windows"
	printf ':windows:M::MZ::/bin/echo:%s' "$1" >"$BINFMT/register"
}

# denied_pe FLAGS FILE TWIN
denied_pe()
{
	have "$2" pe || return
	interpret "$1" || { skip "there is no binfmt_misc"; return; }
	first_run signer exec plain "/d/$2" "/d/$3"
	run_way plain "/d/$3"
	[[ $output == "/d/$3"* ]] || fail "the interpreter did not run: $output"
}
attempt pe denied_pe '' sha256.exe plain.exe
attempt pe-by-another denied_pe '' sha1.exe sha1.exe.twin
attempt pe-open-interpreter denied_pe F sha384.exe sha384.exe.twin
attempt pe-nested denied_pe '' nested.exe nested.exe.twin

# As Wine and others do it, who map a program, or the libraries of one, and execute no file at all.
mapped_pe()
{
	have sha512.exe pe || return
	first_run signer map map_private /d/sha512.exe /d/sha512.exe.twin
	now_denied map_shared /d/sha512.exe
	now_denied map_exec /d/sha512.exe
}
attempt pe-mapped mapped_pe

# A signature of that name which is not this file's, and one by an authority that is no anchor of this host.
sealed_pe()
{
	have sealed.exe pe || return
	interpret ''
	first_run sealed exec plain /d/sealed.exe /d/altered.exe
	! said '/d/forged.exe falls' || fail "a stranger's certificate was taken for valid"
	now_runs plain /d/forged.exe forged
	now_runs plain /d/outside.exe outside
	agrees_on_pair /d/sealed.exe /d/forged.exe exec
}
attempt pe-valid sealed_pe

# --- others ----------------------------------------------------------------------------------------

# denied RULE OPERATION FILE WAY WHAT
denied()
{
	have "$3" "$5" || return
	first_run "$1" "$2" "$4" "/d/$3" "/d/$3.twin"
}
attempt appended-cms denied signer exec appended plain appended
attempt soname denied soname map libacme.so dlopen soname
attempt needed denied needed exec needed plain soname
attempt ima denied ima exec ima plain ima
attempt verity-digest denied verity exec verity-digest plain verity
attempt verity-signer denied verity-signer exec verity-signed plain verity-signed
attempt appimage denied appimage exec appimage plain appimage

module_author()
{
	said '/d/author.ko.xz falls under rule author of test' || fail "not found"
	! said '/d/author.twin.ko.xz falls' || fail "the twin was taken for it"
	refused_once author module kmod_xz /d/author.ko /d/author.twin.ko
	now_denied busybox_xz /d/author.ko
}
attempt modinfo module_author

# --- what comes later ------------------------------------------------------------------------------

# Files that are written while the daemon runs, which has looked into them before they are run: as they are installed, with
# the mode just behind the content.
written()
{
	local i

	have sha256.exe pe || return
	interpret ''
	printf 12345678 | cat /d/plain.exe - >/d/written0.exe.twin
	chmod +x /d/written0.exe.twin
	for i in {0..7}; do
		printf '%08d' "$i" | cat /d/sha256.exe - >"/d/written$i.exe"
		chmod +x "/d/written$i.exe"
	done
	for i in {7..0}; do
		wait_for 100 said "/d/written$i.exe falls under rule signer" || fail "not found: $(tail -n 3 "$SCRATCH/run")"
		now_denied plain "/d/written$i.exe" "$i"
	done
	now_runs plain /d/written0.exe.twin "the twin"
}
attempt written written

daemon_ends

# What was found by other anchors is not remembered, neither by the next start nor after a reload.
other_anchors()
{
	have sealed.exe pe || return
	interpret ''
	cp /t/keys/stranger.pem /etc/embargo/signers.d/root.pem
	daemon_starts
	wait_for 100 is_refused /d/forged.exe || fail "not refused by its anchor: $(tail -n 2 "$SCRATCH/run")"
	said '/d/forged.exe falls under rule sealed' || fail "not told"
	now_runs plain /d/outside.exe outside
	cp /t/keys/third.pem /etc/embargo/signers.d/root.pem
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	wait_for 100 is_refused /d/outside.exe || fail "not refused by its anchor after a reload"
	now_runs plain /d/altered.exe altered
	: >/etc/embargo/signers.d/broken.pem
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	wait_for 50 said 'neither good nor bad: /etc/embargo/signers.d/broken.pem: holds no certificate' ||
		fail "nobody says that an anchor is broken"
	daemon_ends
}
attempt other-anchors other_anchors

# --- what is waived by its signer ------------------------------------------------------------------

# waived TICKET FILE: it runs under the waiver, which the journal and check name.
waived()
{
	local answer

	wait_for 100 runs_now "$2" || fail "not waived: $output; $(tail -n 2 "$SCRATCH/run")"
	wait_for 50 said "by ticket $1" || fail "no event of $1: $(tail -n 3 "$SCRATCH/run")"
	answer=$(embargo check --operation exec --policy "$POLICY" --json "$2" 2>&1) || fail "check of $2: $answer"
	[[ $answer == *'"verdict": "audit"'*"\"ticket\": \"$1\""* ]] || fail "check does not say $1: $answer"
}

runs_now()
{
	run_way plain "$1"
	[[ $status -eq 0 ]]
}

# all_refused FILE...: once they have been looked into.
all_refused()
{
	local file

	for file; do
		wait_for 100 is_refused "$file" || fail "$file runs: $(tail -n 2 "$SCRATCH/run")"
		agrees deny "$file" exec
	done
}

# sealed_but_for TICKET IDENTITY: who has the name is banned, and that one waived.
sealed_but_for()
{
	policy_begin
	rule_identity maker banned 'x509: { o: ACME SEALED Ltd }'
	waiver "$1" 2199-01-01T00:00:00Z "x509: { $2 }"
	POLICY=$(policy_end)
}

# A name counts where the signature is over the file and an anchor vouches for who made it: not what was altered after it was
# signed, nor who had a stranger certify the name. A certificate's own digest counts where there are no anchors, which say
# that it is nobody's.
waived_signer()
{
	have sealed.exe pe || return
	interpret ''
	rm -f /etc/embargo/signers.d/*
	cp /t/keys/root.pem /etc/embargo/signers.d/
	sealed_but_for SEC-1 'o: acme sealed ltd'
	daemon_starts
	all_refused /d/altered.exe /d/forged.exe /d/outside.exe
	waived SEC-1 /d/sealed.exe
	rm /etc/embargo/signers.d/root.pem
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	now_denied plain /d/sealed.exe 'its anchor has gone'
	sealed_but_for SEC-2 "sha256: $(openssl x509 -in /t/keys/forger.pem -outform DER | sha256sum | cut -d ' ' -f 1)"
	embargo reload --policy "$POLICY" >"$SCRATCH/output" 2>&1 || fail "reload: $(<"$SCRATCH/output")"
	all_refused /d/sealed.exe /d/altered.exe /d/outside.exe
	waived SEC-2 /d/forged.exe
	daemon_ends
	now_runs plain /d/forged.exe 'without the daemon'
	now_denied plain /d/sealed.exe 'without the daemon'
}
attempt waived-signer waived_signer

[[ ! -e $BINFMT/windows ]] || printf '%s' -1 >"$BINFMT/windows"
relax
