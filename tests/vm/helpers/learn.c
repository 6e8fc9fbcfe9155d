// SPDX-License-Identifier: GPL-2.0-or-later
/* Has the digest of each file learned for one timeline of the generation in force, as a daemon does
 * that has classified it; or sweeps, or counts. */
#include "bpf/abi.h"
#include "helper.h"
#include "loader/crypto/sha256.h"
#include "loader/kernel/learned.h"

#define SCOPES \
	(EMBARGO_SCOPES_EXEC | EMBARGO_SCOPES_MAP | EMBARGO_SCOPE_MODULE | EMBARGO_SCOPE_FIRMWARE)

static const struct embargo_waiver_set unwaived;

static void fail(const char *what, int error)
{
	errno = -error;
	refuse(what);
}

static void learn(struct embargo_learned *learned, __u64 number, const char *path, __u32 timeline)
{
	int file = open_or_refuse(path, O_RDONLY), error;
	struct embargo_digest digest;
	uint64_t size;

	error = embargo_sha256_file(file, &digest, &size);
	close(file);
	if (!error)
		error = embargo_learned_add(learned, number, &digest, size, SCOPES, &timeline, 1, 0,
					    &unwaived);
	if (error)
		fail(path, error);
}

/* As many digests of nothing that is there. */
static void fill(struct embargo_learned *learned, __u64 number, unsigned long count, __u32 timeline)
{
	struct embargo_digest digest = { .bytes = { 1 } };

	for (unsigned long i = 0; i < count; i++) {
		int error;

		memcpy(digest.bytes + 8, &i, sizeof(i));
		error = embargo_learned_add(learned, number, &digest, 1000000 + i, SCOPES,
					    &timeline, 1, 0, &unwaived);
		if (error)
			fail("learned", error);
	}
}

int main(int argc, char **argv)
{
	struct embargo_learned *learned;
	size_t count, room;
	__u64 number = 0;
	int error;

	if (argc < 2 || (!strcmp(argv[1], "add") && argc < 5)) {
		fprintf(stderr, "usage: learn sweep | count | generation | add NUMBER|now TIMELINE "
				"FILE... | "
				"fill COUNT TIMELINE\n");
		return 2;
	}
	error = embargo_learned_open(&learned);
	if (!error)
		error = embargo_learned_generation(learned, &number);
	if (error)
		fail("open", error);
	if (!strcmp(argv[1], "sweep")) {
		printf("%d\n", embargo_learned_sweep(learned));
	} else if (!strcmp(argv[1], "count")) {
		error = embargo_learned_count(learned, &count, &room);
		printf("%zu %zu\n", count, room);
	} else if (!strcmp(argv[1], "generation")) {
		printf("%llu\n", (unsigned long long)number);
	} else if (!strcmp(argv[1], "fill")) {
		fill(learned, number, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	} else {
		if (strcmp(argv[2], "now"))
			number = strtoull(argv[2], NULL, 10);
		for (int i = 4; i < argc; i++)
			learn(learned, number, argv[i], strtoul(argv[3], NULL, 10));
	}
	if (error)
		fail(argv[1], error);
	embargo_learned_close(learned);
	return 0;
}
