#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a waiver is for runs until the waiver's second and not in it, whatever it is refused for; nothing else does.
#: @one --disk data:512M --add VMLINUZ:/t/vmlinuz

# shellcheck source=tests/vm/lib.sh
. /t/lib.sh
# shellcheck source=tests/vm/ways.sh
. /t/ways.sh

mount_ext4 /dev/vda /d
FAR=2199-01-01T00:00:00Z

# waived TICKET WAY FILE [OPERATION]: it runs, an event says by which ticket, and check says the same.
waived()
{
	local operation=${4:-exec}

	now_runs "$2" "$3" "$2 under $1"
	take_events
	events_with verdict=audit "operation=$operation" "ticket=$1" >/dev/null || fail "$2: no event of $1: ${events:-none}"
	! events_with verdict=deny >/dev/null || fail "$2: denied as well: $events"
	says_waived "$1" "$3" "$operation"
}

# says_waived TICKET FILE OPERATION: embargo check.
says_waived()
{
	local answer

	answer=$(embargo check --operation "$3" --policy "$POLICY" --json "$2" 2>&1) || fail "check of $2: $answer"
	[[ $answer == *'"verdict": "audit"'*"\"ticket\": \"$1\""* ]] || fail "check does not say $1: $answer"
}

# still_denied WAY FILE [POLICY]: and the event names no ticket.
still_denied()
{
	take_events
	now_denied "$1" "$2" "${3:-}"
	take_events
	events_with verdict=deny ${3:+"policy=$3"} >/dev/null || fail "$1: no event of a denial: ${events:-none}"
	[[ $events != *'"ticket"'* ]] || fail "$1: a denial names a ticket: $events"
	agrees deny "$2" exec
}

# A waiver of the digest, against a rule that lists it.
by_digest()
{
	local file=$1/by-digest

	make_pair "$file" /bin/true
	policy_begin
	rule_file listed banned elf "$file"
	rule_file other banned elf "$file.twin"
	waiver SEC-1 "$FAR" "sha256: $(digest_of "$file")"
	enforce
	waived SEC-1 plain "$file"
	waived SEC-1 ldso "$file" map
	now_runs map_private "$file" 'a mapping that only reads'
	still_denied plain "$file.twin"
}
attempt digest by_digest /d
attempt digest-tmpfs by_digest "$SCRATCH"

# ... and against a rule that knows nothing but the path: nobody wanted its digest before.
by_digest_below()
{
	mkdir -p "$1/below"
	make_pair "$1/below/a" /bin/true
	policy_begin
	rule_identity below banned "path: $1/below/"
	waiver SEC-2 "$FAR" "sha256: $(digest_of "$1/below/a")"
	enforce
	waived SEC-2 plain "$1/below/a"
	waived SEC-2 ldso "$1/below/a" map
	still_denied plain "$1/below/a.twin"
	overwrite "$1/below/a" "$1/below/a.twin"
	still_denied plain "$1/below/a"
}
attempt digest-for-path by_digest_below /d
attempt digest-for-path-tmpfs by_digest_below "$SCRATCH"

# A waiver of a path: there it runs, and nowhere else.
by_path()
{
	mkdir -p /d/desk
	make_pair /d/desk/a /bin/true
	cp /d/desk/a /d/elsewhere
	policy_begin
	rule_file listed banned elf /d/desk/a
	waiver SEC-3 "$FAR" 'path: /d/desk/'
	enforce
	waived SEC-3 plain /d/desk/a
	now_runs map_private /d/desk/a 'a mapping that only reads'
	still_denied plain /d/elsewhere
	policy_begin
	rule_file listed banned elf /d/desk/a
	rule_identity below banned 'path: /d/desk/'
	waiver SEC-4 "$FAR" 'path: /d/desk/a'
	enforce
	waived SEC-4 plain /d/desk/a
	still_denied plain /d/desk/a.twin
}
attempt path by_path

# A file that cannot be hashed has no digest that could be waived; its path can be.
by_path_on_error()
{
	mkdir -p /d/large /etc/embargo
	make_pair /d/large/a /bin/true
	truncate -s 2M /d/large/a /d/large/a.twin
	cp /d/large/a /d/large-elsewhere
	printf 'max-hash: 1 MiB\n' >/etc/embargo/embargo.yaml
	policy_begin deny
	rule_file listed banned elf /d/large/a.twin
	waiver SEC-5 "$FAR" 'path: /d/large/'
	enforce
	rm /etc/embargo/embargo.yaml
	now_runs plain /d/large/a
	take_events
	events_with verdict=audit ticket=SEC-5 >/dev/null || fail "no event: $events"
	now_denied plain /d/large-elsewhere
}
attempt path-on-error by_path_on_error

# What the host's settings ask for besides is in force beside the policy, and told as the host's.
by_host()
{
	mkdir -p /etc/embargo
	make_pair /d/raised /bin/true
	policy_begin
	schedule later "2198-01-01T00:00:00Z=deny"
	rule_file raised later elf /d/raised
	rule_file other later elf /d/raised.twin
	printf 'stricter: [ { policy: test, rule: raised, action: deny } ]\n' >/etc/embargo/embargo.yaml
	enforce
	now_denied plain /d/raised
	take_events
	events_with verdict=deny 'authority=host settings' rule=raised >/dev/null || fail "no event of it: $events"
	now_runs plain /d/raised.twin
	agrees deny /d/raised exec
	waiver SEC-16 "$FAR" "sha256: $(digest_of /d/raised)"
	enforce
	waived SEC-16 plain /d/raised
	printf 'stricter: [ { policy: test, action: off } ]\n' >/etc/embargo/embargo.yaml
	embargo reload --policy "$POLICY" >"$SCRATCH/load" 2>&1 && fail "off was taken: $(<"$SCRATCH/load")"
	grep -q 'embargo.yaml:1:37: .*only a waiver weakens' "$SCRATCH/load" || fail "in other words: $(<"$SCRATCH/load")"
	rm /etc/embargo/embargo.yaml
}
attempt stricter by_host

# second [WAIVES]: a policy of its own beside the first, which lists FILE; or waivers alone.
second_policy()
{
	local folder=$SCRATCH/policy

	{
		printf 'policy: second\nversion: 1\nvendors: [ { id: acme } ]\n'
		printf 'schedules: { s: [ { at: "%s", action: deny } ] }\nrules:\n' "$LONG_AGO"
		printf '  - { id: theirs, vendor: acme, schedule: s, any: [ { sha256: "%s", size: %s } ] }\n' \
			"$(digest_of "$1")" "$(stat -c %s "$1")"
	} >"$folder/second.yaml"
}

# waivers_apart WAIVES TICKET DIGEST
waivers_apart()
{
	printf 'policy: apart\nversion: 1\nwaives: %s\nwaivers:\n  - { sha256: "%s", until: "%s", ticket: %s, reason: r, by: b }\n' \
		"$1" "$3" "$FAR" "$2" >"$SCRATCH/policy/apart.yaml"
}

# A policy waives its own rules; what another asks for stands.
scopes()
{
	local digest

	make_pair /d/shared /bin/true
	digest=$(digest_of /d/shared)
	policy_begin
	rule_file listed banned elf /d/shared
	waiver SEC-6 "$FAR" "sha256: $digest"
	second_policy /d/shared
	policy_end >"$SCRATCH/name"
	enforce "$SCRATCH/policy"
	still_denied plain /d/shared second
	waivers_apart '[ second ]' SEC-7 "$digest"
	enforce "$SCRATCH/policy"
	now_runs plain /d/shared
	take_events
	events_with verdict=audit >/dev/null || fail "no event: $events"
	[[ $events == *SEC-[67]* ]] || fail "the event names neither ticket: $events"
	: >"$SCRATCH/policy/waivers"
	policy_end >"$SCRATCH/name"
	enforce "$SCRATCH/policy"
	still_denied plain /d/shared test
	waivers_apart any SEC-8 "$digest"
	enforce "$SCRATCH/policy"
	waived SEC-8 plain /d/shared
	waivers_apart '[ nobody ]' SEC-9 "$digest"
	enforce "$SCRATCH/policy"
	still_denied plain /d/shared
}
attempt scopes scopes

way_kexec_memory()
{
	subject=''
	kexec memory
}

# kexec_policy: an image that is listed, and kexec_load(2), which names no file.
kexec_policy()
{
	policy_begin
	rule_file image banned any /d/image
	rule_identity memory banned 'memory: kexec'
}

# kexec_waived TICKET WAY: it loads, and the event has the rule and the ticket.
kexec_waived()
{
	now_runs "$2" /d/image "$2 under $1"
	take_events
	events_with verdict=audit action=deny operation=kexec "ticket=$1" >/dev/null || fail "$2: no event of $1: ${events:-none}"
	! events_with verdict=deny >/dev/null || fail "$2: denied as well: $events"
}

# kexec_denied WAY RULE: whatever the other way is waived for.
kexec_denied()
{
	now_denied "$1" /d/image "$1"
	take_events
	events_with verdict=deny operation=kexec "rule=$2" >/dev/null || fail "$1: no event of a denial: ${events:-none}"
	[[ $events != *'"ticket"'* ]] || fail "$1: a denial names a ticket: $events"
}

# A kernel that takes over: by its image, and by the system call that is given no image; neither speaks for the other.
by_kexec()
{
	local end

	make_pair /d/image /t/vmlinuz
	kexec_policy
	waiver SEC-17 "$FAR" "sha256: $(digest_of /d/image)"
	enforce
	kexec_waived SEC-17 kexec
	says_waived SEC-17 /d/image kexec
	kexec_denied kexec_memory memory
	kexec_policy
	waiver SEC-18 "$FAR" 'memory: kexec'
	enforce
	kexec_waived SEC-18 kexec_memory
	kexec_denied kexec image
	kexec_policy
	end=$(at 6)
	waiver SEC-19 "$end" 'memory: kexec'
	enforce
	kexec_waived SEC-19 kexec_memory
	wait_until "$end"
	pause 0.05
	kexec_denied kexec_memory memory
}
attempt kexec by_kexec

# Without a daemon, and with nobody there: until its second, and no longer, whatever is done to the clock.
until_its_second()
{
	local end

	clock synchronise
	make_pair /d/dated /bin/true
	policy_begin
	rule_file listed banned elf /d/dated
	waiver SEC-10 "$(at 3600)" 'path: /d/dated' "from: \"$(at 1800)\""
	end=$(at 8)
	waiver SEC-11 "$end" "sha256: $(digest_of /d/dated)"
	enforce
	waived SEC-11 plain /d/dated
	[[ $(embargo status --json) == *'"ticket": "SEC-11"'* ]] || fail "status does not say what ends next: $(embargo status)"
	agrees deny /d/dated exec "$end"
	agrees audit /d/dated exec "$(at 1900)"
	agrees deny /d/dated exec "$(at 3600)"
	wait_until "$end"
	pause 0.05
	still_denied plain /d/dated
	date -s "$(at -600)" >/dev/null
	now_denied plain /d/dated 'with the clock set back'
	date -s "$(at 600)" >/dev/null
}
attempt until-its-second until_its_second

# An identity that is found in files: by what the watch learns, in force also when it has gone.
by_build_id()
{
	mkdir -p /d/found
	make_pair /d/found/a "$HERE/bin/branded"
	install -m 0755 "$HERE/bin/tiny" /d/found/b
	policy_begin
	rule_identity below banned 'path: /d/found/'
	rule_file listed banned elf /d/found/a
	waiver SEC-12 "$FAR" 'build-id: acacacacacacacacacacacacacacacacacacacac'
	POLICY=$(policy_end)
	daemon_starts
	wait_for 300 runs_now /d/found/a || fail "not waived: $output; $(tail -n 3 "$SCRATCH/run")"
	wait_for 50 grep -q 'by ticket SEC-12' "$SCRATCH/run" || fail "no event: $(tail -n 3 "$SCRATCH/run")"
	now_denied plain /d/found/b
	denied_as_the_next /d/found/a /d/found/b
	daemon_ends
	now_runs plain /d/found/a 'without the daemon'
	enforce "$POLICY"
	now_runs plain /d/found/a 'after a reload without it'
	says_waived SEC-12 /d/found/a exec
	now_denied plain /d/found/b
	relax
}

# denied_as_the_next FILE DENIED: by the number of a process the kernel half finds where it judges, and what a waiver did
# for one is nothing to the next of that number.
denied_as_the_next()
{
	local first try

	for ((try = 0; try < 20; try++)); do
		"$1" &
		first=$!
		wait "$first"
		echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
		"$2" 2>/dev/null &
		wait $!
		status=$?
		[[ $! == "$first" ]] && break
	done
	[[ $! == "$first" ]] || fail "no process has the number of the last one"
	[[ $status == 126 ]] || fail "$2 after $1: status $status"
}

runs_now()
{
	run_way plain "$1"
	[[ $status == 0 ]]
}
relax
attempt build-id by_build_id

# policy_ends UNTIL: a waiver until then, of what is stopped where it runs already; and one for good, of a digest that no
# rule names, against a rule on the path: its size is none of the listed ones either.
policy_ends()
{
	policy_begin
	rule_file ends banned elf /d/runs
	rule_identity below banned 'path: /d/under/'
	sed -i 's/ }$/, running: terminate, grace: 1 }/' "$SCRATCH/policy/rules"
	waiver SEC-13 "$1" "sha256: $(digest_of /d/runs)"
	waiver SEC-14 "$FAR" "sha256: $(digest_of /d/under/preserved)"
	POLICY=$(policy_end)
}

# What runs under a waiver is stopped within two seconds of its end, where the rule says so.
ends()
{
	local end began kept

	mkdir -p /d/under
	make_pair /d/runs "$HERE/bin/stay"
	make_pair /d/under/preserved "$HERE/bin/stay"
	policy_ends "$FAR"
	daemon_starts
	/d/runs & stay=$!
	/d/runs.twin & twin=$!
	/d/under/preserved & kept=$!
	# How long a daemon takes to start here nobody knows beforehand.
	end=$(at 8)
	policy_ends "$end"
	embargo reload --policy "$POLICY" >"$SCRATCH/load" 2>&1 || fail "$(<"$SCRATCH/load")"
	kill -0 "$stay" 2>/dev/null || fail "it does not run, or was stopped before: $(tail -n 3 "$SCRATCH/run")"
	wait_until "$end"
	began=$EPOCHSECONDS
	wait_for 100 gone "$stay" || fail "it goes on: $(tail -n 3 "$SCRATCH/run")"
	[[ $((EPOCHSECONDS - began)) -le 3 ]] || fail "it took $((EPOCHSECONDS - began)) s"
	kill -0 "$twin" || fail "the twin was stopped as well"
	kill -0 "$kept" || fail "what is waived for good was stopped: $(tail -n 3 "$SCRATCH/run")"
	kill "$twin" "$kept" "$daemon"
	wait "$daemon" "$twin" "$kept" 2>/dev/null
	relax
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}
attempt ends ends
relax
