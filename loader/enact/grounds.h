/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On what a denial by a learned digest stands: the identity for which its rule had it learned. */
#ifndef EMBARGO_ENACT_GROUNDS_H
#define EMBARGO_ENACT_GROUNDS_H

#include "loader/event/event.h"

/* "KIND VALUE", cut off where it is longer. */
#define EMBARGO_GROUNDS_TEXT EMBARGO_EVENT_IDENTITY_TEXT

struct embargo_grounds;

void embargo_grounds_close(struct embargo_grounds *grounds);

/*
 * Writes into @text, valid UTF-8, the identity by which the rule of @event matches what was learned
 * of its digest, and returns it; "" where it was not learned, or the rule is not one that says of
 * what. Reads one line of the list of learned digests, and the policies in force once for each
 * generation. What was learned just now may still be on its way onto the list: 0.2 s are waited for
 * it, where that was not in vain within the last ten seconds. *@grounds is made where it is NULL;
 * the caller closes it.
 */
const char *embargo_grounds_of_event(struct embargo_grounds **grounds,
				     const struct embargo_event *event,
				     char text[static EMBARGO_GROUNDS_TEXT]);

#endif
