// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The smallest program that ends, and well where it is not built with another STATUS: static and
 * without a library, so that an exec takes no time. The 32-bit one enters the kernel by its own
 * door.
 */
#ifndef STATUS
#define STATUS 0
#endif

void _start(void);

void _start(void)
{
#ifdef __x86_64__
	__asm__ volatile("syscall" ::"a"(60), "D"(STATUS)); /* exit */
#else
	__asm__ volatile("int $0x80" ::"a"(1), "b"(STATUS));
#endif
	__builtin_unreachable();
}
