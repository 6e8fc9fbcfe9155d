// SPDX-License-Identifier: GPL-2.0-or-later
/* The run-time record: one line `load-ms N`, then one line `policy ID` each. */
#include "loader/kernel/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
		fprintf(file, "policy %s\n", load->policies[i]);
	if (fflush(file) || rename(EMBARGO_RECORD_FILE ".new", EMBARGO_RECORD_FILE))
		unlink(EMBARGO_RECORD_FILE ".new");
}

void embargo_record_remove(void)
{
	unlink(EMBARGO_RECORD_FILE);
	rmdir(EMBARGO_RECORD_FOLDER);
}

static int add_policy(struct embargo_record *record, const char *id)
{
	char **grown = reallocarray(record->policies, record->policy_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	record->policies = grown;
	grown[record->policy_count] = strdup(id);
	if (!grown[record->policy_count])
		return -ENOMEM;
	record->policy_count++;
	return 0;
}

int embargo_enforcement_record(struct embargo_record *record)
{
	_cleanup_fclose_ FILE *file = fopen(EMBARGO_RECORD_FILE, "re");
	struct embargo_record read = { .load_ms = 0 };
	char line[256], id[EMBARGO_NAME_SIZE];
	int error = 0;

	if (!file)
		return -errno;
	while (!error && fgets(line, sizeof(line), file))
		if (sscanf(line, "policy %63s", id) == 1)
			error = add_policy(&read, id);
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
	for (size_t i = 0; i < record->policy_count; i++)
		free(record->policies[i]);
	free(record->policies);
	*record = (struct embargo_record) { .load_ms = 0 };
}
