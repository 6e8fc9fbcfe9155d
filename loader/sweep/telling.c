// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines about what runs and is refused. */
#include "loader/sweep/telling.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "loader/base/utf8.h"
#include "loader/model/time.h"

static bool has(const struct embargo_round_told *array, size_t count,
		const struct embargo_round_told *told)
{
	for (size_t i = 0; i < count; i++)
		if (!memcmp(&array[i], told, sizeof(*told)))
			return true;
	return false;
}

static void note(struct embargo_telling *telling, const struct embargo_round_told *told)
{
	void *larger = reallocarray(telling->told, telling->told_count + 1, sizeof(*told));

	if (larger) {
		telling->told = larger;
		telling->told[telling->told_count++] = *told;
	}
	telling->callbacks->told(telling->context, told);
}

bool embargo_telling_report(struct embargo_telling *telling, const struct embargo_round_told *told,
			    const char *who, const char *does, const char *path,
			    const struct embargo_ruling *ruling)
{
	char since[EMBARGO_TIME_TEXT], name[PATH_MAX];

	if (has(telling->round->told, telling->round->told_count, told) ||
	    has(telling->told, telling->told_count, told))
		return false;
	note(telling, told);
	if (telling->reports++ < EMBARGO_ROUND_REPORTS)
		embargo_speaker_say(&telling->speaker, LOG_WARNING,
				    "%s %s %s, which is refused since %s (rule %s of %s)", who,
				    does, embargo_utf8_printable(path, name, sizeof(name)),
				    embargo_time_format(ruling->since, since, sizeof(since)),
				    ruling->reason->rule, ruling->reason->policy);
	return true;
}

void embargo_telling_end(struct embargo_telling *telling)
{
	free(telling->told);
	telling->told = NULL;
	telling->told_count = 0;
}
