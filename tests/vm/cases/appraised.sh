#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where IMA appraises modules none comes from memory: what would make compressed ones come from there is refused.
#: --disk data:64M

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

decompresses=''
if [[ -e /sys/module/compression ]]; then decompresses=yes; fi
hands_back=''
if [[ $decompresses && $(printf '%s\n' 6.19 "$(uname -r)" | sort -V | head -n 1) != 6.19 ]]; then hands_back=yes; fi

signers()
{
	policy_begin
	rule_identity signer banned 'module-signer: { issuer-cn: acme }'
	POLICY=$(policy_end)
}

lint()
{
	signers
	output=$(embargo policy lint "$POLICY" 2>&1) && status=0 || status=$?
}

# Where IMA has no policy there is nothing to say against them.
taken()
{
	lint
	[[ $status -eq 0 ]] || fail "lint: $output"
	enforce "$POLICY"
	relax
}
attempt appraised-not-yet taken

# This kernel keeps its policy to itself: who gave it one knows.
policy='appraise func=MODULE_CHECK appraise_type=imasig'
printf '%s\n' "$policy" >/sys/kernel/security/ima/policy || give_up appraised "IMA takes no policy"

# What the rest stands on: this kernel says no to any bytes from memory before it looks at them.
kernel_takes_none()
{
	head -c 4096 /dev/zero >"$SCRATCH/nothing.ko"
	run_way init "$SCRATCH/nothing.ko"
	[[ $status -ne 0 && $output == *EACCES* ]] || fail "status $status: $output"
}
attempt appraised-kernel-takes-none kernel_takes_none

# told TEXT...
told()
{
	local text

	for text; do
		[[ $output == *"$text"* ]] || fail "'$text' is not in: $output"
	done
}

# What cannot be told is not tried out: a load is refused, and who writes the policy, perhaps elsewhere, is warned.
unknown_is_refused()
{
	lint
	[[ $status -eq 0 ]] || fail "lint: status $status: $output"
	if [[ $hands_back ]]; then
		told warning 'cannot be read'
		output=$(embargo load --policy "$POLICY" 2>&1) && fail "load went well: $output"
		told "rule 'signer'" 'cannot be read' 'module.sig_enforce=1'
	else
		enforce "$POLICY"
		relax
	fi
}
attempt appraised-unknown-is-refused unknown_is_refused

mkdir -p /etc/ima
printf '%s\n' "$policy" >/etc/ima/ima-policy

signers_are_refused()
{
	lint
	if [[ ! $hands_back ]]; then
		[[ $status -eq 0 ]] || fail "lint on a kernel that hands nothing back: $output"
		enforce "$POLICY"
		relax
		return
	fi
	[[ $status -eq 2 ]] || fail "lint: status $status: $output"
	told "rule 'signer'" 'IMA appraises modules' 'module.sig_enforce=1'
	output=$(embargo load --policy "$POLICY" 2>&1) && fail "load went well: $output"
	told "rule 'signer'" 'IMA appraises modules' 'module.sig_enforce=1'
	[[ ! -d /sys/fs/bpf/embargo ]] || fail "something is in force"
}
attempt appraised-signers-are-refused signers_are_refused

# A reload that brings such a rule leaves what was in force.
reload_is_refused()
{
	make_pair "$SCRATCH/program" /bin/true
	policy_begin
	rule_file listed banned any "$SCRATCH/program"
	enforce
	if [[ $hands_back ]]; then
		signers
		output=$(embargo reload --policy "$POLICY" 2>&1) && fail "reload went well: $output"
		told 'IMA appraises modules'
	fi
	now_denied plain "$SCRATCH/program" "what was listed before"
	relax
}
attempt appraised-reload-is-refused reload_is_refused

# The digests of listed modules are in force without it; doctor tells what is not covered.
doctor_tells()
{
	output=$(embargo doctor 2>&1)
	if [[ $hands_back ]]; then
		told 'cannot be handed back' 'IMA appraises modules'
	else
		[[ $output != *'cannot be handed back'* ]] || fail "$output"
	fi
}
attempt appraised-doctor-tells doctor_tells

# With signatures enforced by the kernel itself IMA takes modules from memory, and so does a policy.
signatures_enforced()
{
	printf Y >/sys/module/module/parameters/sig_enforce
	lint
	[[ $status -eq 0 ]] || fail "lint: status $status: $output"
	enforce "$POLICY"
	relax
}
attempt appraised-until-signatures-are-enforced signatures_enforced

rm -r /etc/ima
