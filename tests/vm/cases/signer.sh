#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel module whose signature names a banned signer does not get into the kernel, however it is handed over; any other does.
#: @one --disk data:512M --add MODULES:/t/modules --add /usr/bin/openssl:/usr/bin/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

export OPENSSL_CONF=$SCRATCH/openssl.cnf
MARK='~Module signature appended~'

# make_key NAME COMMON-NAME SERIAL: a throw-away key, and a certificate that it issues to itself.
make_key()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -set_serial "$3" -utf8 \
		-addext subjectKeyIdentifier=hash -subj "/O=Test/CN=$2" -keyout "$SCRATCH/$1.key" -out "$SCRATCH/$1.crt" \
		2>"$SCRATCH/openssl.err" || give_up "key-$1" "$(<"$SCRATCH/openssl.err")"
}

# strip_signature FILE: the module as it was before it was signed. The end of it is 12 bytes, of which the last four say how
# long the signature is, and the mark.
strip_signature()
{
	local size length

	size=$(stat -c %s "$1")
	[[ $(tail -c 28 "$1") == "$MARK" ]] || return 0
	length=$((16#$(tail -c 32 "$1" | head -c 4 | od -An -tx1 | tr -d ' ')))
	truncate -s $((size - 40 - length)) "$1"
}

# append_signature FILE SIGNATURE: as the kernel's own sign-file does; 2 is PKEY_ID_PKCS7.
append_signature()
{
	local length

	printf -v length '%08x' "$(stat -c %s "$2")"
	{
		cat "$2"
		printf '\0\0\2\0\0\0\0\0'
		printf '%b' "\\x${length:0:2}\\x${length:2:2}\\x${length:4:2}\\x${length:6:2}"
		printf '%s\n' "$MARK"
	} >>"$1"
}

# sign FILE KEY [OPTION...]
sign()
{
	local file=$1 key=$2

	shift 2
	openssl cms -sign -binary -outform DER -nocerts -noattr -nosmimecap -md sha256 "$@" -in "$file" \
		-signer "$SCRATCH/$key.crt" -inkey "$SCRATCH/$key.key" -out "$SCRATCH/signature" 2>"$SCRATCH/openssl.err" ||
		give_up "sign-$key" "$(<"$SCRATCH/openssl.err")"
	append_signature "$file" "$SCRATCH/signature"
}

# make_module NAME KEY [OPTION...]: /d/NAME.ko, with content of its own, signed; and its compressed form.
make_module()
{
	cp "$SCRATCH/dummy.ko" "/d/$1.ko"
	printf '%s' "$1" >>"/d/$1.ko"
	sign "/d/$1.ko" "${@:2}"
	xz --check=crc32 --lzma2=dict=1MiB -c "/d/$1.ko" >"/d/$1.ko.xz"
}

find_module()
{
	local found

	found=$(modinfo -n dummy) || give_up module "this kernel has no dummy.ko"
	case $found in
	*.xz) xz -dc "$found" >"$1" ;;
	*) cp "$found" "$1" ;;
	esac
}

printf '[req]\ndistinguished_name = name\n[name]\n' >"$OPENSSL_CONF"
mount_ext4 /dev/vda /d
find_module "$SCRATCH/dummy.ko"
strip_signature "$SCRATCH/dummy.ko"
make_key name 'ACME  Kernel-Modules, Inc.' 0x1234
make_key serial 'Somebody Else' 0x00C0FFEE0123456789
make_key id 'Somebody Third' 77
make_key both 'Both Sides' 0x4321
make_key other 'ACME Kernel Modules' 0x77
key_id=$(openssl x509 -in "$SCRATCH/id.crt" -noout -ext subjectKeyIdentifier)
key_id=${key_id##*$'\n'} key_id=${key_id//[: ]/}
can_decompress=''
if without_module modprobe dummy; then :; else give_up dummy "it cannot be loaded at all"; fi

ways=(finit init kmod busybox kmod_xz busybox_xz finit_xz)
for way in "${ways[@]}"; do
	make_module "name-$way" name
	make_module "other-$way" other
done
make_module serial serial
make_module id id -keyid
make_module both both
make_module half other -keyid
make_module second other -signer "$SCRATCH/name.crt" -inkey "$SCRATCH/name.key"
cp "$SCRATCH/dummy.ko" /d/unsigned.ko
if way_finit_xz /d/other-finit_xz.ko 2>/dev/null; then can_decompress=yes; fi

policy_begin
rule_identity signer-name banned 'module-signer: { issuer-cn: acme kernel modules inc }'
rule_identity signer-serial banned 'module-signer: { serial: c0ffee0123456789 }'
rule_identity signer-id banned "module-signer: { key-id: $key_id }"
rule_identity signer-both banned 'module-signer: { issuer-cn: BOTH SIDES, serial: "4321" }'
rule_identity signer-half banned 'module-signer: { issuer-cn: ACME Kernel Modules, serial: "4321" }'
enforce

# refused RULE WAY FILE IDENTITY: with an event that names the rule, the module's digest, and whose it is.
refused()
{
	local before

	read_counters
	before=${counter[denied]}
	run_way "$2" "$3"
	looks_refused || fail "not refused: status $status: $output"
	read_counters
	[[ ${counter[denied]} -gt $before ]] || fail "the counter stayed at $before"
	take_events
	events_with verdict=deny "rule=$1" operation=module "sha256=$(digest_of "$3")" "identity=module-signer $4" >/dev/null ||
		fail "no event of rule $1, of $4: ${events:-no event at all}"
	agrees deny "$subject" module
}

loads()
{
	local before

	read_counters
	before=${counter[denied]}
	run_way "$1" "$2"
	[[ $status -eq 0 ]] || fail "stopped: status $status: $output"
	read_counters
	[[ ${counter[denied]} -eq $before ]] || fail "the counter moved"
	agrees allow "$subject" module
}

# Before 6.19 the kernel would decompress it unseen, and ENOSYS sends who asks to decompress it: nobody gets in this way.
finit_compressed()
{
	if [[ ! $can_decompress ]]; then
		run_way finit_xz /d/name-finit_xz.ko
		[[ $status -ne 0 ]] || fail "a compressed banned module was loaded"
		skip "this kernel cannot decompress modules"
		return
	fi
	run_way finit_xz /d/other-finit_xz.ko
	if [[ $status -ne 0 && $output == *ENOSYS* ]]; then
		run_way finit_xz /d/name-finit_xz.ko
		[[ $status -ne 0 ]] || fail "a compressed banned module was loaded"
		return
	fi
	refused signer-name finit_xz /d/name-finit_xz.ko "$whole_name"
	loads finit_xz /d/other-finit_xz.ko
}

by_name()
{
	refused signer-name "$1" "/d/name-$1.ko" "$whole_name"
	loads "$1" "/d/other-$1.ko"
}

whole_name='issuer-cn=acme kernel modules inc, serial=1234'
for way in "${ways[@]}"; do
	case $way in
	finit_xz) attempt signer-name-finit_xz finit_compressed ;;
	*) attempt "signer-name-$way" by_name "$way" ;;
	esac
done
attempt signer-serial refused signer-serial finit /d/serial.ko 'issuer-cn=somebody else, serial=c0ffee0123456789'
# The kernel half keeps no zero bytes before a number.
told=${key_id,,}
while [[ $told == 00* ]]; do told=${told#00}; done
attempt signer-key-id refused signer-id init /d/id.ko "key-id=$told"
attempt signer-name-and-serial refused signer-both finit /d/both.ko 'issuer-cn=both sides, serial=4321'
attempt signer-second refused signer-name finit /d/second.ko "$whole_name"
attempt signer-name-with-another-serial loads finit /d/other-finit.ko
attempt signer-other-key-id loads finit /d/half.ko
attempt unsigned-module loads finit /d/unsigned.ko

# A signature that is cut, or whose lengths lead elsewhere, names nobody; and the kernel refuses it or not as ever.
damaged()
{
	local file=/d/damaged.ko at size

	size=$(stat -c %s /d/name-finit.ko)
	read_counters
	for at in 41 60 90 120 150 200; do
		cp /d/name-finit.ko "$file"
		printf '\377\377\377\377' | dd of="$file" bs=1 seek=$((size - at)) conv=notrunc status=none
		run_way finit "$file"
	done
	for at in 1 28 29 40; do
		head -c $((size - at)) /d/name-finit.ko >"$file"
		run_way finit "$file"
	done
	run_way finit /d/other-init.ko
	[[ $status -eq 0 ]] || fail "another module is stopped: $output"
}
attempt damaged-signatures damaged

# All modules of the kernel's package: no rule speaks of their signer. Where they are compressed, each fourth: to decompress
# a thousand takes an emulator more than a minute.
package_loads()
{
	local list=$SCRATCH/list answer folder=/t/modules

	if [[ $(find /t/modules -name '*.xz' -print -quit) ]]; then
		folder=/d/package
		mkdir -p "$folder"
		find /t/modules -name '*.xz' | awk 'NR % 4 == 1' | xargs cp -t "$folder"
		xz -d "$folder"/*.xz
	fi
	find "$folder" -name '*.ko' >"$list"
	[[ $(wc -l <"$list") -gt 200 ]] || fail "only $(wc -l <"$list") modules"
	read_counters
	answer=$(module count <"$list" 2>&1)
	[[ $answer == "asked=$((2 * $(wc -l <"$list"))) refused=0" ]] || fail "$answer"
	rm -rf /d/package
}
attempt package-loads package_loads

# And some of it for good.
stock_loads()
{
	local name

	for name in loop isofs squashfs dummy; do
		modprobe -r "$name" 2>/dev/null
		modprobe "$name" || fail "$name was stopped"
	done
	rmmod dummy
}
attempt stock-modules stock_loads

# waived TICKET WAY FILE: it gets into the kernel, and the event says by which ticket and still whose it is.
waived()
{
	run_way "$2" "$3"
	[[ $status -eq 0 ]] || fail "$2 under $1: stopped: status $status: $output"
	take_events
	events_with verdict=audit operation=module "ticket=$1" "sha256=$(digest_of "$3")" \
		"identity=module-signer $whole_name" >/dev/null || fail "$2: no event of $1: ${events:-none}"
	agrees audit "$subject" module
}

# A waiver of one module against a rule that knows only its signer: nobody wanted its digest. And one of the signer.
waived_signers()
{
	policy_begin
	rule_identity signer-name banned 'module-signer: { issuer-cn: acme kernel modules inc }'
	waiver SEC-1 2199-01-01T00:00:00Z "sha256: $(digest_of /d/name-finit.ko)"
	enforce
	waived SEC-1 finit /d/name-finit.ko
	run_way init /d/name-finit.ko
	[[ $status -eq 0 ]] || fail "from memory: stopped: status $status: $output"
	take_events
	events_with verdict=audit ticket=SEC-1 action=deny >/dev/null || fail "the repetition tells of no ticket: $events"
	refused signer-name init /d/name-init.ko "$whole_name"
	policy_begin
	rule_identity signer-name banned 'module-signer: { issuer-cn: acme kernel modules inc }'
	rule_file listed banned module /d/name-init.ko
	waiver SEC-2 2199-01-01T00:00:00Z 'module-signer: { serial: "1234" }'
	enforce
	waived SEC-2 finit /d/name-finit.ko
	run_way init /d/name-init.ko
	[[ $status -eq 0 ]] || fail "listed too, from memory: stopped: status $status: $output"
	policy_begin
	rule_identity signer-name banned 'module-signer: { issuer-cn: acme kernel modules inc }'
	waiver SEC-3 2199-01-01T00:00:00Z 'module-signer: { issuer-cn: somebody else }'
	enforce
	refused signer-name finit /d/name-finit.ko "$whole_name"
}
attempt waived-signers waived_signers

# A rule about signers alone brings the hooks, and takes them away again.
hooks_come()
{
	local hook

	for hook in kernel_post_read kernel_post_load; do
		[[ -e $PINS/links/$hook ]] || fail "$hook is not attached"
	done
	policy_begin
	rule_identity path-only banned 'path: /nowhere/at/all'
	enforce
	for hook in kernel_post_read kernel_post_load; do
		[[ ! -e $PINS/links/$hook ]] || fail "$hook is still attached"
	done
	run_way finit /d/serial.ko
	[[ $status -eq 0 ]] || fail "stopped without a rule: $output"
}
attempt hooks-for-signers hooks_come
