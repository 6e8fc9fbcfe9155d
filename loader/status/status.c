// SPDX-License-Identifier: GPL-2.0-or-later
/* Gathering the status: the pins, the clock, the daemon's presence. */
#include "loader/status/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/base/presence.h"
#include "loader/enact/policies.h"
#include "loader/kernel/learned.h"
#include "loader/learned/list.h"
#include "loader/policy/match.h"

const struct embargo_status_counter embargo_status_counters[] = {
	[EMBARGO_COUNTER_CHECKED] = { "checked", "Requests looked at." },
	[EMBARGO_COUNTER_LABEL_HIT] = { "label_hit", "Digests that were known from a label." },
	[EMBARGO_COUNTER_HASHED] = { "hashed", "Digests that were computed." },
	[EMBARGO_COUNTER_SIZE_FILTERED] = { "size_filtered",
					    "Files that their size alone cleared." },
	[EMBARGO_COUNTER_DENIED] = { "denied", "Requests that were denied." },
	[EMBARGO_COUNTER_AUDITED] = { "audited", "Requests that would have been denied." },
	[EMBARGO_COUNTER_DIGEST_FAILED] = { "digest_failed", "Digests that could not be had." },
	[EMBARGO_COUNTER_LOST_DENIALS] = { "lost_denials",
					   "Events of denials that nobody was told of." },
	[EMBARGO_COUNTER_LOST_AUDITS] = { "lost_audits",
					  "Events of audits that nobody was told of." },
	[EMBARGO_COUNTER_COALESCED] = { "coalesced", "Repetitions that were counted instead of "
						     "told one by one." },
	[EMBARGO_COUNTER_RETRIED] = { "retried",
				      "Look-ups repeated because a reload came between." },
	[EMBARGO_COUNTER_UNJUDGED] = { "unjudged", "Requests let through because no memory for a "
						   "judgement was free." },
	[EMBARGO_COUNTER_LOST_SIGHTINGS] = { "lost_sightings",
					     "Files first seen that nobody was told of." },
};
_Static_assert(ARRAY_SIZE(embargo_status_counters) == EMBARGO_COUNTER_COUNT, "each has a name");

static int take_hook(void *context, const struct embargo_hook *hook)
{
	struct embargo_status *status = context;
	struct embargo_status_hook *taken = &status->hooks[status->hook_count];

	if (status->hook_count == EMBARGO_STATUS_HOOKS)
		return 0;
	snprintf(taken->name, sizeof(taken->name), "%s", hook->name);
	taken->attached = hook->attached;
	taken->missed = hook->missed;
	status->hook_count++;
	return 0;
}

static int64_t read_clock(clockid_t which)
{
	struct timespec time;

	clock_gettime(which, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* The same sum that the kernel half makes (abi.h, struct embargo_clock). */
static int gather_clock(const struct embargo_enforcement *enforcement,
			struct embargo_status *status)
{
	struct embargo_notes notes;
	struct embargo_clock clock;
	int64_t wall;
	int error = embargo_enforcement_clock(enforcement, &clock);

	if (!error)
		error = embargo_enforcement_notes(enforcement, &notes);
	if (error)
		return error;
	wall = read_clock(CLOCK_TAI) - clock.tai_offset;
	status->floor = clock.base + read_clock(CLOCK_BOOTTIME);
	status->now = wall > status->floor ? wall : status->floor;
	status->behind = notes.clock_behind;
	return 0;
}

/* What `now` will be at the next start. */
static void gather_resting_clock(struct embargo_status *status)
{
	struct embargo_floor floor;

	embargo_floor_read(&floor);
	status->now = embargo_clock_now();
	status->floor = floor.ns;
	status->behind = floor.behind;
}

static int gather_learned(struct embargo_status *status)
{
	struct embargo_learned *learned;
	int error = embargo_learned_open(&learned);

	if (error)
		return error;
	error = embargo_learned_count(learned, &status->learned, &status->learnable);
	embargo_learned_close(learned);
	return error;
}

struct counting {
	struct embargo_status *status;
	const struct embargo_policy_set *set;
	size_t *digests; /* of each rule */
};

static void count_rule(void *context, size_t rule, const struct embargo_identity *by)
{
	const struct counting *counting = context;

	(void)by;
	counting->digests[rule]++;
}

static int count_entry(void *context, const struct embargo_learned_entry *entry)
{
	const struct counting *counting = context;
	const struct embargo_evidence evidence = { &entry->identities, &entry->digest, entry->size,
						   entry->path };

	counting->status->kept +=
		embargo_policy_set_match(counting->set, &evidence, count_rule, context) > 0;
	return 0;
}

static int note_rule(struct embargo_status *status, const struct embargo_policy_set *set,
		     size_t rule, size_t digests)
{
	struct embargo_status_rule *rules =
		reallocarray(status->rules, status->rule_count + 1, sizeof(*rules));
	const char *policy_id, *rule_id;

	if (!rules)
		return -ENOMEM;
	status->rules = rules;
	rules = &rules[status->rule_count++];
	embargo_policy_set_name(set, rule, &policy_id, &rule_id);
	snprintf(rules->policy, sizeof(rules->policy), "%s", policy_id);
	snprintf(rules->rule, sizeof(rules->rule), "%s", rule_id);
	rules->digests = digests;
	return 0;
}

static int count_learned(struct embargo_status *status, const struct embargo_policy_set *set)
{
	struct counting counting = { .status = status, .set = set };
	_cleanup_free_
	size_t *digests = NULL;
	size_t count = 0;
	int error;

	for (size_t i = 0; i < set->count; i++)
		count += set->policies[i]->rule_count;
	counting.digests = digests = calloc(count + 1, sizeof(*digests));
	if (!digests)
		return -ENOMEM;
	error = embargo_learned_list_each(EMBARGO_LEARNED_FILE, count_entry, &counting);
	for (size_t i = 0; i < count && !error; i++)
		if (digests[i])
			error = note_rule(status, set, i, digests[i]);
	return error;
}

/* The list, held against the policies in force; where one of them cannot be read, nothing is said.
 */
static void gather_rules(struct embargo_status *status)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_policy_set *set = NULL;
	struct embargo_enacted_id id;

	if (!status->head.classifies || embargo_enacted_find(&id) ||
	    embargo_enacted_read(&id, &set, &ignored))
		return;
	count_learned(status, set);
	embargo_policy_set_free(set);
}

static int gather_pins(const struct embargo_enforcement *enforcement, struct embargo_status *status)
{
	int error = embargo_enforcement_head(enforcement, &status->head);

	if (!error)
		error = embargo_enforcement_counters(enforcement, status->counters);
	if (!error)
		error = embargo_enforcement_memory(enforcement, &status->memory);
	if (!error)
		error = embargo_enforcement_hooks(enforcement, take_hook, status);
	if (!error)
		error = gather_learned(status);
	if (!error)
		error = gather_clock(enforcement, status);
	if (!error)
		error = embargo_enforcement_next(enforcement, status->now, &status->next);
	if (!error)
		error = embargo_enforcement_next_waiver(enforcement, status->now,
							&status->next_waiver);
	return error ? embargo_diagnostic_what(&status->why, error, "the pins cannot be read: %s",
					       strerror(-error))
		     : 0;
}

/* Where the guard keeps the maps from this process, the pins say what is attached: nobody else can
 * have changed those. */
static int gather_closed(struct embargo_status *status)
{
	embargo_enforcement_hooks(NULL, take_hook, status);
	embargo_enforcement_record(&status->record);
	status->is_watched = !embargo_watch_report_read(&status->watch);
	status->is_closed = status->enforcing = true;
	return 0;
}

int embargo_status_gather(struct embargo_status *status)
{
	struct embargo_enforcement *enforcement = NULL;
	struct embargo_diagnostic ignored = { .line = 0 };
	int error;

	*status = (struct embargo_status) { .next.at = INT64_MAX, .next_waiver.until = INT64_MAX };
	embargo_host_read("/", &status->host);
	embargo_blacklist_read("/", &status->blacklist);
	status->daemon = embargo_presence_holder(EMBARGO_PRESENCE_DAEMON);
	embargo_gate_report_read(&status->gate); /* where there is none, none runs */
	gather_resting_clock(status);
	embargo_guard_look(&status->guard);
	if (embargo_guard_check(&ignored))
		return gather_closed(status);
	status->unfinished = embargo_enforcement_unfinished();
	error = embargo_enforcement_open(&enforcement, &status->why);
	if (error)
		return error;
	error = gather_pins(enforcement, status);
	embargo_enforcement_close(enforcement);
	if (error)
		return error;
	embargo_enforcement_record(&status->record);
	status->is_watched = !embargo_watch_report_read(&status->watch);
	gather_rules(status);
	status->enforcing = true;
	return 0;
}

void embargo_status_free(struct embargo_status *status)
{
	embargo_record_free(&status->record);
	free(status->rules);
}

bool embargo_status_has_expired(const struct embargo_status *status, size_t i)
{
	return status->record.policies[i].expires <= status->now;
}

int embargo_status_print(const struct embargo_status *status, enum embargo_status_form form,
			 FILE *out)
{
	if (form == EMBARGO_STATUS_JSON)
		return embargo_status_json(status, out);
	if (form == EMBARGO_STATUS_METRICS)
		embargo_status_metrics(status, out);
	else
		embargo_status_text(status, out);
	return ferror(out) ? -EIO : 0;
}
