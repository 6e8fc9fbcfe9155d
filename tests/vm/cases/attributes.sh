#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a file system knows of a file: `identify` tells its fs-verity digest, that digest's signer, and IMA's key.
#: @one --disk data:512M --add /usr/bin/openssl:/t/ --add /usr/bin/fsverity:/t/ --add /usr/bin/evmctl:/t/

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh

export PATH=$PATH:$HERE
mkdir -p /d
mke2fs -q -F -t ext4 -b 4096 -O verity /dev/vda || give_up verity "cannot make a file system with verity"
mount -t ext4 /dev/vda /d || give_up verity "this kernel mounts no ext4 with verity"
cd "$SCRATCH" || exit 1
cat >settings <<'END'
[req]
distinguished_name = name
prompt = no
x509_extensions = extensions
[name]
O = AO Example
CN = Throw Away
[extensions]
subjectKeyIdentifier = hash
END
made=$(openssl req -x509 -newkey rsa:2048 -nodes -config settings -keyout key -out certificate -days 100 2>&1) ||
	give_up attributes "no certificate: $made"
openssl x509 -in certificate -outform DER -out certificate.der

# has FILE KIND VALUE: `identify` tells this identity, and no fault.
has()
{
	said=$(embargo identify --json "$1" 2>&1) || fail "identify: $said"
	tr -d ' \n' <<<"$said" | grep -qF "\"kind\":\"$2\",\"value\":\"$3" || fail "no $2 $3 in $said"
	tr -d ' \n' <<<"$said" | grep -qF '"faults":[]' || fail "faults in $said"
}

verity_digest()
{
	cp /bin/true /d/plain
	has /d/plain path /d/plain
	[[ $said != *fsverity* ]] || fail "it has a digest before it has verity: $said"
	fsverity enable /d/plain || { fail "verity cannot be enabled"; return; }
	digest=$(fsverity measure /d/plain)
	digest=${digest#sha256:}
	has /d/plain fsverity "${digest%% *}"
}
attempt verity-digest verity_digest

verity_signer()
{
	cp /bin/true /d/signed
	fsverity sign /d/signed signature --key=key --cert=certificate >/dev/null || { fail "it cannot be signed"; return; }
	trust .fs-verity certificate.der || { fail "the kernel takes no key"; return; }
	fsverity enable /d/signed --signature=signature || { fail "the kernel takes no signature"; return; }
	digest=$(fsverity measure /d/signed)
	digest=${digest#sha256:}
	has /d/signed fsverity "${digest%% *}"
	serial=$(openssl x509 -in certificate -noout -serial | tr A-F a-f | sed 's/.*=0*//')
	grep -qF "$serial" <<<"$said" || fail "no signer of serial $serial in $said"
}
attempt verity-signer verity_signer

ima_key()
{
	cp /bin/true /d/ima
	evmctl ima_sign --key key --hashalgo sha256 /d/ima >/dev/null 2>&1 || { skip "evmctl cannot sign here"; return; }
	id=$(openssl x509 -in certificate -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :\n' | tr A-F a-f)
	has /d/ima ima-key "${id: -8}"
}
attempt ima-key ima_key
