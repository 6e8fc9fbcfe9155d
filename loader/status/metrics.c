// SPDX-License-Identifier: GPL-2.0-or-later
/* The status as OpenMetrics text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/model/names.h"
#include "loader/model/time.h"
#include "loader/status/guard.h"
#include "loader/status/status.h"

/* Names its unit where the name ends in one, as OpenMetrics wants it said. */
static void print_family(FILE *out, const char *name, const char *type, const char *unit,
			 const char *help)
{
	fprintf(out, "# TYPE embargo_%s %s\n", name, type);
	if (unit)
		fprintf(out, "# UNIT embargo_%s %s\n", name, unit);
	fprintf(out, "# HELP embargo_%s %s\n", name, help);
}

static void print_gauge(FILE *out, const char *name, const char *unit, const char *help,
			double value)
{
	print_family(out, name, "gauge", unit, help);
	fprintf(out, "embargo_%s %.17g\n", name, value);
}

static void print_counter(FILE *out, const char *name, const char *help, uint64_t value)
{
	print_family(out, name, "counter", NULL, help);
	fprintf(out, "embargo_%s_total %" PRIu64 "\n", name, value);
}

/* What an alert looks at long before it is too late. An id needs no quoting: policy/field.c. */
static void print_expiries(FILE *out, const struct embargo_status *status)
{
	const struct embargo_record *record = &status->record;
	bool has_family = false;

	for (size_t i = 0; i < record->policy_count; i++) {
		if (record->policies[i].expires == INT64_MAX)
			continue;
		if (!has_family)
			print_family(out, "policy_expires_timestamp_seconds", "gauge", "seconds",
				     "When the policy expires; it stays in force.");
		has_family = true;
		fprintf(out, "embargo_policy_expires_timestamp_seconds{policy=\"%s\"} %.17g\n",
			record->policies[i].id, record->policies[i].expires / 1e9);
	}
}

static const char *const gate_help[EMBARGO_GATE_COUNT_COUNT] = {
	[EMBARGO_GATE_COUNT_HELD] = "Executions that waited to be looked into.",
	[EMBARGO_GATE_COUNT_ALLOWED] = "Executions that waited and were looked into.",
	[EMBARGO_GATE_COUNT_LATE] = "Executions that waited for as long as any may.",
	[EMBARGO_GATE_COUNT_FAILED] = "Executions of files that could not be looked into.",
	[EMBARGO_GATE_COUNT_UNANSWERED] = "Executions let go where there was nobody to ask.",
	[EMBARGO_GATE_COUNT_EXEMPT] = "Executions of who is never held.",
	[EMBARGO_GATE_COUNT_OPENED] = "Times that the gate was ended because it did not live.",
};

static void print_gate(FILE *out, const struct embargo_gate_report *gate)
{
	char name[64];

	print_gauge(out, "gate_holding", NULL, "1 where first executions wait for the gate.",
		    gate->state == EMBARGO_GATE_STATE_HOLDING);
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++) {
		snprintf(name, sizeof(name), "gate_%s", embargo_gate_count_name(i));
		print_counter(out, name, gate_help[i], gate->counts[i]);
	}
}

static void print_guard(FILE *out, const struct embargo_guard_view *guard)
{
	print_gauge(out, "guard_closed", NULL, "1 where the guard is closed.",
		    embargo_guard_is_closed(guard));
	if (guard->is_open)
		print_gauge(out, "guard_open_until_timestamp_seconds", "seconds",
			    "When the guard closes again.", embargo_guard_closes_at(guard) / 1e9);
	print_family(out, "guard_refused", "counter", NULL, "What the guard refused.");
	for (size_t i = EMBARGO_GUARD_REFUSED_UNKNOWN + 1; i < EMBARGO_GUARD_REFUSED_COUNT; i++)
		fprintf(out, "embargo_guard_refused_total{what=\"%s\"} %" PRIu64 "\n",
			embargo_guard_refused_name(i), (uint64_t)guard->refusals[i].count);
}

void embargo_status_metrics(const struct embargo_status *status, FILE *out)
{
	uint64_t missed = 0;

	print_gauge(out, "enforcing", NULL, "1 where policies are in force.", status->enforcing);
	print_gauge(out, "daemon_running", NULL, "1 where a daemon reports.", status->daemon > 0);
	print_gauge(out, "clock_behind", NULL, "1 once the clock was seen below its floor.",
		    status->behind);
	print_gauge(out, "generation", NULL, "Number of the generation in force.",
		    status->head.number);
	print_gauge(out, "digests", NULL, "Digests in force.", status->head.digest_count);
	print_gauge(out, "learned", NULL, "Digests learned since the generation began.",
		    status->learned);
	print_gauge(out, "learnable", NULL, "Digests that may still be learned before a reload.",
		    status->learnable);
	print_gauge(out, "watching", NULL, "1 where new files are looked into.",
		    status->is_watched);
	print_gauge(out, "memory_bytes", "bytes", "Kernel memory of the tables.", status->memory);
	if (status->next.at != INT64_MAX)
		print_gauge(out, "next_change_timestamp_seconds", "seconds",
			    "When the next stage begins.", status->next.at / 1e9);
	print_gauge(out, "waivers", NULL,
		    "Waivers in the policies, those that have ended included.",
		    status->head.waiver_count);
	if (status->next_waiver.until != INT64_MAX)
		print_gauge(out, "next_waiver_end_timestamp_seconds", "seconds",
			    "When the next waiver ends.", status->next_waiver.until / 1e9);
	print_expiries(out, status);
	print_counter(out, "classified", "Files that were looked into.",
		      status->watch.counts.classified);
	print_counter(out, "classification_failures", "Files that could not be looked into.",
		      status->watch.counts.failed);
	for (size_t i = 0; i < EMBARGO_COUNTER_COUNT; i++)
		print_counter(out, embargo_status_counters[i].name, embargo_status_counters[i].help,
			      status->counters[i]);
	for (size_t i = 0; i < status->hook_count; i++)
		missed += status->hooks[i].missed;
	print_counter(out, "recursion_misses",
		      "Runs that the kernel skipped: they did not enforce.", missed);
	print_gate(out, &status->gate);
	print_guard(out, &status->guard);
	fputs("# EOF\n", out);
}
