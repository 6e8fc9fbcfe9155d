/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What embargo-rpm-list prints: records of texts, each ended by a NUL. */
#ifndef EMBARGO_RPM_LIST_H
#define EMBARGO_RPM_LIST_H

#define EMBARGO_RPM_LIST "embargo-rpm-list"

/* A record's texts in their order; what is not known is empty. */
enum {
	EMBARGO_RPM_LIST_PATH,
	EMBARGO_RPM_LIST_NAME,
	EMBARGO_RPM_LIST_VERSION, /* VERSION-RELEASE */
	EMBARGO_RPM_LIST_VENDOR,
	EMBARGO_RPM_LIST_KEY_ID,
	EMBARGO_RPM_LIST_FIELDS,
};

#endif
