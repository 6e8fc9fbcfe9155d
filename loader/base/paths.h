/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where embargo keeps what it keeps. */
#ifndef EMBARGO_BASE_PATHS_H
#define EMBARGO_BASE_PATHS_H

#define EMBARGO_RUN_FOLDER   "/run/embargo"
#define EMBARGO_STATE_FOLDER "/var/lib/embargo"

#endif
