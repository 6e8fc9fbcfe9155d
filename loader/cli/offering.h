/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing files that a verb has met to the watch, where one runs. */
#ifndef EMBARGO_CLI_OFFERING_H
#define EMBARGO_CLI_OFFERING_H

#include <stdbool.h>

/* A watch that takes nothing for so long is left alone from then on. */
#define EMBARGO_OFFERING_MS 500

/* Begins as { .socket = -1 }. */
struct embargo_offering {
	int socket;
	bool is_over; /* nobody is there, or nobody takes anything */
};

/* Hands the file @fd over. Where there is no watch, or the user is not root, nothing happens. */
void embargo_offering_send(struct embargo_offering *offering, int fd);
void embargo_offering_stop(struct embargo_offering *offering);

#endif
