// SPDX-License-Identifier: GPL-2.0-or-later
/* The status as text, for people. */
#include <inttypes.h>

#include "loader/model/names.h"
#include "loader/model/time.h"
#include "loader/status/guard.h"
#include "loader/status/status.h"

static const char *moment(int64_t ns, char text[static EMBARGO_TIME_TEXT])
{
	return embargo_time_format(ns, text, EMBARGO_TIME_TEXT);
}

static void print_next(FILE *out, const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	if (status->next.at == INT64_MAX)
		fputs("next        no date lies ahead\n", out);
	else
		fprintf(out, "next        %s: %s\n", moment(status->next.at, text),
			embargo_action_name(status->next.action));
}

static void print_waivers(FILE *out, const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	if (!status->head.waiver_count)
		return;
	if (status->next_waiver.until == INT64_MAX)
		fprintf(out, "waivers     %u, all of them ended\n", status->head.waiver_count);
	else
		fprintf(out, "waivers     %u; the next to end is %s, on %s\n",
			status->head.waiver_count, status->next_waiver.ticket,
			moment(status->next_waiver.until, text));
}

static void print_hooks(FILE *out, const struct embargo_status *status)
{
	fputs("hooks      ", out);
	for (size_t i = 0; i < status->hook_count; i++)
		if (status->hooks[i].attached)
			fprintf(out, " %s", status->hooks[i].name);
	fputc('\n', out);
	for (size_t i = 0; i < status->hook_count; i++)
		if (status->hooks[i].missed)
			fprintf(out,
				"            %s was skipped by the kernel %" PRIu64
				" times and did not enforce then\n",
				status->hooks[i].name, status->hooks[i].missed);
}

static void print_expired(FILE *out, const struct embargo_status *status)
{
	char text[EMBARGO_TIME_TEXT];

	for (size_t i = 0; i < status->record.policy_count; i++)
		if (embargo_status_has_expired(status, i))
			fprintf(out,
				"            %s expired on %s: look for a newer one; it stays in "
				"force\n",
				status->record.policies[i].id,
				moment(status->record.policies[i].expires, text));
}

static void print_watch(FILE *out, const struct embargo_status *status)
{
	const struct embargo_inventory_progress *inventory = &status->watch.inventory;
	const struct embargo_examiner_counts *counts = &status->watch.counts;

	if (!status->head.classifies)
		return;
	if (!status->is_watched) {
		fputs("watch       not running: new files are not looked into\n", out);
		return;
	}
	fprintf(out,
		"watch       %" PRIu64 " files looked into, %" PRIu64 " known before, %" PRIu64
		" learned, %" PRIu64 " failed\n",
		counts->classified, counts->remembered, counts->learned, counts->failed);
	if (inventory->is_done)
		fputs("inventory   done\n", out);
	else if (inventory->expected)
		fprintf(out, "inventory   %" PRIu64 " of about %" PRIu64 " files\n",
			inventory->seen, inventory->expected);
	else
		fprintf(out, "inventory   %" PRIu64 " files\n", inventory->seen);
}

static void print_learned(FILE *out, const struct embargo_status *status)
{
	fprintf(out, "learned     %zu digests since then, room for %zu more\n", status->learned,
		status->learnable);
	for (size_t i = 0; i < status->rule_count; i++)
		fprintf(out, "            %zu in all by rule %s of %s\n", status->rules[i].digests,
			status->rules[i].rule, status->rules[i].policy);
}

/* The rest is told by the daemon alone. */
static void print_closed(FILE *out, const struct embargo_status *status)
{
	fputs("policies   ", out);
	for (size_t i = 0; i < status->record.policy_count; i++)
		fprintf(out, " %s", status->record.policies[i].id);
	fputc('\n', out);
	print_expired(out, status);
	print_hooks(out, status);
	fputs("            the guard is closed to this process, and no daemon answers: more "
	      "cannot be seen\n",
	      out);
}

static void print_generation(FILE *out, const struct embargo_status *status)
{
	fprintf(out, "generation  %" PRIu64 ": %u digests, %u sizes, %u path components\n",
		(uint64_t)status->head.number, status->head.digest_count, status->head.size_count,
		status->head.path_count);
	print_learned(out, status);
	print_watch(out, status);
	fputs("policies   ", out);
	for (size_t i = 0; i < status->record.policy_count; i++)
		fprintf(out, " %s", status->record.policies[i].id);
	fputs(status->record.policy_count ? "\n" : " not recorded\n", out);
	print_expired(out, status);
	print_next(out, status);
	print_waivers(out, status);
	print_hooks(out, status);
	fprintf(out, "memory      %" PRIu64 " KiB\nload        %" PRIu64 " ms\n",
		status->memory >> 10, status->record.load_ms);
	for (size_t i = 0; i < EMBARGO_COUNTER_COUNT; i++)
		if (status->counters[i])
			fprintf(out, "%-14s  %" PRIu64 "\n", embargo_status_counters[i].name,
				status->counters[i]);
}

static void print_gate(FILE *out, const struct embargo_gate_report *gate)
{
	fprintf(out, "gate        %s\n           ", embargo_gate_state_text(gate->state));
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		fprintf(out, " %s %" PRIu64, embargo_gate_count_name(i), gate->counts[i]);
	fputc('\n', out);
}

static void print_blacklist(FILE *out, const struct embargo_blacklist *blacklist)
{
	if (blacklist->is_known)
		fprintf(out,
			"blacklist   %zu in the kernel's own keyring: %zu files, %zu "
			"certificates\n",
			blacklist->entries, blacklist->files,
			blacklist->entries - blacklist->files);
	else
		fputs("blacklist   unknown to this user, or this kernel has no keyring of that "
		      "name\n",
		      out);
}

void embargo_status_text(const struct embargo_status *status, FILE *out)
{
	char text[3 * EMBARGO_DIAGNOSTIC_TEXT];

	if (status->enforcing)
		fputs("enforcing   yes\n", out);
	else
		fprintf(out, "enforcing   NO: %s\n",
			embargo_diagnostic_format(&status->why, text, sizeof(text)));
	if (status->unfinished)
		fputs("unfinished  " EMBARGO_ENFORCEMENT_UNFINISHED "; " EMBARGO_ENFORCEMENT_FINISH
		      "\n",
		      out);
	fprintf(out, "kernel      %s\n", status->host.release);
	if (status->daemon > 0)
		fprintf(out, "daemon      process %d\n", status->daemon);
	else
		fputs(status->daemon ? "daemon      unknown to this user\n"
				     : "daemon      not running\n",
		      out);
	fprintf(out, "now         %s\n", moment(status->now, text));
	fprintf(out, "floor       %s%s\n", moment(status->floor, text),
		status->behind ? " (the clock was set back below it)" : "");
	print_blacklist(out, &status->blacklist);
	embargo_guard_print(&status->guard, "guard       ", 12, out);
	if (status->gate.state)
		print_gate(out, &status->gate);
	if (status->is_closed)
		print_closed(out, status);
	else if (status->enforcing)
		print_generation(out, status);
}
