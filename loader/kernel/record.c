// SPDX-License-Identifier: GPL-2.0-or-later
/* The run-time record: one line `load-ms N`, then one line `policy ID EXPIRES` each. */
#include "loader/kernel/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

void embargo_record_write(const struct embargo_load *load, uint64_t load_ms)
{
	_cleanup_fclose_ FILE *file = NULL;

	mkdir(EMBARGO_RECORD_FOLDER, 0755);
	file = fopen(EMBARGO_RECORD_FILE ".new", "we");
	if (!file)
		return;
	fprintf(file, "load-ms %" PRIu64 "\n", load_ms);
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
		else
			sscanf(line, "load-ms %" SCNu64, &read.load_ms);
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
