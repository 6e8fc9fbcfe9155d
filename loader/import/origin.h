/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a package says that it is and whose it is, for the entries that come out of it. */
#ifndef EMBARGO_IMPORT_ORIGIN_H
#define EMBARGO_IMPORT_ORIGIN_H

#include "loader/import/import.h"

/* control.tar is at the beginning of a DEB, of 3 MiB at most in Debian; an RPM's headers have some.
 */
#define EMBARGO_ORIGIN_HEAD (32u << 20)

struct embargo_origin {
	char text[EMBARGO_IMPORT_TEXT]; /* "acme-agent 1.2-3 of Acme Ltd"; "" where it says nothing
					 */
	char *supplier;			/* its vendor, or else its maintainer; or NULL */
};

/* Reads it as `embargo identify` does. Fills the diagnostic; returns 0 or -errno. */
int embargo_origin_read(struct embargo_import *import, struct embargo_origin *origin);
void embargo_origin_free(struct embargo_origin *origin);

#endif
