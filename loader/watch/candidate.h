/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files may be code, and so are worth being classified. */
#ifndef EMBARGO_WATCH_CANDIDATE_H
#define EMBARGO_WATCH_CANDIDATE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Does mode or name say it? An x bit of anybody's; the name of a library (*.so, *.so.*), a module
 * (*.ko, *.ko.xz, *.ko.zst, *.ko.gz) or a package (*.rpm, *.deb, *.AppImage). @name may be a path.
 */
bool embargo_candidate_by_name(const char *name, mode_t mode);

/*
 * Does the name say that an interpreter reads the file, which is then not itself executed, mapped
 * or loaded: *.py, *.jar?
 */
bool embargo_candidate_is_interpreted(const char *name);

/* Do the first four bytes of @fd: ELF, "MZ", "#!"? Not where they cannot be read. */
bool embargo_candidate_by_magic(int fd);

#endif
