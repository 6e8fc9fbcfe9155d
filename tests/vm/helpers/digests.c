// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints digest-list lines with made-up digests, the same ones each time; with
 * STEP each size is that much larger than the last. */
#include <stdint.h>

#include "helper.h"

/* splitmix64: no two of its outputs are alike, so no two digests are. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

int main(int argc, char **argv)
{
	static const char digits[] = "0123456789abcdef";
	long count = argc >= 3 ? strtol(argv[1], NULL, 10) : 0;
	long step = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	uint64_t state = 1;

	if (count <= 0) {
		fprintf(stderr, "usage: digests COUNT SIZE [STEP]\n");
		return 2;
	}
	for (long i = 0; i < count; i++) {
		char text[65] = "";

		for (int word = 0; word < 4; word++) {
			uint64_t value = next(&state);

			for (int digit = 0; digit < 16; digit++, value >>= 4)
				text[word * 16 + digit] = digits[value & 15];
		}
		if (step)
			printf("%s:%ld:made-up-%ld\n", text, strtol(argv[2], NULL, 10) + i * step,
			       i);
		else
			printf("%s:%s:made-up-%ld\n", text, argv[2], i);
	}
	return 0;
}
