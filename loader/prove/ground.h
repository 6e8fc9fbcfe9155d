/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ground that canaries stand on: nothing of it has a name that the host could see, so that the
 * kernel itself clears it away when the process ends, however it does. */
#ifndef EMBARGO_PROVE_GROUND_H
#define EMBARGO_PROVE_GROUND_H

#include "loader/base/diagnostic.h"

/* A tmpfs of our own, in a mount namespace of our own: files with names stand here. */
#define EMBARGO_GROUND "/run"

struct embargo_ground {
	int labelled; /* a folder of a file system with labels, for O_TMPFILE; -1: there is none */
};

/* Takes this process into a mount namespace of its own. -EPERM: not root. */
int embargo_ground_open(struct embargo_ground *ground, struct embargo_diagnostic *diagnostic);

#endif
