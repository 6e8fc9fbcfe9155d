// SPDX-License-Identifier: GPL-2.0-or-later
/* Defines the maps and constants that maps.h declares, once for all units. */
#include "maps.h"

char LICENSE[] SEC("license") = "GPL";

struct digests_slots digests SEC(".maps");
struct sizes_slots sizes SEC(".maps");
struct paths_slots paths SEC(".maps");
struct signers_slots signers SEC(".maps");
struct timelines_slots timelines SEC(".maps");
struct reasons_slots reasons SEC(".maps");
struct waived_slots waived SEC(".maps");
struct waiver_sets_slots waiver_sets SEC(".maps");
struct waivers_slots waivers SEC(".maps");
struct parts_slots parts SEC(".maps");
struct learned_hash learned SEC(".maps");
struct learned_sizes_hash learned_sizes SEC(".maps");
struct clock_array clock SEC(".maps");
struct notes_array notes SEC(".maps");
struct labels_storage labels SEC(".maps");
struct overlay_labels_hash overlay_labels SEC(".maps");
struct events_ring events SEC(".maps");
struct sightings_ring sightings SEC(".maps");
struct recent_hash recent SEC(".maps");
struct judgements_array judgements SEC(".maps");
struct probe_array probe SEC(".maps");
struct openers_storage openers SEC(".maps");

const volatile __u32 host_mount_namespace = 0;
const volatile __u32 overlay_private = OVERLAY_PRIVATE_FILE;
const volatile __u32 overlay_counted = 0;
const volatile __u32 hand_back_compressed = 0;
const volatile __u64 ima_policy_flag = 0;
const volatile __u32 ima_policy_assumed = 0;

volatile __u64 mounted[MOUNTED_SLOTS] = {};
volatile __u64 host_namespace = 0;
volatile __u64 host_mounts[1 << HOST_MOUNTS_BITS][HOST_MOUNT_WORDS] = {};
volatile __u64 seen[1 << SEEN_BITS] = {};
volatile __u64 sight_key SEC(EMBARGO_DATA_SECTION "sight_key") = 0;
volatile __u64 current_generation SEC(EMBARGO_DATA_SECTION "current") = 0;
struct embargo_generation generations[2] SEC(EMBARGO_DATA_SECTION "generations") = {};
struct embargo_counters counters[EMBARGO_COUNTER_CPUS] SEC(EMBARGO_DATA_SECTION "counters") = {};
