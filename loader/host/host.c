// SPDX-License-Identifier: GPL-2.0-or-later
/* What procfs, sysfs and securityfs say about the kernel. */
#include "loader/host/host.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "loader/base/cleanup.h"
#include "loader/host/from_memory.h"
#include "loader/host/text.h"

/* A distribution's configuration has some 10,000 lines. */
#define CONFIG_SIZE (1 << 20)

const char *embargo_answer_name(enum embargo_answer answer)
{
	return answer == EMBARGO_ANSWER_YES  ? "yes"
	       : answer == EMBARGO_ANSWER_NO ? "no"
					     : "unknown";
}

static bool is_before(const struct embargo_host *host, unsigned int major, unsigned int minor)
{
	unsigned int is_major = 0, is_minor = 0;

	sscanf(host->release, "%u.%u", &is_major, &is_minor);
	return is_major < major || (is_major == major && is_minor < minor);
}

bool embargo_host_hands_back(const struct embargo_host *host)
{
	return is_before(host, 6, 19) && host->modules_decompressed != EMBARGO_ANSWER_NO;
}

bool embargo_host_judges_opened(const struct embargo_host *host)
{
	return !is_before(host, EMBARGO_POST_OPEN_MAJOR, EMBARGO_POST_OPEN_MINOR);
}

static enum embargo_answer answer(bool yes)
{
	return yes ? EMBARGO_ANSWER_YES : EMBARGO_ANSWER_NO;
}

static bool exists(int root, const char *path)
{
	return !faccessat(root, path, F_OK, 0);
}

/*
 * The active list is the one to keep: an lsm= that names only bpf would switch the others off.
 * "capability" is always active and is no word of lsm=.
 */
static void name_next_boot(struct embargo_host *host)
{
	char list[EMBARGO_HOST_LIST], *rest = NULL;
	size_t length = 0;

	strcpy(list, host->lsm);
	for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!strcmp(word, "capability") ||
		    length + strlen(word) + sizeof(",bpf") > sizeof(host->lsm_boot))
			continue;
		length += sprintf(host->lsm_boot + length, "%s,", word);
	}
	strcpy(host->lsm_boot + length, "bpf");
}

static void read_lsm(int root, struct embargo_host *host)
{
	if (!embargo_text_read(root, "sys/kernel/security/lsm", host->lsm, sizeof(host->lsm)))
		return;
	host->bpf_listed = answer(embargo_text_lists(host->lsm, "bpf"));
	if (host->bpf_listed == EMBARGO_ANSWER_NO)
		name_next_boot(host);
}

/* The kernel's configuration where the distribution keeps it; /proc/config.gz is seldom there. */
static void read_config(int root, struct embargo_host *host)
{
	_cleanup_free_
	char *text = malloc(CONFIG_SIZE);
	char path[EMBARGO_HOST_WORD + 32];

	snprintf(path, sizeof(path), "boot/config-%s", host->release);
	if (!text || !host->release[0] || !embargo_text_read(root, path, text, CONFIG_SIZE))
		return;
	host->bpf_built = answer(strstr(text, "\nCONFIG_BPF_LSM=y\n"));
	host->fsverity = answer(strstr(text, "\nCONFIG_FS_VERITY=y\n"));
	host->modules_appraised =
		answer(strstr(text, "\nCONFIG_IMA_APPRAISE_REQUIRE_MODULE_SIGS=y\n"));
}

/*
 * The measurement list begins with "10 DIGEST ima-ng ALGORITHM:DIGEST boot_aggregate"; with no
 * ima_hash= its algorithm is the one that the kernel was built for.
 */
static void read_ima(int root, struct embargo_host *host)
{
	char line[512], *algorithm, *rest = NULL;

	if (!exists(root, "sys/kernel/security/lsm"))
		return; /* securityfs is not mounted, and says nothing */
	host->ima = answer(exists(root, "sys/kernel/security/ima"));
	if (host->ima != EMBARGO_ANSWER_YES ||
	    embargo_text_parameter(root, "ima_hash=", "", host->ima_hash, sizeof(host->ima_hash)) ||
	    !embargo_text_read(root, "sys/kernel/security/ima/ascii_runtime_measurements", line,
			       sizeof(line)))
		return;
	algorithm = strtok_r(line, " ", &rest);
	for (int i = 0; algorithm && i < 3; i++)
		algorithm = strtok_r(NULL, " ", &rest);
	if (!algorithm || !strchr(algorithm, ':'))
		return;
	snprintf(host->ima_hash, sizeof(host->ima_hash), "%.*s", (int)strcspn(algorithm, ":"),
		 algorithm);
}

/* "none [integrity] confidentiality": the word in brackets is in force. */
static void read_lockdown(int root, struct embargo_host *host)
{
	char line[EMBARGO_HOST_WORD * 2];
	const char *word;

	if (!embargo_text_read(root, "sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	word = strchr(line, '[');
	if (word)
		snprintf(host->lockdown, sizeof(host->lockdown), "%.*s",
			 (int)strcspn(word + 1, "]"), word + 1);
}

/* The file's first character is one of @yes. */
static enum embargo_answer ask(int root, const char *path, const char *yes)
{
	char text[EMBARGO_HOST_WORD];

	if (!embargo_text_read(root, path, text, sizeof(text)) || !text[0])
		return EMBARGO_ANSWER_UNKNOWN;
	return answer(strchr(yes, text[0]));
}

/* Asked of its parent by name: "FOLDER/.." is closed to those who may not enter it. */
static bool is_mounted(int root, const char *parent, const char *folder)
{
	struct stat above, status;

	return !fstatat(root, folder, &status, 0) && !fstatat(root, parent, &above, 0) &&
	       status.st_dev != above.st_dev;
}

/* Another mount may cover it. */
static bool has_bpffs(int root)
{
	_cleanup_close_ int fd = openat(root, "sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs status;

	if (!is_mounted(root, "sys/fs", "sys/fs/bpf"))
		return false;
	/* Who may not open it sees a folder of root's alone, as ours is. */
	return fd < 0 || (!fstatfs(fd, &status) && status.f_type == BPF_FS_MAGIC);
}

void embargo_host_read(const char *root, struct embargo_host *host)
{
	_cleanup_close_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*host = (struct embargo_host) { 0 };
	if (fd < 0)
		return;
	embargo_text_read(fd, "proc/sys/kernel/osrelease", host->release, sizeof(host->release));
	read_lsm(fd, host);
	read_config(fd, host);
	read_ima(fd, host);
	read_lockdown(fd, host);
	host->btf = answer(exists(fd, "sys/kernel/btf/vmlinux"));
	host->bpffs = answer(has_bpffs(fd));
	if (exists(fd, "proc/sys/fs/verity") || exists(fd, "sys/fs/ext4/features/verity"))
		host->fsverity = EMBARGO_ANSWER_YES;
	host->modules_verified = ask(fd, "sys/module/module/parameters/sig_enforce", "Y1");
	host->modules_decompressed = answer(exists(fd, "sys/module/compression"));
	host->modules_from_memory = embargo_from_memory_read(fd, host);
	host->kexec_closed = ask(fd, "proc/sys/kernel/kexec_load_disabled", "1");
	host->unprivileged_bpf = ask(fd, "proc/sys/kernel/unprivileged_bpf_disabled", "0");
}
