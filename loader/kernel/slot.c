// SPDX-License-Identifier: GPL-2.0-or-later
/* A private slot: a second instance of the programs with maps of its own, beside what enforces. */
#include "loader/kernel/slot.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/generation.h"
#include "loader/kernel/hooks.h"
#include "loader/kernel/object.h"

#define SCOPES                                                             \
	(EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP | EMBARGO_SCOPE_MODULE | \
	 EMBARGO_SCOPE_FIRMWARE | EMBARGO_SCOPE_KEXEC)

/* What a policy has by default: no file of the slot's comes near it. */
#define MAX_HASH (512ULL << 20)

#define HOOKS_MAX 32

/* What the slot told of one content. */
struct told {
	struct embargo_digest digest;
	enum embargo_verdict verdict;
};

struct embargo_slot {
	struct embargo_object *object;
	struct ring_buffer *ring;
	int links[HOOKS_MAX]; /* by the place in embargo_hook_forms; -1: not attached */
	struct told *told;
	size_t told_count;
};

static struct told *find_told(struct embargo_slot *slot, const void *digest)
{
	for (size_t i = 0; i < slot->told_count; i++)
		if (!memcmp(&slot->told[i].digest, digest, EMBARGO_SHA256_SIZE))
			return &slot->told[i];
	return NULL;
}

/* Each banned content has its place from the start: here nothing can fail. */
static int take_event(void *context, void *data, size_t size)
{
	const struct embargo_event *event = data;
	struct embargo_slot *slot = context;
	struct told *told;

	if (size < sizeof(*event) || !(event->flags & EMBARGO_EVENT_DIGEST))
		return 0;
	told = find_told(slot, event->digest);
	if (told && event->verdict > told->verdict)
		told->verdict = event->verdict;
	return 0;
}

static int set_clock(struct embargo_slot *slot, struct embargo_diagnostic *diagnostic)
{
	struct embargo_clock clock;
	struct embargo_floor floor;
	__u32 zero = 0;

	embargo_clock_start(INT64_MIN, &clock, &floor);
	if (!bpf_map_update_elem(embargo_object_map(slot->object, "clock"), &zero, &clock, BPF_ANY))
		return 0;
	return embargo_diagnostic_what(diagnostic, -errno, "cannot set the clock: %s",
				       strerror(errno));
}

static int make_ring(struct embargo_slot *slot, struct embargo_diagnostic *diagnostic)
{
	slot->ring = ring_buffer__new(embargo_object_map(slot->object, "events"), take_event, slot,
				      NULL);
	if (slot->ring)
		return 0;
	return embargo_diagnostic_what(diagnostic, -errno, "cannot read events: %s",
				       strerror(errno));
}

int embargo_slot_open(struct embargo_slot **slot, struct embargo_diagnostic *diagnostic)
{
	struct embargo_slot *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	for (size_t i = 0; i < HOOKS_MAX; i++)
		made->links[i] = -1;
	error = embargo_object_load(&made->object, diagnostic);
	if (!error)
		error = set_clock(made, diagnostic);
	if (!error)
		error = make_ring(made, diagnostic);
	if (error) {
		embargo_slot_close(made);
		return error;
	}
	*slot = made;
	return 0;
}

void embargo_slot_close(struct embargo_slot *slot)
{
	if (!slot)
		return;
	for (size_t i = 0; i < HOOKS_MAX; i++)
		if (slot->links[i] >= 0)
			close(slot->links[i]);
	ring_buffer__free(slot->ring);
	embargo_object_free(slot->object);
	free(slot->told);
	free(slot);
}

int embargo_slot_try_digest(const struct embargo_slot *slot)
{
	return embargo_object_try_digest(slot->object);
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct embargo_digest));
}

static int compare_sizes(const void *a, const void *b)
{
	const struct embargo_size_entry *one = a, *other = b;

	return (one->size > other->size) - (one->size < other->size);
}

/* One rule that has denied since 1970, for each of @bans. */
static void fill_tables(struct embargo_tables *tables, const struct embargo_slot_ban *bans,
			size_t count)
{
	struct embargo_generation *head = &tables->head;

	for (size_t i = 0; i < count; i++) {
		tables->digests[i] = (struct embargo_digest_entry) {
			.digest = bans[i].digest,
			.listed = { .timeline = 1, .scopes = SCOPES },
		};
		tables->sizes[i] =
			(struct embargo_size_entry) { .size = bans[i].size, .scopes = SCOPES };
		embargo_filter_add(head->size_filter, embargo_size_bit(bans[i].size));
	}
	qsort(tables->digests, count, sizeof(*tables->digests), compare_digests);
	qsort(tables->sizes, count, sizeof(*tables->sizes), compare_sizes);
	tables->digest_count = tables->size_count = count;
	tables->timelines[1].count = 1;
	tables->timelines[1].steps[0] =
		(struct embargo_step) { .action = EMBARGO_ACTION_DENY, .reason = 1 };
	snprintf(tables->reasons[1].policy, EMBARGO_NAME_SIZE, "doctor-prove");
	snprintf(tables->reasons[1].rule, EMBARGO_NAME_SIZE, "canary");
	head->max_hash = MAX_HASH;
	head->sized_scopes = SCOPES;
	head->digest_count = head->size_count = count;
}

/* A place for what will be told of each. */
static int make_room(struct embargo_slot *slot, const struct embargo_slot_ban *bans, size_t count)
{
	struct told *told = reallocarray(slot->told, slot->told_count + count, sizeof(*told));

	if (!told)
		return -ENOMEM;
	slot->told = told;
	for (size_t i = 0; i < count; i++)
		if (!find_told(slot, &bans[i].digest))
			slot->told[slot->told_count++] = (struct told) { bans[i].digest, 0 };
	return 0;
}

int embargo_slot_install(struct embargo_slot *slot, const struct embargo_slot_ban *bans,
			 size_t count, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_tables_free) struct embargo_tables tables = {
		.digests = calloc(count, sizeof(*tables.digests)),
		.sizes = calloc(count, sizeof(*tables.sizes)),
		.timelines = calloc(2, sizeof(*tables.timelines)),
		.timeline_count = 2,
		.reasons = calloc(2, sizeof(*tables.reasons)),
		.reason_count = 2,
	};
	struct embargo_generation_maps maps;

	if (!tables.digests || !tables.sizes || !tables.timelines || !tables.reasons ||
	    make_room(slot, bans, count))
		return -ENOMEM;
	fill_tables(&tables, bans, count);
	embargo_object_maps(slot->object, &maps);
	return embargo_generation_install(&maps, &tables, diagnostic);
}

int embargo_slot_attach(struct embargo_slot *slot, __u32 scopes,
			struct embargo_diagnostic *diagnostic)
{
	const struct embargo_generation head = { .sized_scopes = scopes };

	for (size_t i = 0; i < embargo_hook_count && i < HOOKS_MAX; i++) {
		const struct embargo_hook_form *form = &embargo_hook_forms[i];
		int program = embargo_object_program(slot->object, form->name);

		if (form->guards || !embargo_hook_needed(form, &head) || slot->links[i] >= 0 ||
		    program < 0)
			continue;
		slot->links[i] = bpf_link_create(program, 0, BPF_LSM_MAC, NULL);
		if (slot->links[i] < 0)
			return embargo_diagnostic_what(diagnostic, -errno,
						       "cannot attach the program %s: %s",
						       form->name, strerror(errno));
	}
	return 0;
}

enum embargo_verdict embargo_slot_told(struct embargo_slot *slot,
				       const struct embargo_digest *digest)
{
	const struct told *told;

	ring_buffer__consume(slot->ring);
	told = find_told(slot, digest);
	return told ? told->verdict : EMBARGO_VERDICT_UNKNOWN;
}
