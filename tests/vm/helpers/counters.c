// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints the pinned counters, as `embargo status --json` does, but at no cost worth speaking of. */
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "bpf/abi.h"
#include "helper.h"

static const char *const names[EMBARGO_COUNTER_COUNT] = {
	[EMBARGO_COUNTER_CHECKED] = "checked",
	[EMBARGO_COUNTER_LABEL_HIT] = "label_hit",
	[EMBARGO_COUNTER_HASHED] = "hashed",
	[EMBARGO_COUNTER_SIZE_FILTERED] = "size_filtered",
	[EMBARGO_COUNTER_DENIED] = "denied",
	[EMBARGO_COUNTER_AUDITED] = "audited",
	[EMBARGO_COUNTER_DIGEST_FAILED] = "digest_failed",
	[EMBARGO_COUNTER_LOST_DENIALS] = "lost_denials",
	[EMBARGO_COUNTER_LOST_AUDITS] = "lost_audits",
	[EMBARGO_COUNTER_COALESCED] = "coalesced",
	[EMBARGO_COUNTER_RETRIED] = "retried",
	[EMBARGO_COUNTER_UNJUDGED] = "unjudged",
	[EMBARGO_COUNTER_LOST_SIGHTINGS] = "lost_sightings",
};

static int ask(int command, union bpf_attr *attributes)
{
	return syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

int main(void)
{
	union bpf_attr open = { .pathname = (uint64_t)(uintptr_t)EMBARGO_PIN_DIR "/maps/counters" };
	uint64_t totals[EMBARGO_COUNTER_COUNT] = { 0 };
	struct embargo_counters rows[EMBARGO_COUNTER_CPUS];
	int map = ask(BPF_OBJ_GET, &open);
	uint32_t zero = 0;
	union bpf_attr look = { .map_fd = map,
				.key = (uint64_t)(uintptr_t)&zero,
				.value = (uint64_t)(uintptr_t)rows };

	if (map < 0)
		refuse("counters");
	if (ask(BPF_MAP_LOOKUP_ELEM, &look))
		refuse("look up");
	for (int row = 0; row < EMBARGO_COUNTER_CPUS; row++)
		for (int i = 0; i < EMBARGO_COUNTER_COUNT; i++)
			totals[i] += rows[row].value[i];
	for (int i = 0; i < EMBARGO_COUNTER_COUNT; i++)
		printf("%s %llu\n", names[i], (unsigned long long)totals[i]);
	return 0;
}
