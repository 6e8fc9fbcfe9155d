// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings: the judgement on each fact of a host, with its remedy. */
#include "loader/host/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"

static const char *const names[] = {
	[EMBARGO_HEALTH_UNKNOWN] = "unknown",
	[EMBARGO_HEALTH_GOOD] = "good",
	[EMBARGO_HEALTH_LIMITED] = "limited",
	[EMBARGO_HEALTH_BROKEN] = "broken",
};
_Static_assert(ARRAY_SIZE(names) == EMBARGO_HEALTH_COUNT, "a word for each health");

const char *embargo_health_name(enum embargo_health health)
{
	return names[health < EMBARGO_HEALTH_COUNT ? health : EMBARGO_HEALTH_UNKNOWN];
}

void embargo_finding_what(struct embargo_finding *finding, enum embargo_health health,
			  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->what, sizeof(finding->what), format, arguments);
	va_end(arguments);
	finding->health = health;
}

void embargo_finding_remedy(struct embargo_finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, arguments);
	va_end(arguments);
}

/* 6.1 is the oldest kernel that this was built for and is tried on. */
static void judge_kernel(const struct embargo_host *host, struct embargo_finding *finding)
{
	unsigned int major, minor;

	if (sscanf(host->release, "%u.%u", &major, &minor) != 2) {
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "its release is unknown");
	} else if (major < 6 || (major == 6 && minor < 1)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN, "%s is older than 6.1",
				     host->release);
		embargo_finding_remedy(finding, "boot a kernel of 6.1 or later");
	} else {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "%s", host->release);
	}
}

static void judge_lsm(const struct embargo_host *host, struct embargo_finding *finding)
{
	switch (host->bpf_listed) {
	case EMBARGO_ANSWER_YES:
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "active, among %s", host->lsm);
		return;
	case EMBARGO_ANSWER_UNKNOWN:
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN,
				     "/sys/kernel/security/lsm cannot be read");
		embargo_finding_remedy(finding,
				       "mount -t securityfs securityfs /sys/kernel/security");
		return;
	case EMBARGO_ANSWER_NO:
		break;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN, "not active; the list is %s",
			     host->lsm[0] ? host->lsm : "empty");
	if (host->bpf_built == EMBARGO_ANSWER_NO)
		embargo_finding_remedy(finding,
				       "boot a kernel with CONFIG_BPF_LSM=y; this one has it not");
	else
		embargo_finding_remedy(
			finding,
			"boot with lsm=%s (with GRUB: put it into GRUB_CMDLINE_LINUX of "
			"/etc/default/grub, run update-grub, reboot)",
			host->lsm_boot);
}

static void judge_btf(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->btf == EMBARGO_ANSWER_YES) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "the kernel describes its types");
		return;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN, "/sys/kernel/btf/vmlinux is missing");
	embargo_finding_remedy(finding, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y");
}

static void judge_bpffs(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->bpffs == EMBARGO_ANSWER_YES) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "mounted at /sys/fs/bpf");
		return;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN,
			     "not mounted at /sys/fs/bpf: nothing would outlive the loader");
	embargo_finding_remedy(finding, "mount -t bpf bpf /sys/fs/bpf");
}

static void judge_digests(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->ima == EMBARGO_ANSWER_NO) {
		embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
				     "IMA is absent: the kernel computes no digests, so that path "
				     "rules and module buffers are what is left");
		embargo_finding_remedy(finding, "boot a kernel with CONFIG_IMA=y");
	} else if (!host->ima_hash[0]) {
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN,
				     "what IMA computes cannot be read");
		embargo_finding_remedy(finding, "run as root, with securityfs mounted");
	} else if (strcmp(host->ima_hash, "sha256")) {
		embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
				     "IMA computes %s, which no list is made of", host->ima_hash);
		embargo_finding_remedy(finding, "boot with ima_hash=sha256");
	} else {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "IMA computes sha256");
	}
}

static void judge_fsverity(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->fsverity == EMBARGO_ANSWER_YES)
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "there; no rule needs it");
	else
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "not seen; no rule needs it");
}

static void judge_lockdown(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (!host->lockdown[0]) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "not seen");
	} else if (!strcmp(host->lockdown, "confidentiality")) {
		embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN,
				     "confidentiality: no BPF program may read kernel memory");
		embargo_finding_remedy(finding, "boot with lockdown=integrity");
	} else {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "%s", host->lockdown);
	}
}

static void judge_modules(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->modules_verified == EMBARGO_ANSWER_YES ||
	    (host->lockdown[0] && strcmp(host->lockdown, "none"))) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "unsigned ones are refused");
		return;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
			     "unsigned ones may be loaded: root can then undo all of this");
	embargo_finding_remedy(finding, "boot with module.sig_enforce=1");
}

/* From 6.19 on the kernel shows what it decompressed; before, only what it was given. */
static void judge_compressed(const struct embargo_host *host, struct embargo_finding *finding)
{
	const char *reason = embargo_from_memory_reason(host->modules_from_memory);

	if (host->modules_decompressed == EMBARGO_ANSWER_NO) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "the program that loads them decompresses them first");
	} else if (!embargo_host_hands_back(host)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "the kernel decompresses them, and shows the result");
	} else if (!reason) {
		embargo_finding_what(
			finding, EMBARGO_HEALTH_GOOD,
			"the kernel could decompress them, but would not show the result; so they "
			"are handed back to the program that loads them, which then does it first");
	} else {
		embargo_finding_what(
			finding, EMBARGO_HEALTH_LIMITED,
			"the kernel decompresses them and does not show the result, and they "
			"cannot "
			"be handed back: %s; they are known by the digest of the compressed file "
			"alone, and rules on signers of modules are refused",
			reason);
		embargo_finding_remedy(finding, "%s",
				       embargo_from_memory_remedy(host->modules_from_memory));
	}
}

static void judge_opening(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (embargo_host_judges_opened(host)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "rules with reach: open act by paths and by contents");
		return;
	}
	embargo_finding_what(
		finding, EMBARGO_HEALTH_LIMITED,
		"rules with reach: open act by paths, and by contents that were executed "
		"or mapped before: this kernel cannot hash a file that is being opened");
	embargo_finding_remedy(finding,
			       "boot a kernel of %u.%u or later, where such rules are needed",
			       EMBARGO_POST_OPEN_MAJOR, EMBARGO_POST_OPEN_MINOR);
}

static void judge_kexec(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->kexec_closed == EMBARGO_ANSWER_YES)
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "closed until the next boot");
	else
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "open; a listed image is refused by kexec_file_load, and "
				     "kexec_load where a rule names memory: kexec");
}

static void judge_unprivileged(const struct embargo_host *host, struct embargo_finding *finding)
{
	if (host->unprivileged_bpf != EMBARGO_ANSWER_YES) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "off");
		return;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
			     "every user may load BPF programs, a wide way into the kernel");
	embargo_finding_remedy(finding, "sysctl kernel.unprivileged_bpf_disabled=1");
}

static const struct {
	const char *name;
	void (*judge)(const struct embargo_host *host, struct embargo_finding *finding);
} judges[] = {
	{ "kernel", judge_kernel },
	{ "bpf-lsm", judge_lsm },
	{ "btf", judge_btf },
	{ "bpffs", judge_bpffs },
	{ "digests", judge_digests },
	{ "fs-verity", judge_fsverity },
	{ "lockdown", judge_lockdown },
	{ "modules", judge_modules },
	{ "compressed-modules", judge_compressed },
	{ "opening", judge_opening },
	{ "kexec", judge_kexec },
	{ "unprivileged-bpf", judge_unprivileged },
};
_Static_assert(ARRAY_SIZE(judges) <= EMBARGO_FINDINGS_HOST, "room for each");

size_t embargo_findings_host(const struct embargo_host *host,
			     struct embargo_finding findings[static EMBARGO_FINDINGS_HOST])
{
	for (size_t i = 0; i < ARRAY_SIZE(judges); i++) {
		findings[i] = (struct embargo_finding) { .name = judges[i].name };
		judges[i].judge(host, &findings[i]);
	}
	return ARRAY_SIZE(judges);
}
