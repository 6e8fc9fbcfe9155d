# SPDX-License-Identifier: GPL-2.0-or-later
# embargo: keeps a banned vendor's software from running, from the date that the policy names.
#
#   make             build build/embargo
#   make run         enforce the shipped policy on this host, or show it in a VM where this kernel cannot
#   make unit        the unit tests alone; `make cli` the program's, `make tree` the tree's
#   make check       unit tests here, kernel tests in VMs with three stock kernels
#   make check-all   the same and all that takes longer
#   make check-sanitized  the unit tests, the program's and the kernel tests with sanitizers
#   make fuzz        throw bytes at each reader of hostile files, each for FUZZ_SECONDS (60)
#   make fuzz-coverage  whether the fuzz targets come to what they are for, and what their seeds are worth
#   make analyze     have clang's analyzer, cppcheck and shellcheck look through the sources
#   make bench       count what a check costs, in instructions
#   make install     install below DESTDIR and PREFIX; `make uninstall` takes all of that away again
#   make setup       install the packages that building and testing need
#   make format      run clang-format over the sources
#   make clean       remove build/
#   make help        print this
#
# Variables:
#   V=1              print each command
#   CC, CLANG        the compilers of the user half and of the kernel half
#   CFLAGS, CPPFLAGS, LDFLAGS   yours; they come last and so win
#   WERROR=1         warnings are errors
#   SANITIZE=address,undefined  build with sanitizers
#   DESTDIR, PREFIX  where to install (PREFIX=/usr)
#   INITRAMFSDIR, DRACUTDIR  where initramfs-tools and dracut look for scripts; empty: not installed

PREFIX ?= /usr
CC ?= gcc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
VERSION := $(shell cat VERSION)
BUILD ?= build

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

# The kernel half: one object from one file for each idea.
BPF_SOURCES := bpf/maps.bpf.c bpf/exec.bpf.c bpf/map.bpf.c bpf/mprotect.bpf.c bpf/kernel_read.bpf.c \
	bpf/kernel_post.bpf.c bpf/ioctl.bpf.c bpf/mount.bpf.c bpf/open.bpf.c bpf/open_known.bpf.c bpf/probe.bpf.c

# And the guard's, an object of its own: it is loaded where it is asked for.
GUARD_SOURCES := bpf/guard.bpf.c bpf/guard_bpf.bpf.c bpf/guard_mount.bpf.c bpf/guard_pins.bpf.c bpf/guard_task.bpf.c

# The user half, by room. Every file is named: a stray one does not join a security program.
SOURCES := \
	loader/archive/decompress.c \
	loader/archive/gzip.c \
	loader/archive/xz.c \
	loader/archive/zstd.c \
	loader/base/arena.c \
	loader/base/array.c \
	loader/base/base64.c \
	loader/base/cursor.c \
	loader/base/descriptor.c \
	loader/base/diagnostic.c \
	loader/base/file.c \
	loader/base/helper.c \
	loader/base/hex.c \
	loader/base/log.c \
	loader/base/presence.c \
	loader/base/progress.c \
	loader/base/replace.c \
	loader/base/socket.c \
	loader/base/speaker.c \
	loader/base/utf8.c \
	loader/classify/classifier.c \
	loader/classify/reader.c \
	loader/classify/recollection.c \
	loader/classify/specimen_json.c \
	loader/cli/check_report.c \
	loader/cli/cmd_check.c \
	loader/cli/cmd_completion.c \
	loader/cli/cmd_doctor.c \
	loader/cli/cmd_events.c \
	loader/cli/cmd_floor.c \
	loader/cli/cmd_gate.c \
	loader/cli/cmd_guard.c \
	loader/cli/cmd_hash.c \
	loader/cli/cmd_identify.c \
	loader/cli/cmd_load.c \
	loader/cli/cmd_unload.c \
	loader/cli/cmd_policy.c \
	loader/cli/cmd_policy_export.c \
	loader/cli/cmd_policy_import.c \
	loader/cli/cmd_policy_diff.c \
	loader/cli/cmd_policy_forecast.c \
	loader/cli/cmd_policy_lint.c \
	loader/cli/cmd_policy_schedule.c \
	loader/cli/cmd_policy_show.c \
	loader/cli/cmd_policy_sign.c \
	loader/cli/cmd_policy_verify.c \
	loader/cli/cmd_policy_versions.c \
	loader/cli/cmd_run.c \
	loader/cli/cmd_scan.c \
	loader/cli/cmd_status.c \
	loader/cli/diff_report.c \
	loader/cli/forecast.c \
	loader/cli/forecast_journal.c \
	loader/cli/forecast_needs.c \
	loader/cli/forecast_objects.c \
	loader/cli/forecast_parts.c \
	loader/cli/forecast_report.c \
	loader/cli/identify_report.c \
	loader/cli/importing.c \
	loader/cli/judging.c \
	loader/cli/offering.c \
	loader/cli/main.c \
	loader/cli/options.c \
	loader/cli/policy_blacklist.c \
	loader/cli/policy_json.c \
	loader/cli/policy_text.c \
	loader/cli/prove_report.c \
	loader/cli/reading.c \
	loader/cli/scan_roots.c \
	loader/cli/spool.c \
	loader/cli/suppliers.c \
	loader/cli/usage.c \
	loader/control/answer.c \
	loader/control/client.c \
	loader/control/exchange.c \
	loader/control/peer.c \
	loader/control/request.c \
	loader/control/server.c \
	loader/crypto/anchors.c \
	loader/crypto/authenticode.c \
	loader/crypto/bundle.c \
	loader/crypto/certificate.c \
	loader/crypto/cms.c \
	loader/crypto/cms_signer.c \
	loader/crypto/cms_verify.c \
	loader/crypto/covered.c \
	loader/crypto/openssl.c \
	loader/crypto/sha256.c \
	loader/crypto/sign.c \
	loader/crypto/signed.c \
	loader/crypto/signed_chain.c \
	loader/crypto/signed_revoked.c \
	loader/crypto/signed_signer.c \
	loader/daemon/daemon.c \
	loader/daemon/expiry.c \
	loader/daemon/guarding.c \
	loader/daemon/keeper.c \
	loader/daemon/loop.c \
	loader/daemon/manager.c \
	loader/daemon/privileges.c \
	loader/daemon/reporter.c \
	loader/daemon/terminals.c \
	loader/daemon/timekeeping.c \
	loader/daemon/warden.c \
	loader/diff/diff.c \
	loader/diff/heads.c \
	loader/diff/key.c \
	loader/diff/side.c \
	loader/diff/waivers.c \
	loader/dynamic/cache.c \
	loader/dynamic/search.c \
	loader/enact/editions.c \
	loader/enact/enact.c \
	loader/enact/grounds.c \
	loader/enact/guarded.c \
	loader/enact/last.c \
	loader/enact/policies.c \
	loader/event/cgroup.c \
	loader/event/event.c \
	loader/event/fields.c \
	loader/event/format_json.c \
	loader/event/format_notice.c \
	loader/event/format_report.c \
	loader/event/from_journal.c \
	loader/event/line.c \
	loader/event/repeat.c \
	loader/event/to_journal.c \
	loader/event/to_terminal.c \
	loader/gate/report.c \
	loader/guard/ground.c \
	loader/guard/spent.c \
	loader/guard/token.c \
	loader/host/blacklist.c \
	loader/host/finding.c \
	loader/host/foundation.c \
	loader/host/from_memory.c \
	loader/host/host.c \
	loader/host/text.c \
	loader/identity/appended.c \
	loader/identity/appimage.c \
	loader/identity/attributes.c \
	loader/identity/claim.c \
	loader/identity/deb.c \
	loader/identity/elf.c \
	loader/identity/elf_file.c \
	loader/identity/fault.c \
	loader/identity/ima.c \
	loader/identity/kind.c \
	loader/identity/modinfo.c \
	loader/identity/module.c \
	loader/identity/openpgp.c \
	loader/identity/package_note.c \
	loader/identity/pe.c \
	loader/identity/rpm.c \
	loader/identity/signature.c \
	loader/identity/specimen.c \
	loader/import/bill.c \
	loader/import/confined.c \
	loader/import/cyclonedx.c \
	loader/import/digest_set.c \
	loader/import/document.c \
	loader/import/folder.c \
	loader/import/formats.c \
	loader/import/import.c \
	loader/import/left.c \
	loader/import/listing.c \
	loader/import/looking.c \
	loader/import/misp.c \
	loader/import/nsrl.c \
	loader/import/origin.c \
	loader/import/package.c \
	loader/import/rules.c \
	loader/import/spdx.c \
	loader/import/stix.c \
	loader/import/stix_pattern.c \
	loader/import/stix_token.c \
	loader/import/sums.c \
	loader/index/index.c \
	loader/index/key.c \
	loader/index/store.c \
	loader/json/identity.c \
	loader/json/json.c \
	loader/json/read.c \
	loader/kernel/clock.c \
	loader/kernel/enforcement.c \
	loader/kernel/events.c \
	loader/kernel/generation.c \
	loader/kernel/guard.c \
	loader/kernel/guard_object.c \
	loader/kernel/guard_objects.c \
	loader/kernel/handle.c \
	loader/kernel/heads.c \
	loader/kernel/hooks.c \
	loader/kernel/learned.c \
	loader/kernel/next.c \
	loader/kernel/object.c \
	loader/kernel/opener.c \
	loader/kernel/pins.c \
	loader/kernel/readback.c \
	loader/kernel/record.c \
	loader/kernel/sightings.c \
	loader/kernel/slot.c \
	loader/kernel/trial.c \
	loader/learned/finder.c \
	loader/learned/list.c \
	loader/model/digest.c \
	loader/model/identity.c \
	loader/model/names.c \
	loader/model/signer.c \
	loader/model/sound.c \
	loader/model/tables.c \
	loader/model/time.c \
	loader/packages/dpkg.c \
	loader/packages/packages.c \
	loader/packages/rooted.c \
	loader/packages/rpm.c \
	loader/policy/bounds.c \
	loader/policy/comment.c \
	loader/policy/compile.c \
	loader/policy/digest_table.c \
	loader/policy/document.c \
	loader/policy/field.c \
	loader/policy/harmless.c \
	loader/policy/lint.c \
	loader/policy/list.c \
	loader/policy/match.c \
	loader/policy/modules.c \
	loader/policy/path_tree.c \
	loader/policy/pattern.c \
	loader/policy/policy.c \
	loader/policy/resolve.c \
	loader/policy/rule.c \
	loader/policy/set.c \
	loader/policy/settings.c \
	loader/policy/signer_table.c \
	loader/policy/source.c \
	loader/policy/stricter.c \
	loader/policy/timeline.c \
	loader/policy/tree.c \
	loader/policy/validate.c \
	loader/policy/waiver.c \
	loader/policy/waiver_table.c \
	loader/policy/words.c \
	loader/prove/attempt.c \
	loader/prove/canary.c \
	loader/prove/ground.c \
	loader/prove/judge.c \
	loader/prove/prove.c \
	loader/prove/ways_change.c \
	loader/prove/ways_exec.c \
	loader/prove/ways_kernel.c \
	loader/prove/ways_map.c \
	loader/prove/ways_place.c \
	loader/prove/ways_told.c \
	loader/render/calendar.c \
	loader/render/html.c \
	loader/render/page.c \
	loader/render/page_dates.c \
	loader/render/page_rules.c \
	loader/render/page_waivers.c \
	loader/sandbox/sandbox.c \
	loader/sqlite/file.c \
	loader/sqlite/foreign.c \
	loader/status/gate.c \
	loader/status/guard.c \
	loader/status/json.c \
	loader/status/metrics.c \
	loader/status/status.c \
	loader/status/text.c \
	loader/steward/ask.c \
	loader/steward/enacted.c \
	loader/steward/steward.c \
	loader/sweep/contents.c \
	loader/sweep/ending.c \
	loader/sweep/law.c \
	loader/sweep/loaded.c \
	loader/sweep/modules.c \
	loader/sweep/places.c \
	loader/sweep/processes.c \
	loader/sweep/round.c \
	loader/sweep/suspect.c \
	loader/sweep/sweeper.c \
	loader/sweep/sweeps.c \
	loader/sweep/telling.c \
	loader/text/name.c \
	loader/text/stanza.c \
	loader/trust/trust.c \
	loader/trust/versions.c \
	loader/units/units.c \
	loader/verdict/arrival.c \
	loader/verdict/classify.c \
	loader/verdict/process.c \
	loader/verdict/subject.c \
	loader/verdict/verdict.c \
	loader/watch/asked.c \
	loader/watch/callers.c \
	loader/watch/candidate.c \
	loader/watch/examiner.c \
	loader/watch/foundation.c \
	loader/watch/inventory.c \
	loader/watch/learner.c \
	loader/watch/mounts.c \
	loader/watch/notices.c \
	loader/watch/notices_read.c \
	loader/watch/offered.c \
	loader/watch/owners.c \
	loader/watch/priority.c \
	loader/watch/report.c \
	loader/watch/ring.c \
	loader/watch/sighted.c \
	loader/watch/sources.c \
	loader/watch/watch.c \
	loader/watch/watched.c

# The gate is a program of its own, and takes from the other what it needs of it.
GATE_SOURCES := loader/gate/gate.c loader/gate/main.c loader/gate/queue.c loader/gate/roots.c loader/gate/watchdog.c
GATE_LIBRARIES := yaml-0.1

# The RPM database is read by a program of its own, where there is librpm to build it with.
RPM_LIST_SOURCES := loader/rpm/list.c
RPM_LIST := $(if $(shell $(PKG_CONFIG) --exists rpm && echo yes),$(BUILD)/embargo-rpm-list)

# Packages are taken apart by another, where there is libarchive: it brings parsers of XML and tables of Unicode along.
MEMBER_LIST_SOURCES := loader/archive/layer.c loader/archive/members.c loader/archive/payload.c loader/members/look.c loader/members/main.c
MEMBER_LIST := $(if $(shell $(PKG_CONFIG) --exists libarchive && echo yes),$(BUILD)/embargo-member-list)
MEMBER_LIST_LIBRARIES := libarchive libcrypto libcap-ng libseccomp zlib liblzma libzstd

# Each is tests/unit/NAME_test.c, a cmocka program of its own.
UNIT_TESTS := \
	appended \
	blacklist \
	classifier \
	cms \
	compile \
	contents \
	control \
	cursor \
	deb \
	decide \
	decompress \
	demand \
	descriptor \
	dynamic \
	elf \
	ending \
	event \
	event_format \
	file \
	filesystem \
	finder \
	gate_queue \
	harmless \
	hex \
	host \
	hostile_list \
	hostile_policy \
	hostile_rule \
	hostile_signature \
	hostile_signer \
	hostile_text \
	hostile_trust \
	hostile_waiver \
	identity \
	identity_json \
	ima \
	import_confined \
	index \
	index_damage \
	index_processes \
	inventory \
	keeper \
	kind \
	last \
	learned_list \
	match \
	members \
	members_damage \
	modules \
	mounts \
	name \
	notices \
	openpgp \
	options \
	packages \
	path \
	pe \
	privileges \
	prove \
	readback \
	repeat \
	replace \
	rpm \
	settings \
	sha256 \
	signer \
	socket \
	specimen \
	stix_pattern \
	stricter \
	sweeps \
	terminal \
	time \
	timeline \
	token \
	utf8 \
	verdict \
	versions \
	waiver

# Without libarchive there is nothing to take packages apart with.
MEMBER_TESTS := members members_damage
UNIT_TESTS := $(if $(MEMBER_LIST),$(UNIT_TESTS),$(filter-out $(MEMBER_TESTS),$(UNIT_TESTS)))

# Programs that the kernel tests run inside their machines: tests/vm/helpers/NAME.c.
VM_HELPERS := \
	ask \
	audit \
	branded \
	clock \
	copies \
	counters \
	denied \
	digests \
	displace \
	dlopen \
	exchange \
	extents \
	fdexec \
	flip \
	fresh \
	fuse \
	implant \
	journal \
	kexec \
	killat \
	late \
	learn \
	mapping \
	module \
	nameless \
	needed \
	notices \
	opening \
	pinned \
	remap \
	rewrite \
	sightings \
	stay \
	storm \
	tables \
	tiny \
	tiny32 \
	tiny7 \
	trust \
	unguard \
	unlisted \
	uring \
	verified

# Programs that hold the built program to its word, in tests/cli/.
CLI_TESTS := \
	check \
	export \
	guard \
	hash \
	identify \
	import \
	import_nsrl \
	import_packages \
	policy \
	policy_calendar \
	policy_diff \
	policy_forecast \
	policy_forecast_index \
	policy_forecast_needs \
	policy_html \
	policy_signed \
	rpm_list \
	scan \
	signatures \
	status \
	usage \
	waivers

# Programs that look at the tree itself, in tests/tree/.
TREE_TESTS := sources includes parsers compilers libraries symbols scripts tally format manual install threats faults

# What is installed, as MODE:SOURCE:TARGET: `install` and `uninstall` read the same lines.
DATADIR = $(PREFIX)/share
MAN_PAGES := man/embargo.8 man/embargo-policy.5 man/embargo.yaml.5
SHIPPED_POLICIES := $(addprefix policy/us/, \
	kaspersky.yaml kaspersky-packages.sha256 kaspersky-windows.sha256 \
	section-889.yaml huawei-windows.sha256 \
	acronis.yaml acronis-windows.sha256 tiktok.yaml deepseek.yaml)
UNITS := $(addprefix packaging/systemd/,embargo.service embargo-early.service embargo-gate.service embargo-gate-sleep.service)
INITRAMFSDIR ?= /usr/share/initramfs-tools
DRACUTDIR ?= /usr/lib/dracut/modules.d
INSTALLED = \
	0755:$(BUILD)/embargo:$(PREFIX)/bin/embargo \
	0755:$(BUILD)/embargo-gate:$(PREFIX)/libexec/embargo/embargo-gate \
	$(RPM_LIST:%=0755:%:$(PREFIX)/libexec/embargo/embargo-rpm-list) \
	$(MEMBER_LIST:%=0755:%:$(PREFIX)/libexec/embargo/embargo-member-list) \
	0644:policy/embargo.yaml:$(DATADIR)/embargo/embargo.yaml \
	0644:$(BUILD)/embargo.bash:$(DATADIR)/bash-completion/completions/embargo \
	$(foreach page,$(MAN_PAGES),0644:$(page):$(DATADIR)/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
	$(foreach file,$(SHIPPED_POLICIES),0644:$(file):$(DATADIR)/embargo/policy/$(notdir $(file))) \
	0644:packaging/sysusers.d/embargo.conf:$(PREFIX)/lib/sysusers.d/embargo.conf \
	$(foreach unit,$(UNITS),0644:$(BUILD)/$(unit):$(PREFIX)/lib/systemd/system/$(notdir $(unit))) \
	0755:$(BUILD)/packaging/initramfs/embargo-initramfs:$(PREFIX)/libexec/embargo/embargo-initramfs \
	$(if $(INITRAMFSDIR),$(foreach file,hooks/embargo scripts/init-bottom/embargo,0755:$(BUILD)/packaging/initramfs-tools/$(file):$(INITRAMFSDIR)/$(file))) \
	$(if $(DRACUTDIR),$(foreach file,module-setup.sh embargo.sh,0755:$(BUILD)/packaging/dracut/95embargo/$(file):$(DRACUTDIR)/95embargo/$(file)))

# Folders of ours, innermost first; what an administrator put into one keeps it. Those of initramfs-tools and dracut are made only
# where neither is: what is theirs has other files in it.
INITRAMFS_FOLDERS = $(if $(INITRAMFSDIR),$(addprefix $(INITRAMFSDIR)/,hooks scripts/init-bottom scripts) $(INITRAMFSDIR)) \
	$(if $(DRACUTDIR),$(DRACUTDIR)/95embargo $(DRACUTDIR) $(dir $(DRACUTDIR)))
INSTALLED_FOLDERS = $(PREFIX)/libexec/embargo $(DATADIR)/embargo/policy $(DATADIR)/embargo /etc/embargo/state /etc/embargo/policy.d /etc/embargo/trust.d /etc/embargo $(INITRAMFS_FOLDERS)

LIBRARIES := libbpf yaml-0.1 jansson libsystemd libcrypto libcap-ng libseccomp libutf8proc zlib \
	liblzma libzstd sqlite3

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla $(if $(WERROR),-Werror)
HARDENING := -O2 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,-D_FORTIFY_SOURCE=2)
HARDENING_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(if $(SANITIZE),-fsanitize=$(SANITIZE))

OUR_CPPFLAGS := -D_GNU_SOURCE -DEMBARGO_VERSION='"$(VERSION)"' -DEMBARGO_PREFIX='"$(PREFIX)"' -I. -I$(BUILD) \
	-ffile-prefix-map=$(CURDIR)=.
OUR_CFLAGS = -std=gnu11 -g $(WARNINGS) $(HARDENING) $(shell $(PKG_CONFIG) --cflags $(LIBRARIES))
OUR_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBRARIES))

# A build with other flags starts afresh. Not for WERROR: it changes no object.
FLAGS = $(CC) $(OUR_CPPFLAGS) $(filter-out -Werror,$(OUR_CFLAGS)) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)

# When this was made, in seconds since 1970: no clock may claim to be earlier.
BUILT := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),$(shell date +%s))
$(BUILD)/loader/kernel/clock.o $(BUILD)/fuzzed/loader/kernel/clock.o: private OUR_CPPFLAGS += -DEMBARGO_BUILT=$(BUILT)LL

OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)

# What a program with sanitizers does about a finding; the tests' own are told to by the same.
SANITIZED_OPTIONS := $(if $(SANITIZE),$(BUILD)/tests/sanitized/options.o)
BPF_OBJECTS := $(BPF_SOURCES:%.c=$(BUILD)/%.o)
GUARD_OBJECTS := $(GUARD_SOURCES:%.c=$(BUILD)/%.o)

UNIT_PROGRAMS := $(UNIT_TESTS:%=$(BUILD)/tests/unit/%_test)

all: $(BUILD)/embargo $(BUILD)/embargo-gate $(RPM_LIST) $(MEMBER_LIST)

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

$(BUILD)/embargo: $(OBJECTS) $(SANITIZED_OPTIONS)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(OUR_LIBS)

$(BUILD)/embargo-gate: $(GATE_SOURCES:%.c=$(BUILD)/%.o) $(SANITIZED_OPTIONS) $(BUILD)/libembargo.a
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs $(GATE_LIBRARIES))

$(BUILD)/embargo-rpm-list: $(RPM_LIST_SOURCES:%.c=$(BUILD)/%.o) $(SANITIZED_OPTIONS)
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs rpm)

$(BUILD)/embargo-member-list: $(MEMBER_LIST_SOURCES:%.c=$(BUILD)/%.o) $(SANITIZED_OPTIONS) $(BUILD)/libembargo.a
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs $(MEMBER_LIST_LIBRARIES))

$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS))' > $@

$(BUILD)/%.o: %.c VERSION $(BUILD)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(OUR_CPPFLAGS) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The kernel half: each unit to BPF code, linked into one object, that into one skeleton.
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')
BPF_FLAGS := -std=gnu11 -g -O2 -Wall -Wextra -Wno-unused-parameter $(if $(WERROR),-Werror) -target bpf -mcpu=v3 \
	-D__TARGET_ARCH_$(BPF_ARCH) -ffile-prefix-map=$(CURDIR)=. -I. -I/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c Makefile
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

$(BUILD)/embargo.bpf.o: $(BPF_OBJECTS)
	$(call say,GEN,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(BUILD)/embargo.skel.h: $(BUILD)/embargo.bpf.o
	$(call say,GEN,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name embargo_bpf > $@.part && mv $@.part $@

$(BUILD)/guard.bpf.o: $(GUARD_OBJECTS)
	$(call say,GEN,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(BUILD)/guard.skel.h: $(BUILD)/guard.bpf.o
	$(call say,GEN,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name embargo_guard_bpf > $@.part && mv $@.part $@

$(BUILD)/loader/kernel/object.o $(BUILD)/fuzzed/loader/kernel/object.o: $(BUILD)/embargo.skel.h
$(BUILD)/loader/kernel/guard_object.o $(BUILD)/fuzzed/loader/kernel/guard_object.o: $(BUILD)/guard.skel.h

# The program without its main(): unit tests take from it what they need.
$(BUILD)/libembargo.a: $(filter-out $(BUILD)/loader/cli/main.o,$(OBJECTS))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(SANITIZED_OPTIONS) $(BUILD)/libembargo.a
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(OUR_LIBS) -lcmocka

$(MEMBER_TESTS:%=$(BUILD)/tests/unit/%_test): $(BUILD)/loader/archive/layer.o $(BUILD)/loader/archive/members.o \
	$(BUILD)/loader/archive/payload.o $(BUILD)/loader/members/look.o
$(MEMBER_TESTS:%=$(BUILD)/tests/unit/%_test): private OUR_LIBS += -larchive

$(BUILD)/tests/unit/gate_queue_test: $(BUILD)/loader/gate/queue.o

.SECONDARY: $(UNIT_PROGRAMS:=.o)

# tiny has no library; needed has zlib, whose headers are not asked for; notices is made of the program's own code.
VM_HELPER_FLAGS_tiny := -static -nostdlib -ffreestanding -fno-stack-protector -fcf-protection=none
VM_HELPER_FLAGS_tiny7 := $(VM_HELPER_FLAGS_tiny) -DSTATUS=7
VM_HELPER_FLAGS_tiny32 := $(VM_HELPER_FLAGS_tiny) -m32 -fno-pie -no-pie
VM_HELPER_FLAGS_audit := -shared -fPIC -nostdlib -fno-stack-protector
VM_HELPER_FLAGS_needed := -l:libz.so.1
VM_HELPER_FLAGS_branded := -Wl,--build-id=0xacacacacacacacacacacacacacacacacacacacac \
	-Xlinker '--package-metadata={"type":"deb","name":"acme-agent","version":"1"}'
VM_HELPER_FLAGS_notices = $(BUILD)/libembargo.a $(if $(SANITIZE),-fsanitize=$(SANITIZE))

$(BUILD)/tests/vm/%: tests/vm/helpers/%.c tests/vm/helpers/helper.h tests/vm/helpers/ring.h bpf/abi.h Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -I. $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(VM_HELPER_FLAGS_$*)

# The same program, built to be told apart.
$(BUILD)/tests/vm/tiny7 $(BUILD)/tests/vm/tiny32: tests/vm/helpers/tiny.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 $(WARNINGS) -o $@ $< $(VM_HELPER_FLAGS_$(@F))

# What these try is the program's own.
VM_OWN_HELPERS := ask learn sightings tables unguard verified

$(VM_OWN_HELPERS:%=$(BUILD)/tests/vm/%): $(BUILD)/tests/vm/%: tests/vm/helpers/%.c tests/vm/helpers/helper.h \
		$(BUILD)/libembargo.a Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(OUR_CPPFLAGS) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libembargo.a $(OUR_LIBS)

$(BUILD)/tests/vm/notices: $(BUILD)/libembargo.a

vm-helpers: $(VM_HELPERS:%=$(BUILD)/tests/vm/%)

# What the compiler in CC has to say of all sources; makes nothing.
syntax: $(BUILD)/embargo.skel.h $(BUILD)/guard.skel.h
	$(Q)$(CC) $(OUR_CPPFLAGS) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -DEMBARGO_BUILT=0LL -fsyntax-only $(SOURCES) $(GATE_SOURCES) $(if $(MEMBER_LIST),$(MEMBER_LIST_SOURCES)) \
		$(UNIT_TESTS:%=tests/unit/%_test.c)

# Fuzz targets want every line of what they test instrumented: it is built apart, once for all of them.
FUZZ_TARGETS := answer appended control deb elf event host import journal kept $(if $(MEMBER_LIST),members) name openpgp pe policy rpm settings \
	signed source specimen
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/%_fuzz)
FUZZED := $(filter loader/archive/% loader/base/% loader/classify/% loader/control/answer.c loader/control/request.c loader/crypto/% \
	loader/dynamic/% loader/enact/% loader/event/% loader/guard/spent.c loader/guard/token.c loader/host/% loader/identity/% loader/import/% loader/json/% \
	loader/kernel/% loader/learned/% loader/model/% loader/packages/% loader/policy/% loader/sandbox/% loader/sqlite/% \
	loader/steward/enacted.c loader/sweep/modules.c loader/text/% loader/trust/% loader/verdict/process.c loader/watch/mounts.c, \
	$(SOURCES)) \
	$(if $(MEMBER_LIST),$(filter-out loader/members/main.c,$(MEMBER_LIST_SOURCES)))
FUZZ_CFLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all

$(BUILD)/fuzzed/%.o: %.c VERSION $(BUILD)/flags
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(OUR_CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(BUILD)/fuzzed/libfuzzed.a: $(FUZZED:%.c=$(BUILD)/fuzzed/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(FUZZ_PROGRAMS): $(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/fuzzed/tests/fuzz/%_fuzz.o $(BUILD)/fuzzed/libfuzzed.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $^ \
		$$($(PKG_CONFIG) --libs $(LIBRARIES)) $(if $(MEMBER_LIST),-larchive)

# What embargo itself writes, to begin with.
$(BUILD)/tests/fuzz/own_seeds: $(BUILD)/tests/fuzz/own_seeds.o $(BUILD)/libembargo.a
	$(call say,LD,$@)
	$(Q)$(CC) $(HARDENING_LD) $(OUR_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(OUR_LIBS)

FUZZ_NEEDS := $(FUZZ_PROGRAMS) $(BUILD)/tests/fuzz/own_seeds $(BUILD)/loader/base/hex.o

FUZZ_SECONDS ?= 60

# What `make check` does of it: a minute in all.
CHECK_FUZZ = tests/fuzz/run --in-all --same 60 $(FUZZ_PROGRAMS)

fuzz: $(FUZZ_NEEDS)
	@tests/tally 'tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ_PROGRAMS)'

# Whether each target comes to what it is for, and what the seeds are worth.
FUZZ_COVERAGE = tests/fuzz/coverage $(or $(FUZZ_COVERAGE_SECONDS),5) $(FUZZ_PROGRAMS)

fuzz-coverage: $(FUZZ_NEEDS)
	@tests/tally '$(FUZZ_COVERAGE)'

# What the benchmark runs inside its machines: tests/bench/NAME.c.
BENCH_PROGRAMS := operations distinct

$(BENCH_PROGRAMS:%=$(BUILD)/tests/bench/%): $(BUILD)/tests/bench/%: tests/bench/%.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -I. $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -o $@ $<

$(BUILD)/tests/bench/library.so: tests/bench/library.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 -fPIC -shared $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -o $@ $<

$(BUILD)/tests/bench/floor.bpf.o: tests/bench/floor.bpf.c bpf/kernel.h Makefile
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -c -o $@ $<

$(BUILD)/tests/bench/floor.skel.h: $(BUILD)/tests/bench/floor.bpf.o
	$(call say,GEN,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name floor_bpf > $@.part && mv $@.part $@

$(BUILD)/tests/bench/floor: tests/bench/floor.c $(BUILD)/tests/bench/floor.skel.h Makefile
	$(call say,CC,$@)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 -O2 -I$(BUILD) $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -o $@ $< -lbpf

bench-programs: $(BENCH_PROGRAMS:%=$(BUILD)/tests/bench/%) $(BUILD)/tests/bench/library.so $(BUILD)/tests/bench/floor

bench: all vm-helpers bench-programs
	@tests/bench/run

.PHONY: bench bench-programs

unit: $(UNIT_PROGRAMS)
	@tests/tally $^

cli: all
	@BUILD=$(BUILD) tests/tally $(CLI_TESTS:%=tests/cli/%)

tree: $(BUILD)/embargo $(MEMBER_LIST) $(BUILD)/libembargo.a
	@BUILD=$(BUILD) tests/tally $(TREE_TESTS:%=tests/tree/%)

$(BUILD)/embargo.bash: $(BUILD)/embargo
	$(call say,GEN,$@)
	$(Q)$< completion bash > $@.part && mv $@.part $@

$(BUILD)/packaging/%: packaging/% $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)sed 's|@PREFIX@|$(PREFIX)|g' $< > $@

mode = $(word 1,$(subst :, ,$(1)))
source = $(word 2,$(subst :, ,$(1)))
target = '$(DESTDIR)$(word 3,$(subst :, ,$(1)))'

install: $(foreach line,$(INSTALLED),$(call source,$(line)))
	$(Q)$(foreach folder,$(INSTALLED_FOLDERS),install -d -m 0755 '$(DESTDIR)$(folder)' &&) :
	$(Q)$(foreach line,$(INSTALLED),install -D -m $(call mode,$(line)) $(call source,$(line)) $(call target,$(line)) &&) :
	$(Q)[ -n '$(DESTDIR)' ] || ! command -v systemd-sysusers >/dev/null || systemd-sysusers embargo.conf 2>/dev/null || :
	$(Q)[ -n '$(DESTDIR)' ] || ! command -v systemctl >/dev/null || systemctl --quiet daemon-reload 2>/dev/null || :

# The host's own policies and settings stay, and so do the clock's floor and the versions that were in force: to install it
# anew must not bring an older policy back, nor an earlier date.
# On the running system: not from under an enforcement that only the program can end.
uninstall:
	$(Q)[ -n '$(DESTDIR)' ] || ! command -v systemctl >/dev/null || systemctl --quiet disable --now embargo-gate.service embargo.service embargo-early.service 2>/dev/null || :
	$(Q)[ -n '$(DESTDIR)' ] || [ ! -d /sys/fs/bpf/embargo ] || { echo 'embargo is enforcing; run "embargo unload" first' >&2; exit 1; }
	$(Q)rm -f $(foreach line,$(INSTALLED),$(call target,$(line))) '$(DESTDIR)$(PREFIX)/libexec/embargo/embargo-rpm-list' \
		'$(DESTDIR)$(PREFIX)/libexec/embargo/embargo-member-list'
	$(Q)[ -n '$(DESTDIR)' ] || [ ! -d /var/lib/embargo ] || find /var/lib/embargo -mindepth 1 ! -path '*/floor' ! -path '*/versions' ! -path '*/tokens' -delete
	$(Q)[ -n '$(DESTDIR)' ] || rm -rf /run/embargo /etc/embargo/state
	$(Q)$(foreach folder,$(INSTALLED_FOLDERS),[ ! -d '$(DESTDIR)$(folder)' ] || rmdir --ignore-fail-on-non-empty '$(DESTDIR)$(folder)';)
	$(Q)[ -n '$(DESTDIR)' ] || ! command -v systemctl >/dev/null || systemctl --quiet daemon-reload 2>/dev/null || :

# This host or, where its kernel cannot, a machine: scripts/run tells.
run:
	$(Q)scripts/setup build
	$(Q)$(MAKE) --no-print-directory all vm-helpers
	@scripts/run

setup:
	$(Q)scripts/setup

# What asks for no particular kernel, or detaches each hook in turn, runs on one kernel here and on all in check-all; on all
# here: digest, module, mprotect, namespace, open, rewrite, signer, verifier, waivers. 6.12 is the one that costs the emulator least.
# The siege of the gate takes four minutes, and its bounds want a machine of their own: it is check-all's. So is firmware, which
# wants a larger kernel to be fetched, killpoints, which is killed at more steps, and guard-hooks, which closes one guard after the other.
ON_ONE_KERNEL = absent=6.12 appraised=6.12 attributes=6.12 bypass=newest clock=6.1 control=6.1 count=6.12 evasion=6.12 \
	failing=6.12 faults-clock=6.12 faults-ground=6.12 faults-memory=6.12 faults-output=6.12 faults-state=6.12 firmware=none \
	first=newest fleet=6.12 formats=6.12 gate=6.1 guard-beside=6.12 guard-hooks=none guard-tree=6.12 hooks=6.12 ima=6.1 \
	killed=6.12 killed-daemon=6.12 killpoints=none learned=6.12 limits=6.1 notices=6.12 prove=6.12 reload=6.1 scale=6.12 siege=none \
	sighting=6.1 start=6.1 status=6.12 sweep=6.1 takeover=6.1 watch=6.12

# The programs that nobody listed beside each fault and each proof: the rest of the 10,000 is check-all's.
CHECK_EXECS := 1000

# What a machine builds side by side, where whoever calls has not said.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

# Everything in one count, whose last line says how it went.
CHECKS = $(UNIT_PROGRAMS) $(CLI_TESTS:%=tests/cli/%) $(TREE_TESTS:%=tests/tree/%)

check:
	$(Q)scripts/setup
	$(Q)$(MAKE) $(JOBS) WERROR=1 all vm-helpers $(BUILD)/libembargo.a $(UNIT_PROGRAMS) $(FUZZ_NEEDS)
	@BUILD=$(BUILD) tests/tally --beside tests/system/run --beside '$(CHECK_FUZZ)' $(CHECKS) 'tests/vm/run --execs $(CHECK_EXECS) $(ON_ONE_KERNEL:%=--once %)'

# All of that once more with sanitizers in every program, one kernel for the machines: what they find ends a program by SIGABRT,
# which is a failure wherever it is. Not what a sanitizer is too slow for: the siege's and the scale's bounds of time; not what
# is about no program of ours: the verifier, Debian's larger kernels; nor killpoints, which is killed at more steps.
NOT_SANITIZED := firmware=none killpoints=none scale=none siege=none verifier=none
SANITIZED_KERNEL ?= 6.12

check-sanitized:
	$(Q)$(MAKE) $(JOBS) WERROR=1 SANITIZE=address,undefined BUILD=$(BUILD)/sanitized sanitized-programs
	$(Q)$(MAKE) SANITIZE=address,undefined BUILD=$(BUILD)/sanitized sanitized-tests

sanitized-programs: all vm-helpers $(UNIT_PROGRAMS)

sanitized-tests:
	@BUILD=$(BUILD) SANITIZE=$(SANITIZE) tests/tally $(UNIT_PROGRAMS) $(CLI_TESTS:%=tests/cli/%) \
		'tests/vm/run --sanitize $(SANITIZE) --kernel $(SANITIZED_KERNEL) $(NOT_SANITIZED:%=--once %)'

# And what takes longer: all kernels, the analyzers, what the fuzz targets come to, sanitizers, scripts/vm against its
# manual, boots by an initramfs, 51 power cuts, not 5, and 10,000 programs that nobody listed beside each fault, not 1,000.
check-all:
	$(Q)scripts/setup
	$(Q)$(MAKE) $(JOBS) WERROR=1 all vm-helpers $(BUILD)/libembargo.a $(UNIT_PROGRAMS) $(FUZZ_NEEDS)
	@status=0; BUILD=$(BUILD) EMBARGO_SYSTEM_KERNELS='6.1 6.12 newest' EMBARGO_POWER_CUTS=17 EMBARGO_POWER_EXECS=10000 \
		tests/tally --beside tests/system/run --beside '$(CHECK_FUZZ)' \
		$(CHECKS) tests/analyze/run '$(FUZZ_COVERAGE)' tests/scripts/vm_test 'tests/system/initramfs 6.1 6.12 newest' tests/vm/run || status=1; \
		$(MAKE) check-sanitized || status=1; exit $$status

# clang's analyzer, cppcheck and shellcheck over the whole tree.
analyze: $(BUILD)/embargo.skel.h $(BUILD)/guard.skel.h
	@BUILD=$(BUILD) tests/tally tests/analyze/run

format:
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(FUZZED:%.c=$(BUILD)/fuzzed/%.d) $(FUZZ_TARGETS:%=$(BUILD)/fuzzed/tests/fuzz/%_fuzz.d) $(GATE_SOURCES:%.c=$(BUILD)/%.d) $(RPM_LIST_SOURCES:%.c=$(BUILD)/%.d) $(MEMBER_LIST_SOURCES:%.c=$(BUILD)/%.d) $(UNIT_PROGRAMS:=.d) $(BPF_OBJECTS:.o=.d) $(GUARD_OBJECTS:.o=.d)

FORCE:

.PHONY: all run setup analyze check-sanitized sanitized-programs sanitized-tests fuzz fuzz-coverage unit cli tree syntax vm-helpers check check-all install uninstall help format clean FORCE
