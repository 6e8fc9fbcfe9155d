// SPDX-License-Identifier: GPL-2.0-or-later
/* The run-time record: lines `load-ms N` and `began HOW MS`, then one line `policy ID EXPIRES`
 * each.
 */
#include "loader/kernel/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include "loader/base/cleanup.h"

static const char *const beginnings[] = {
	[EMBARGO_BEGAN_UNKNOWN] = "unknown",
	[EMBARGO_BEGAN_BEFORE_INIT] = "before-init",
	[EMBARGO_BEGAN_KEPT] = "kept",
	[EMBARGO_BEGAN_POLICIES] = "policies",
};
_Static_assert(ARRAY_SIZE(beginnings) == EMBARGO_BEGAN_COUNT, "a name for each beginning");

/* PID 1 still has the initramfs for its root, and we have another. */
static bool is_before_init(void)
{
	struct stat init, ours;
	struct statfs system;

	return !stat("/proc/1/root", &init) && !stat("/", &ours) &&
	       (init.st_dev != ours.st_dev || init.st_ino != ours.st_ino) &&
	       !statfs("/proc/1/root", &system) &&
	       (system.f_type == RAMFS_MAGIC || system.f_type == TMPFS_MAGIC);
}

static void find_beginning(const struct embargo_load *load, bool first,
			   struct embargo_record *record)
{
	struct embargo_record before = { .load_ms = 0 };
	struct timespec since = { 0 };

	if (!first) {
		embargo_enforcement_record(&before);
		record->beginning = before.beginning;
		record->beginning_ms = before.beginning_ms;
		embargo_record_free(&before);
		return;
	}
	clock_gettime(CLOCK_BOOTTIME, &since);
	record->beginning = is_before_init() ? EMBARGO_BEGAN_BEFORE_INIT
			    : load->kept     ? EMBARGO_BEGAN_KEPT
					     : EMBARGO_BEGAN_POLICIES;
	record->beginning_ms = since.tv_sec * 1000ULL + since.tv_nsec / 1000000;
}

void embargo_record_write(const struct embargo_load *load, uint64_t load_ms, bool first)
{
	_cleanup_fclose_ FILE *file = NULL;
	struct embargo_record began = { .load_ms = 0 };

	find_beginning(load, first, &began);
	mkdir(EMBARGO_RECORD_FOLDER, 0755);
	file = fopen(EMBARGO_RECORD_FILE ".new", "we");
	if (!file)
		return;
	fprintf(file, "load-ms %" PRIu64 "\nbegan %s %" PRIu64 "\n", load_ms,
		beginnings[began.beginning], began.beginning_ms);
	for (size_t i = 0; i < load->policy_count; i++)
		fprintf(file, "policy %s %" PRId64 "\n", load->policies[i].id,
			load->policies[i].expires);
	if (fflush(file) || rename(EMBARGO_RECORD_FILE ".new", EMBARGO_RECORD_FILE))
		unlink(EMBARGO_RECORD_FILE ".new");
}

void embargo_record_remove(void)
{
	unlink(EMBARGO_RECORD_FILE);
	rmdir(EMBARGO_RECORD_FOLDER);
}

static void read_beginning(const char *line, struct embargo_record *record)
{
	char name[16];
	uint64_t ms;

	if (sscanf(line, "began %15s %" SCNu64, name, &ms) != 2)
		return;
	for (size_t i = 0; i < EMBARGO_BEGAN_COUNT; i++)
		if (!strcmp(name, beginnings[i])) {
			record->beginning = i;
			record->beginning_ms = ms;
		}
}

static int add_policy(struct embargo_record *record, const struct embargo_record_policy *policy)
{
	struct embargo_record_policy *grown =
		reallocarray(record->policies, record->policy_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	record->policies = grown;
	grown[record->policy_count++] = *policy;
	return 0;
}

int embargo_enforcement_record(struct embargo_record *record)
{
	_cleanup_fclose_ FILE *file = fopen(EMBARGO_RECORD_FILE, "re");
	struct embargo_record read = { .load_ms = 0 };
	struct embargo_record_policy policy;
	char line[256];
	int error = 0;

	if (!file)
		return -errno;
	while (!error && fgets(line, sizeof(line), file))
		if (sscanf(line, "policy %63s %" SCNd64, policy.id, &policy.expires) == 2)
			error = add_policy(&read, &policy);
		else if (sscanf(line, "load-ms %" SCNu64, &read.load_ms) != 1)
			read_beginning(line, &read);
	if (error) {
		embargo_record_free(&read);
		return error;
	}
	*record = read;
	return 0;
}

void embargo_record_free(struct embargo_record *record)
{
	free(record->policies);
	*record = (struct embargo_record) { .load_ms = 0 };
}
