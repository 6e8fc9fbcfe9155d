// SPDX-License-Identifier: GPL-2.0-or-later
/* A shared library to be mapped and loaded: nothing in it matters. */

int embargo_bench_answer(void);

int embargo_bench_answer(void)
{
	return 42;
}
