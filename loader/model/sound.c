// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether tables fit together: one question for each kind of entry. */
#include "loader/model/sound.h"

#include <string.h>

/* Policies that have numbers: one bit each in a permit. */
#define POLICIES 64

static bool is_timeline(const struct embargo_tables *tables, __u32 number)
{
	return number < tables->timeline_count;
}

/* Set 0 is empty, and there where no waiver is. */
static bool is_set(const struct embargo_tables *tables, __u32 number)
{
	return !number || number < tables->waiver_set_count;
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, 0, size);
}

static bool head_is_sound(const struct embargo_tables *tables)
{
	const struct embargo_generation *head = &tables->head;
	const __u32 timelines[] = { head->on_error, head->on_evasion, head->kexec_load,
				    head->open_error, head->open_evasion };

	for (size_t i = 0; i < sizeof(timelines) / sizeof(*timelines); i++)
		if (timelines[i] && !is_timeline(tables, timelines[i]))
			return false;
	for (size_t i = 0; i < tables->rule_count; i++)
		if (tables->rule_timelines[i] && !is_timeline(tables, tables->rule_timelines[i]))
			return false;
	return is_set(tables, head->waived_kexec);
}

static bool timelines_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->timeline_count; i++) {
		const struct embargo_timeline *timeline = &tables->timelines[i];

		if (timeline->count > EMBARGO_TIMELINE_STEPS)
			return false;
		for (__u32 step = 0; step < timeline->count; step++)
			if (timeline->steps[step].reason >= tables->reason_count)
				return false;
	}
	return true;
}

static bool reasons_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->reason_count; i++) {
		const struct embargo_reason *reason = &tables->reasons[i];

		if (!ends(reason->policy, sizeof(reason->policy)) ||
		    !ends(reason->rule, sizeof(reason->rule)) ||
		    !ends(reason->vendor, sizeof(reason->vendor)) ||
		    !ends(reason->authority, sizeof(reason->authority)) ||
		    !ends(reason->cite, sizeof(reason->cite)))
			return false;
	}
	return true;
}

static bool digests_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->digest_count; i++)
		if (!is_timeline(tables, tables->digests[i].listed.timeline) ||
		    !is_timeline(tables, tables->digests[i].listed.opens))
			return false;
	for (size_t i = 0; i < tables->waived_count; i++)
		if (!is_set(tables, tables->waived[i].set))
			return false;
	return true;
}

static bool paths_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->path_count; i++) {
		const struct embargo_path_key *key = &tables->paths[i].key;
		const struct embargo_path_node *node = &tables->paths[i].node;

		if (!key->length || key->length > EMBARGO_PATH_CHUNK || key->last > 1 ||
		    !is_timeline(tables, node->below) || !is_timeline(tables, node->exact) ||
		    !is_timeline(tables, node->opens_below) ||
		    !is_timeline(tables, node->opens_exact) ||
		    !is_set(tables, node->waived_below) || !is_set(tables, node->waived_exact))
			return false;
	}
	return true;
}

static bool signers_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->signer_count; i++) {
		const struct embargo_signer_key *key = &tables->signers[i].key;
		const struct embargo_named_signer *named = &tables->signers[i].is;

		if (key->cn_length > sizeof(key->issuer_cn) ||
		    key->number_length > sizeof(key->number) ||
		    (named->timeline && !is_timeline(tables, named->timeline)) ||
		    !is_set(tables, named->waived))
			return false;
	}
	return true;
}

static bool waivers_are_sound(const struct embargo_tables *tables)
{
	for (size_t i = 0; i < tables->waiver_set_count; i++)
		for (size_t j = 0; j < EMBARGO_WAIVERS_MEET; j++) {
			__u32 number = tables->waiver_sets[i].number[j];

			if (number && number >= tables->waiver_count)
				return false;
		}
	for (size_t i = 0; i < tables->waiver_count; i++)
		if (!ends(tables->waivers[i].ticket, sizeof(tables->waivers[i].ticket)))
			return false;
	return !tables->head.waiver_count || tables->head.waiver_count < tables->waiver_count;
}

/* What follows a part lies behind it: so no way through them goes round. */
static bool parts_are_sound(const struct embargo_tables *tables)
{
	if (tables->head.waiver_count && tables->part_count < tables->timeline_count)
		return false;
	for (size_t i = 0; i < tables->part_count; i++) {
		const struct embargo_part *part = &tables->parts[i];

		if ((part->timeline && !is_timeline(tables, part->timeline)) ||
		    part->policy >= POLICIES ||
		    (part->next && (part->next <= i || part->next >= tables->part_count)))
			return false;
	}
	return true;
}

bool embargo_tables_sound(const struct embargo_tables *tables)
{
	return head_is_sound(tables) && timelines_are_sound(tables) && reasons_are_sound(tables) &&
	       digests_are_sound(tables) && paths_are_sound(tables) && signers_are_sound(tables) &&
	       waivers_are_sound(tables) && parts_are_sound(tables);
}
