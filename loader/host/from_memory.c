// SPDX-License-Identifier: GPL-2.0-or-later
/* What IMA and LoadPin say to a module that is handed over from memory. */
#include "loader/host/from_memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/host/text.h"

/* An IMA policy has some hundred rules; the longest line of one is far below a page. */
#define POLICY_SIZE (256 << 10)

static const struct {
	const char *reason, *remedy;
} words[] = {
	[EMBARGO_FROM_MEMORY_UNKNOWN] = {
		"whether IMA appraises modules cannot be read, and it takes none from memory where "
		"it does",
		"boot with module.sig_enforce=1, which makes IMA take them",
	},
	[EMBARGO_FROM_MEMORY_TAKEN] = { NULL, NULL },
	[EMBARGO_FROM_MEMORY_IMA] = {
		"IMA appraises modules here, and takes none from memory",
		"boot with module.sig_enforce=1, which makes IMA take them",
	},
	[EMBARGO_FROM_MEMORY_LOADPIN] = {
		"LoadPin takes no module from memory here",
		"boot with loadpin.exclude=kernel-module or a kernel of 6.19 or later",
	},
};
_Static_assert(ARRAY_SIZE(words) == EMBARGO_FROM_MEMORY_COUNT, "words for each answer");

const char *embargo_from_memory_reason(enum embargo_from_memory answer)
{
	return words[answer].reason;
}

const char *embargo_from_memory_remedy(enum embargo_from_memory answer)
{
	return words[answer].remedy;
}

/* Documentation/admin-guide/LSM/LoadPin.rst: enforcing unless told otherwise, file kinds apart. */
static bool loadpin_refuses(int root, const struct embargo_host *host)
{
	char text[EMBARGO_HOST_LIST];

	if (!embargo_text_lists(host->lsm, "loadpin"))
		return false;
	if (embargo_text_read(root, "proc/sys/kernel/loadpin/enforce", text, sizeof(text)) &&
	    text[0] == '0')
		return false;
	return !embargo_text_read(root, "sys/module/loadpin/parameters/exclude", text,
				  sizeof(text)) ||
	       !embargo_text_lists(text, "kernel-module");
}

/* Documentation/ABI/testing/ima_policy: "appraise func=MODULE_CHECK ...", words in any order. */
static bool appraises_modules(char *policy)
{
	char *line, *lines = NULL;

	for (line = strtok_r(policy, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines))
		if (!strncmp(line + strspn(line, " \t"), "appraise", strlen("appraise")) &&
		    strstr(line, "func=MODULE_CHECK"))
			return true;
	return false;
}

/*
 * The kernel shows its policy where it was built to (IMA_READ_POLICY). Where it does not, its file
 * is gone once a policy was loaded, from /etc/ima/ima-policy by systemd or by an initramfs.
 */
static enum embargo_from_memory ask_policy(int root)
{
	static const char kernels[] = "sys/kernel/security/ima/policy";
	_cleanup_free_
	char *policy = malloc(POLICY_SIZE);

	if (!policy)
		return EMBARGO_FROM_MEMORY_UNKNOWN;
	if (embargo_text_read(root, kernels, policy, POLICY_SIZE) ||
	    embargo_text_read(root, "etc/ima/ima-policy", policy, POLICY_SIZE))
		return appraises_modules(policy) ? EMBARGO_FROM_MEMORY_IMA
						 : EMBARGO_FROM_MEMORY_TAKEN;
	return faccessat(root, kernels, F_OK, 0) ? EMBARGO_FROM_MEMORY_UNKNOWN
						 : EMBARGO_FROM_MEMORY_TAKEN;
}

/* security/integrity/ima/ima_main.c, ima_load_data(): enforced signatures are enough for it. */
enum embargo_from_memory embargo_from_memory_read(int root, const struct embargo_host *host)
{
	char value[EMBARGO_HOST_LIST];

	if (loadpin_refuses(root, host))
		return EMBARGO_FROM_MEMORY_LOADPIN;
	if (host->modules_verified == EMBARGO_ANSWER_YES || host->ima == EMBARGO_ANSWER_NO)
		return EMBARGO_FROM_MEMORY_TAKEN;
	if (host->ima == EMBARGO_ANSWER_UNKNOWN)
		return EMBARGO_FROM_MEMORY_UNKNOWN;
	if (embargo_text_parameter(root, "ima_policy=", "secure_boot", value, sizeof(value)) ||
	    host->modules_appraised == EMBARGO_ANSWER_YES)
		return EMBARGO_FROM_MEMORY_IMA;
	return ask_policy(root);
}
