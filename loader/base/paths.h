/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where embargo keeps what it keeps. */
#ifndef EMBARGO_BASE_PATHS_H
#define EMBARGO_BASE_PATHS_H

#define EMBARGO_RUN_FOLDER   "/run/embargo"
#define EMBARGO_STATE_FOLDER "/var/lib/embargo"

/* What the watch leaves when it is killed: its report, where the gate asks, and where verbs hand
 * files over. */
#define EMBARGO_WATCH_FILE     EMBARGO_RUN_FOLDER "/watch"
#define EMBARGO_ASKED_SOCKET   EMBARGO_RUN_FOLDER "/gate"
#define EMBARGO_OFFERED_SOCKET EMBARGO_RUN_FOLDER "/offered"

/* Where the steward, beside the daemon, is asked. */
#define EMBARGO_CONTROL_SOCKET EMBARGO_RUN_FOLDER "/control"

#endif
