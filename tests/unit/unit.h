/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test includes: cmocka after the headers that it wants, and files to test with. */
#ifndef EMBARGO_TESTS_UNIT_H
#define EMBARGO_TESTS_UNIT_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Makes a file of @size bytes that no name leads to, open for reading; the caller closes it. */
static inline int unit_file(const void *bytes, size_t size)
{
	char path[] = "/tmp/embargo-unit-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(fd, bytes, size), size);
	return fd;
}

#endif
