// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints the sightings that are there, "OPERATION SIZE INODE PID PATH" each; or has all forgotten.
 */
#include "loader/kernel/sightings.h"
#include "bpf/abi.h"
#include "helper.h"
#include "loader/model/names.h"

static int print(void *context, const struct embargo_sighting *sighting)
{
	(void)context;
	printf("%s %llu %llu %u %s\n", embargo_operation_name(sighting->operation),
	       (unsigned long long)sighting->size, (unsigned long long)sighting->inode,
	       sighting->pid, sighting->path);
	return 0;
}

int main(int argc, char **argv)
{
	struct embargo_sightings *sightings;
	int result = embargo_sightings_open(&sightings);

	if (!result && argc > 1 && !strcmp(argv[1], "forget"))
		result = embargo_sightings_forget(sightings);
	else if (!result)
		result = embargo_sightings_read(sightings, print, NULL);
	if (result < 0) {
		errno = -result;
		refuse("sightings");
	}
	embargo_sightings_close(sightings);
	return 0;
}
