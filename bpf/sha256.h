/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of a kernel buffer, computed in BPF (FIPS 180-4), for the hooks that have a buffer and no
 * file. */
#ifndef EMBARGO_BPF_SHA256_H
#define EMBARGO_BPF_SHA256_H

#include "maps.h"

#define SHA256_BLOCK 64

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are swapped as they are read");

struct sha256 {
	const char *buffer;
	__u64 size;
	__u32 failed;
	__u32 state[8];
	__u32 words[16]; /* the block at hand */
};

static const volatile __u32 sha256_initial[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const __u32 sha256_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static __always_inline __u32 rotate(__u32 word, __u32 by)
{
	return word >> by | word << (32 - by);
}

/* Takes the block in `words` into the state. */
VERIFIED_ONCE int sha256_block(struct sha256 *sha)
{
	__u32 a, b, c, d, e, f, g, h;

	if (!sha)
		return -EINVAL;
	a = sha->state[0], b = sha->state[1], c = sha->state[2], d = sha->state[3];
	e = sha->state[4], f = sha->state[5], g = sha->state[6], h = sha->state[7];
#pragma unroll
	for (int i = 0; i < 64; i++) {
		__u32 word, first, second;

		if (i < 16) {
			word = __builtin_bswap32(sha->words[i]);
		} else {
			__u32 w15 = sha->words[(i - 15) & 15], w2 = sha->words[(i - 2) & 15];

			word = sha->words[i & 15] + sha->words[(i - 7) & 15] +
			       (rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3) +
			       (rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10);
		}
		sha->words[i & 15] = word;
		first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) +
			sha256_constants[i] + word;
		second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			 ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + first;
		d = c, c = b, b = a, a = first + second;
		/* Keeps clang from gathering rounds into more values than there are registers. */
		asm volatile("" : "+r"(a), "+r"(e)::"memory");
	}
	sha->state[0] += a, sha->state[1] += b, sha->state[2] += c, sha->state[3] += d;
	sha->state[4] += e, sha->state[5] += f, sha->state[6] += g, sha->state[7] += h;
	return 0;
}

static long sha256_next(__u32 index, struct sha256 *sha)
{
	if (bpf_probe_read_kernel(sha->words, SHA256_BLOCK,
				  sha->buffer + (__u64)index * SHA256_BLOCK)) {
		sha->failed = 1;
		return 1;
	}
	sha256_block(sha);
	return 0;
}

/* The rest, the bit 1, zeros and the length in bits: one block more, or two. */
static __always_inline int sha256_finish(struct sha256 *sha)
{
	__u32 rest = sha->size % SHA256_BLOCK;

	__builtin_memset(sha->words, 0, SHA256_BLOCK);
	if (rest && bpf_probe_read_kernel(sha->words, rest, sha->buffer + sha->size - rest))
		return -EINVAL;
	((__u8 *)sha->words)[rest] = 0x80;
	if (rest >= SHA256_BLOCK - 8) {
		sha256_block(sha);
		__builtin_memset(sha->words, 0, SHA256_BLOCK);
	}
	sha->words[14] = __builtin_bswap32(sha->size >> 29);
	sha->words[15] = __builtin_bswap32(sha->size << 3);
	return sha256_block(sha);
}

/* The digest of the @size bytes at kernel address @buffer. Returns 0, or -EINVAL where they could
 * not be read. */
static __noinline int sha256_buffer(const char *buffer, __u64 size, struct embargo_digest *digest)
{
	struct sha256 sha = { .buffer = buffer, .size = size };

	if (!digest)
		return -EINVAL;
	for (int i = 0; i < 8; i++)
		sha.state[i] = sha256_initial[i];
	bpf_loop(size / SHA256_BLOCK, sha256_next, &sha, 0);
	if (sha.failed || sha256_finish(&sha))
		return -EINVAL;
	for (int i = 0; i < 8; i++)
		((__u32 *)digest->bytes)[i] = __builtin_bswap32(sha.state[i]);
	return 0;
}

#endif
