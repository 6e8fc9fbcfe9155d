/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The note that says of which package a program or library is: .note.package. */
#ifndef EMBARGO_IDENTITY_PACKAGE_NOTE_H
#define EMBARGO_IDENTITY_PACKAGE_NOTE_H

#include "loader/identity/specimen.h"

/*
 * The UAPI group's "Package Metadata for Executable Files". .note.dlopen has the same owner and
 * another type (0x407c0c0a), so both are looked at.
 */
#define EMBARGO_PACKAGE_NOTE_OWNER "FDO"
#define EMBARGO_PACKAGE_NOTE_TYPE  0xcafe1a7e

/* Distributions write some 200 bytes. */
#define EMBARGO_PACKAGE_NOTE_MAX 16384u

/*
 * @size bytes of JSON, {"type":"deb","name":"kesl","version":"12.0.0",...}, with NULs after it,
 * which stand at @at. Its package has no path: nobody but the file says that it belongs there.
 */
void embargo_package_note_read(const uint8_t *json, size_t size, uint64_t at,
			       struct embargo_specimen *specimen);

#endif
