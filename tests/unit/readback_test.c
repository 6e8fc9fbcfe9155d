// SPDX-License-Identifier: GPL-2.0-or-later
/* What was installed is read back as it was, from maps of this kernel. */
#include "loader/kernel/readback.h"

#include <errno.h>
#include <time.h>

#include <bpf/bpf.h>

#include "loader/kernel/generation.h"
#include "loader/kernel/handle.h"

#include "tests/unit/unit.h"

#define MANY 1000000

static struct embargo_enforcement enforcement;
static struct embargo_generation_maps maps;

static int make_inner(enum bpf_map_type type, size_t key, size_t value, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags | BPF_F_RDONLY_PROG);

	return bpf_map_create(type, "inner", key, value, 1, &options);
}

static int make_outer(enum bpf_map_type type, size_t key, size_t value, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int inner = make_inner(type, key, value, flags), outer;

	options.inner_map_fd = inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 4, 4, 2, &options);
	close(inner);
	return outer;
}

static int make_value(size_t size, __u32 flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "value", 4, size, 1, &options);
}

static int set_up(void **state)
{
	int *all = enforcement.maps;

	(void)state;
	all[EMBARGO_MAP_DIGESTS] = make_outer(BPF_MAP_TYPE_HASH, sizeof(struct embargo_digest),
					      sizeof(struct embargo_listed), 0);
	if (all[EMBARGO_MAP_DIGESTS] < 0)
		return 0; /* skipped */
	all[EMBARGO_MAP_SIZES] = make_outer(BPF_MAP_TYPE_HASH, 8, 4, 0);
	all[EMBARGO_MAP_PATHS] = make_outer(BPF_MAP_TYPE_HASH, sizeof(struct embargo_path_key),
					    sizeof(struct embargo_path_node), 0);
	all[EMBARGO_MAP_SIGNERS] = make_outer(BPF_MAP_TYPE_HASH, sizeof(struct embargo_signer_key),
					      sizeof(struct embargo_named_signer), 0);
	all[EMBARGO_MAP_TIMELINES] =
		make_outer(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct embargo_timeline), BPF_F_INNER_MAP);
	all[EMBARGO_MAP_REASONS] =
		make_outer(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct embargo_reason), BPF_F_INNER_MAP);
	all[EMBARGO_MAP_WAIVED] =
		make_outer(BPF_MAP_TYPE_HASH, sizeof(struct embargo_digest), 4, 0);
	all[EMBARGO_MAP_WAIVER_SETS] = make_outer(
		BPF_MAP_TYPE_ARRAY, 4, sizeof(struct embargo_waiver_set), BPF_F_INNER_MAP);
	all[EMBARGO_MAP_WAIVERS] =
		make_outer(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct embargo_permit), BPF_F_INNER_MAP);
	all[EMBARGO_MAP_PARTS] =
		make_outer(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct embargo_part), BPF_F_INNER_MAP);
	all[EMBARGO_MAP_GENERATIONS] =
		make_value(2 * sizeof(struct embargo_generation), BPF_F_MMAPABLE);
	all[EMBARGO_MAP_CURRENT] = make_value(8, 0);
	all[EMBARGO_MAP_LEARNED] =
		bpf_map_create(BPF_MAP_TYPE_HASH, "learned", sizeof(struct embargo_digest),
			       sizeof(struct embargo_learned_digest), 1000, NULL);
	maps = (struct embargo_generation_maps) {
		.digests = all[EMBARGO_MAP_DIGESTS],
		.sizes = all[EMBARGO_MAP_SIZES],
		.paths = all[EMBARGO_MAP_PATHS],
		.signers = all[EMBARGO_MAP_SIGNERS],
		.timelines = all[EMBARGO_MAP_TIMELINES],
		.reasons = all[EMBARGO_MAP_REASONS],
		.waived = all[EMBARGO_MAP_WAIVED],
		.waiver_sets = all[EMBARGO_MAP_WAIVER_SETS],
		.waivers = all[EMBARGO_MAP_WAIVERS],
		.parts = all[EMBARGO_MAP_PARTS],
		.generations = all[EMBARGO_MAP_GENERATIONS],
		.current = all[EMBARGO_MAP_CURRENT],
		.sight_key = make_value(8, 0),
	};
	return 0;
}

static void need_maps(void)
{
	if (enforcement.maps[EMBARGO_MAP_DIGESTS] >= 0)
		return;
	print_message("this user may make no BPF maps\n");
	skip();
}

/* The digests are ascending, as the compiler leaves them. */
static void fill(struct embargo_tables *tables, size_t digests)
{
	tables->digests = calloc(digests, sizeof(*tables->digests));
	tables->digest_count = digests;
	for (size_t i = 0; i < digests; i++) {
		tables->digests[i].digest.bytes[0] = (__u8)(i >> 24);
		tables->digests[i].digest.bytes[1] = (__u8)(i >> 16);
		tables->digests[i].digest.bytes[2] = (__u8)(i >> 8);
		tables->digests[i].digest.bytes[3] = (__u8)i;
		tables->digests[i].digest.bytes[31] = 7;
		tables->digests[i].listed = (struct embargo_listed) { 1 + i % 2, 3, i % 3 };
	}
	tables->sizes = calloc(300, sizeof(*tables->sizes));
	tables->paths = calloc(70, sizeof(*tables->paths));
	tables->signers = calloc(5, sizeof(*tables->signers));
	tables->timelines = calloc(3, sizeof(*tables->timelines));
	tables->reasons = calloc(2, sizeof(*tables->reasons));
	tables->size_count = 300, tables->path_count = 70, tables->signer_count = 5;
	tables->timeline_count = 3, tables->reason_count = 2;
	for (__u32 i = 0; i < 300; i++)
		tables->sizes[i] = (struct embargo_size_entry) { .size = 200 + i, .scopes = i };
	for (__u8 i = 0; i < 70; i++) {
		tables->paths[i].key = (struct embargo_path_key) { .length = 1, .last = 1 };
		tables->paths[i].key.bytes[0] = (char)('0' + i);
		tables->paths[i].node = (struct embargo_path_node) { i + 1U, i, 0, 0, i, 1, i };
	}
	for (__u8 i = 0; i < 5; i++) {
		tables->signers[i].key = (struct embargo_signer_key) { .parts = 2 };
		tables->signers[i].key.number[0] = i;
		tables->signers[i].is = (struct embargo_named_signer) { i, 5U - i };
	}
	tables->timelines[2].count = 1;
	tables->timelines[2].steps[0].action = EMBARGO_ACTION_DENY;
	strcpy(tables->reasons[1].rule, "r");
	tables->waived = calloc(9, sizeof(*tables->waived));
	tables->waiver_sets = calloc(2, sizeof(*tables->waiver_sets));
	tables->waivers = calloc(3, sizeof(*tables->waivers));
	tables->parts = calloc(4, sizeof(*tables->parts));
	tables->waived_count = 9, tables->waiver_set_count = 2, tables->waiver_count = 3;
	tables->part_count = 4;
	for (__u8 i = 0; i < 9; i++) {
		tables->waived[i].digest.bytes[0] = i;
		tables->waived[i].set = i;
	}
	tables->waiver_sets[1].number[7] = 2;
	strcpy(tables->waivers[2].ticket, "SEC-2");
	tables->parts[3] = (struct embargo_part) { 2, 63, 1 };
}

static void install(const struct embargo_tables *tables)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };

	if (embargo_generation_install(&maps, tables, &diagnostic))
		fail_msg("%s", diagnostic.what);
}

static void assert_same(const struct embargo_tables *left, const struct embargo_tables *right)
{
#define SAME(array, count)                           \
	assert_int_equal(left->count, right->count); \
	assert_memory_equal(left->array, right->array, left->count * sizeof(*left->array))
	SAME(digests, digest_count);
	SAME(sizes, size_count);
	SAME(paths, path_count);
	SAME(signers, signer_count);
	SAME(timelines, timeline_count);
	SAME(reasons, reason_count);
	SAME(waived, waived_count);
	SAME(waiver_sets, waiver_set_count);
	SAME(waivers, waiver_count);
	SAME(parts, part_count);
}

static void what_was_installed_is_read_back(void **state)
{
	struct embargo_readback readback = { .learned = NULL };
	struct embargo_tables tables = { .head.max_hash = 5 };

	(void)state;
	need_maps();
	assert_int_equal(embargo_readback_read(&enforcement, &readback), -ENOENT);
	fill(&tables, 1000);
	install(&tables);
	assert_int_equal(embargo_readback_read(&enforcement, &readback), 0);
	assert_same(&readback.tables, &tables);
	assert_int_equal(readback.tables.head.max_hash, 5);
	assert_int_equal(readback.tables.head.number, 1);
	embargo_readback_free(&readback);
	embargo_tables_free(&tables);
}

static void learn(__u8 byte, __u64 generation)
{
	struct embargo_digest digest = { .bytes = { byte } };
	struct embargo_learned_digest learned = { .generation = generation, .count = byte };

	assert_int_equal(bpf_map_update_elem(enforcement.maps[EMBARGO_MAP_LEARNED], &digest,
					     &learned, BPF_ANY),
			 0);
}

/* What was learned in the one in force alone. */
static void learned_digests_are_of_one_generation(void **state)
{
	struct embargo_tables tables = { .head.max_hash = 6 };
	struct embargo_digest digest = { .bytes = { 9 } };
	struct embargo_readback readback;

	(void)state;
	need_maps();
	fill(&tables, 1);
	install(&tables);
	learn(9, 2);
	learn(4, 2);
	learn(5, 1);
	assert_int_equal(embargo_readback_read(&enforcement, &readback), 0);
	assert_int_equal(readback.tables.head.number, 2);
	assert_same(&readback.tables, &tables);
	assert_int_equal(readback.learned_count, 2);
	assert_int_equal(embargo_readback_learned_find(&readback, &digest)->count, 9);
	digest.bytes[0] = 5;
	assert_null(embargo_readback_learned_find(&readback, &digest));
	embargo_readback_free(&readback);
	embargo_tables_free(&tables);
}

static void a_million_digests_are_read_back(void **state)
{
	struct embargo_tables tables = { .head.max_hash = 7 };
	struct embargo_readback readback;
	struct timespec before, after;
	long took;

	(void)state;
	need_maps();
	fill(&tables, MANY);
	install(&tables);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(embargo_readback_read(&enforcement, &readback), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	took = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
	print_message("%d digests were read back in %ld ms\n", MANY, took);
	assert_same(&readback.tables, &tables);
	embargo_readback_free(&readback);
	embargo_tables_free(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_installed_is_read_back),
		cmocka_unit_test(learned_digests_are_of_one_generation),
		cmocka_unit_test(a_million_digests_are_read_back),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
