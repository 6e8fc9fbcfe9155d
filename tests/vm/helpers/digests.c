// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints digest-list lines with made-up digests, the same ones each time; with
 * STEP each size is that much larger than the last; SIZE 0 prints "*", no size. */
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

/* @value in hexadecimal, its lowest digit first. Returns where the text goes on. */
static char *put_word(char *text, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";

	for (int digit = 0; digit < 16; digit++, value >>= 4)
		*text++ = digits[value & 15];
	return text;
}

static char *put_number(char *text, long number)
{
	char reversed[20];
	int n = 0;

	do {
		reversed[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (n)
		*text++ = reversed[--n];
	return text;
}

/* A million lines under emulation: printf() alone would take seconds. */
int main(int argc, char **argv)
{
	static const char name[] = ":made-up-";
	long count = argc >= 3 ? strtol(argv[1], NULL, 10) : 0;
	long size = argc >= 3 ? strtol(argv[2], NULL, 10) : 0;
	long step = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	uint64_t state = 1;

	if (count <= 0 || size < 0) {
		fprintf(stderr, "usage: digests COUNT SIZE [STEP]\n");
		return 2;
	}
	for (long i = 0; i < count; i++, size += step) {
		char line[128], *end = line;

		for (int word = 0; word < 4; word++)
			end = put_word(end, next(&state));
		*end++ = ':';
		if (size)
			end = put_number(end, size);
		else
			*end++ = '*';
		memcpy(end, name, sizeof(name) - 1);
		end = put_number(end + sizeof(name) - 1, i);
		*end++ = '\n';
		fwrite_unlocked(line, 1, end - line, stdout);
	}
	return 0;
}
