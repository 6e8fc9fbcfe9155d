/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cleanup attributes: what a function owns is given back however it returns. */
#ifndef EMBARGO_BASE_CLEANUP_H
#define EMBARGO_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void embargo_cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void embargo_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void embargo_cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void embargo_cleanup_closedir(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_	    _cleanup_(embargo_cleanup_free)
#define _cleanup_close_	    _cleanup_(embargo_cleanup_close)
#define _cleanup_fclose_    _cleanup_(embargo_cleanup_fclose)
#define _cleanup_closedir_  _cleanup_(embargo_cleanup_closedir)

/* Hands a value over: what is left behind is not cleaned up again. */
#define TAKE_PTR(pointer)                              \
	({                                             \
		__typeof__(pointer) taken = (pointer); \
		(pointer) = NULL;                      \
		taken;                                 \
	})

#define TAKE_FD(fd)               \
	({                        \
		int taken = (fd); \
		(fd) = -1;        \
		taken;            \
	})

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
