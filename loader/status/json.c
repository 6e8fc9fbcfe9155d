// SPDX-License-Identifier: GPL-2.0-or-later
/* The status as JSON. */
#include <errno.h>

#include "loader/json/json.h"
#include "loader/model/names.h"
#include "loader/status/gate.h"
#include "loader/status/guard.h"
#include "loader/status/status.h"

static json_t *hooks_as_json(const struct embargo_status *status)
{
	json_t *hooks = json_array();

	for (size_t i = 0; hooks && i < status->hook_count; i++) {
		json_t *hook = json_object();

		if (!hook)
			break;
		embargo_json_set_text(hook, "name", status->hooks[i].name);
		embargo_json_set(hook, "attached", json_boolean(status->hooks[i].attached));
		embargo_json_set_number(hook, "recursion_misses", status->hooks[i].missed);
		json_array_append_new(hooks, hook);
	}
	return hooks;
}

static json_t *counters_as_json(const struct embargo_status *status)
{
	json_t *counters = json_object();

	for (size_t i = 0; counters && i < EMBARGO_COUNTER_COUNT; i++)
		embargo_json_set_number(counters, embargo_status_counters[i].name,
					status->counters[i]);
	return counters;
}

static json_t *rules_as_json(const struct embargo_status *status)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < status->rule_count; i++) {
		json_t *rule = json_object();

		embargo_json_set_text(rule, "policy", status->rules[i].policy);
		embargo_json_set_text(rule, "rule", status->rules[i].rule);
		embargo_json_set_number(rule, "digests", status->rules[i].digests);
		json_array_append_new(rules, rule);
	}
	return rules;
}

/* Their ids: all, or those of the expired ones alone. */
static json_t *policies_as_json(const struct embargo_status *status, bool is_expired_only)
{
	json_t *policies = json_array();

	for (size_t i = 0; policies && i < status->record.policy_count; i++)
		if (!is_expired_only || embargo_status_has_expired(status, i))
			json_array_append_new(policies, json_string(status->record.policies[i].id));
	return policies;
}

static json_t *next_as_json(const struct embargo_status *status)
{
	json_t *next;

	if (status->next.at == INT64_MAX)
		return json_null();
	next = json_object();
	if (next) {
		embargo_json_set_time(next, "at", status->next.at);
		embargo_json_set_text(next, "action", embargo_action_name(status->next.action));
	}
	return next;
}

static json_t *waivers_as_json(const struct embargo_status *status)
{
	json_t *waivers = json_object(), *next;

	embargo_json_set_number(waivers, "count", status->head.waiver_count);
	if (status->next_waiver.until == INT64_MAX) {
		embargo_json_set(waivers, "next", json_null());
		return waivers;
	}
	next = json_object();
	embargo_json_set_text(next, "ticket", status->next_waiver.ticket);
	embargo_json_set_time(next, "until", status->next_waiver.until);
	embargo_json_set(waivers, "next", next);
	return waivers;
}

static json_t *watch_as_json(const struct embargo_status *status)
{
	const struct embargo_inventory_progress *inventory = &status->watch.inventory;
	const struct embargo_examiner_counts *counts = &status->watch.counts;
	json_t *object, *progress;

	if (!status->is_watched)
		return json_null();
	object = json_object();
	progress = json_object();
	embargo_json_set_number(object, "classified", counts->classified);
	embargo_json_set_number(object, "remembered", counts->remembered);
	embargo_json_set_number(object, "learned", counts->learned);
	embargo_json_set_number(object, "failed", counts->failed);
	embargo_json_set(progress, "done", json_boolean(inventory->is_done));
	embargo_json_set_number(progress, "seen", inventory->seen);
	embargo_json_set_number(progress, "expected", inventory->expected);
	embargo_json_set_number(progress, "skipped", inventory->skipped);
	embargo_json_set(object, "inventory", progress);
	return object;
}

static json_t *blacklist_as_json(const struct embargo_blacklist *blacklist)
{
	json_t *object;

	if (!blacklist->is_known)
		return json_null();
	object = json_object();
	embargo_json_set_number(object, "entries", blacklist->entries);
	embargo_json_set_number(object, "bin", blacklist->files);
	embargo_json_set_number(object, "tbs", blacklist->issued);
	return object;
}

static json_t *guard_as_json(const struct embargo_status *status)
{
	json_t *guard = embargo_guard_to_json(&status->guard);

	embargo_json_set(guard, "closed_to_us", json_boolean(status->is_closed));
	return guard;
}

int embargo_status_json(const struct embargo_status *status, FILE *out)
{
	_cleanup_json_ json_t *object = json_object();
	char text[3 * EMBARGO_DIAGNOSTIC_TEXT];

	if (!object)
		return -ENOMEM;
	embargo_json_set(object, "enforcing", json_boolean(status->enforcing));
	embargo_diagnostic_format(&status->why, text, sizeof(text));
	embargo_json_set_text(object, "why", status->enforcing ? NULL : text);
	embargo_json_set(object, "unfinished", json_boolean(status->unfinished));
	embargo_json_set_text(object, "kernel", status->host.release);
	embargo_json_set(object, "daemon",
			 status->daemon > 0 ? json_integer(status->daemon) : json_null());
	embargo_json_set_time(object, "now", status->now);
	embargo_json_set_time(object, "floor", status->floor);
	embargo_json_set(object, "clock_behind", json_boolean(status->behind));
	embargo_json_set_number(object, "generation", status->head.number);
	embargo_json_set_number(object, "digests", status->head.digest_count);
	embargo_json_set_number(object, "learned", status->learned);
	embargo_json_set_number(object, "learnable", status->learnable);
	embargo_json_set_number(object, "learned_in_all", status->kept);
	embargo_json_set(object, "learned_by", rules_as_json(status));
	embargo_json_set(object, "watch", watch_as_json(status));
	embargo_json_set(object, "policies", policies_as_json(status, false));
	embargo_json_set(object, "expired", policies_as_json(status, true));
	embargo_json_set(object, "hooks", hooks_as_json(status));
	embargo_json_set(object, "next", next_as_json(status));
	embargo_json_set(object, "waivers", waivers_as_json(status));
	embargo_json_set(object, "counters", counters_as_json(status));
	embargo_json_set(object, "blacklist", blacklist_as_json(&status->blacklist));
	embargo_json_set(object, "guard", guard_as_json(status));
	embargo_json_set(object, "gate", embargo_gate_report_to_json(&status->gate));
	embargo_json_set_number(object, "memory", status->memory);
	embargo_json_set_number(object, "load_ms", status->record.load_ms);
	return embargo_json_print(object, out);
}
