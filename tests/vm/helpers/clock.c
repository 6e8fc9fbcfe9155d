// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets the clock as an administrator (settimeofday) or a time daemon (adjtimex) would. */
#include <sys/time.h>
#include <sys/timex.h>

#include "helper.h"

static void adjust(struct timex *request)
{
	if (adjtimex(request) < 0)
		refuse("adjtimex");
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	struct timeval now;

	if (!strcmp(verb, "set")) {
		gettimeofday(&now, NULL);
		now.tv_sec += seconds;
		if (settimeofday(&now, NULL))
			refuse("settimeofday");
	} else if (!strcmp(verb, "step")) {
		struct timex request = { .modes = ADJ_SETOFFSET, .time = { .tv_sec = seconds } };

		adjust(&request);
	} else if (!strcmp(verb, "synchronise")) {
		/* what a time daemon says: a small error, no STA_UNSYNC, the TAI offset */
		struct timex request = { .modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR };

		adjust(&request);
		request = (struct timex) { .modes = ADJ_TAI, .constant = 37 };
		adjust(&request);
	} else {
		fprintf(stderr,
			"usage: clock set SECONDS | clock step SECONDS | clock synchronise\n");
		return 2;
	}
	return 0;
}
