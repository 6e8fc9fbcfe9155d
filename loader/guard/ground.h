/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of this host's files the guard is put around. */
#ifndef EMBARGO_GUARD_GROUND_H
#define EMBARGO_GUARD_GROUND_H

#include "loader/base/diagnostic.h"
#include "loader/model/names.h"

/*
 * Closes the guard in @mode around what enforces, the policies, the anchors and the state of this
 * host. Called once, by the daemon, before it forks whatever shall be let through. Errors as
 * embargo_guard_close().
 */
int embargo_ground_guard(enum embargo_guard_mode mode, struct embargo_diagnostic *diagnostic);

#endif
