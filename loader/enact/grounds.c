// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding the identity behind a learned digest: its entry held against the policies in force. */
#include "loader/enact/grounds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bpf/abi.h"
#include "loader/base/utf8.h"
#include "loader/enact/policies.h"
#include "loader/learned/finder.h"
#include "loader/learned/list.h"
#include "loader/policy/match.h"

struct embargo_grounds {
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
		error = embargo_finder_find(grounds->finder, &digest, look_at_entry, &search);
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
