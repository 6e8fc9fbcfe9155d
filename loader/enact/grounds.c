// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the identity behind a learned digest: its entry held against the policies in force. */
#include "loader/enact/grounds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bpf/abi.h"
#include "loader/base/utf8.h"
#include "loader/enact/policies.h"
#include "loader/learned/finder.h"
#include "loader/learned/list.h"
#include "loader/model/time.h"
#include "loader/policy/match.h"

/*
 * What is learned is refused first and put onto the list then: who is told in between waits for it
 * so long. A list that does not get it by then gets none for a while, and nobody waits.
 */
#define WAIT_STEPS   10
#define WAIT_US	     20000
#define IMPATIENT_NS (10 * EMBARGO_SECOND_NS)

struct embargo_grounds {
	int64_t waited; /* in vain, until then; CLOCK_MONOTONIC, ns */
	struct embargo_finder *finder;
	struct embargo_enacted_id id; /* of the policies that were read, or could not be */
	struct embargo_policy_set *set;
};

static int open_grounds(struct embargo_grounds **grounds)
{
	struct embargo_grounds *made = calloc(1, sizeof(*made));
	int error = made ? embargo_finder_open(EMBARGO_LEARNED_FILE, &made->finder) : -ENOMEM;

	if (error)
		free(made);
	else
		*grounds = made;
	return error;
}

void embargo_grounds_close(struct embargo_grounds *grounds)
{
	if (!grounds)
		return;
	embargo_finder_close(grounds->finder);
	embargo_policy_set_free(grounds->set);
	free(grounds);
}

/* The policies of that generation; not there any more where another has come since. */
static int take_up(struct embargo_grounds *grounds, uint64_t generation)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_enacted_id id = { .generation = generation };
	struct stat status;

	if (stat(EMBARGO_PIN_DIR, &status))
		return -errno;
	id.instance = status.st_ino;
	if (!memcmp(&id, &grounds->id, sizeof(id)))
		return grounds->set ? 0 : -ENOENT;
	embargo_policy_set_free(grounds->set);
	grounds->set = NULL;
	grounds->id = id;
	return embargo_enacted_read(&id, &grounds->set, &ignored);
}

struct search {
	struct embargo_grounds *grounds;
	const struct embargo_event *event;
	char *text;
	int error;
};

static void take_rule(void *context, size_t rule, const struct embargo_identity *by)
{
	struct search *search = context;
	const char *policy_id, *rule_id;
	char value[EMBARGO_GROUNDS_TEXT];

	embargo_policy_set_name(search->grounds->set, rule, &policy_id, &rule_id);
	if (!search->error || !by || strcmp(policy_id, search->event->reason.policy) ||
	    strcmp(rule_id, search->event->reason.rule))
		return;
	snprintf(search->text, EMBARGO_GROUNDS_TEXT, "%s %s", embargo_identity_kind_name(by->kind),
		 embargo_identity_format(by, value, sizeof(value)));
	search->error = 0;
}

static int look_at_entry(void *context, const struct embargo_learned_entry *entry)
{
	const struct search *search = context;
	const struct embargo_evidence evidence = { &entry->identities, &entry->digest, entry->size,
						   entry->path };

	embargo_policy_set_match(search->grounds->set, &evidence, take_rule, context);
	return search->error;
}

static int64_t monotonic(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * EMBARGO_SECOND_NS + now.tv_nsec;
}

static int search_list(struct embargo_grounds *grounds, const struct embargo_digest *digest,
		       bool waits, struct search *search)
{
	int error = embargo_finder_find(grounds->finder, digest, look_at_entry, search);

	waits = waits && (!grounds->waited || monotonic() - grounds->waited > IMPATIENT_NS);
	for (int step = 0; error == -ENOENT && waits && step < WAIT_STEPS; step++) {
		usleep(WAIT_US);
		error = embargo_finder_find(grounds->finder, digest, look_at_entry, search);
	}
	if (error == -ENOENT && waits)
		grounds->waited = monotonic();
	return error;
}

/* What was cut off within a character loses the rest of it. */
static void trim(char *text)
{
	size_t at = 0, left = strlen(text), length;

	while (left && (length = embargo_utf8_length(text + at, left))) {
		at += length;
		left -= length;
	}
	text[at] = '\0';
}

static int find(struct embargo_grounds *grounds, const struct embargo_event *event, char *text)
{
	struct search search = { grounds, event, text, -ENOENT };
	struct embargo_digest digest;
	int error = take_up(grounds, event->generation);

	memcpy(digest.bytes, event->digest, sizeof(digest.bytes));
	if (!error)
		error = search_list(grounds, &digest, event->flags & EMBARGO_EVENT_LEARNED,
				    &search);
	if (!error)
		trim(text);
	return error;
}

const char *embargo_grounds_of_event(struct embargo_grounds **grounds,
				     const struct embargo_event *event,
				     char text[static EMBARGO_GROUNDS_TEXT])
{
	text[0] = '\0';
	if (!(event->flags & EMBARGO_EVENT_DIGEST) || (event->flags & EMBARGO_EVENT_SIGNER) ||
	    !event->reason.rule[0] || (!*grounds && open_grounds(grounds)))
		return text;
	if (find(*grounds, event, text))
		text[0] = '\0';
	return text;
}
