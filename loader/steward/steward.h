/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steward: a process beside the daemon that does what the daemon keeps no privilege for, when
 * it is asked over the control socket. */
#ifndef EMBARGO_STEWARD_STEWARD_H
#define EMBARGO_STEWARD_STEWARD_H

#include "loader/base/diagnostic.h"
#include "loader/control/answer.h"
#include "loader/enact/enact.h"
#include "loader/status/status.h"

/*
 * Serves EMBARGO_CONTROL_SOCKET until SIGTERM comes. It is a child of the daemon's, before whose
 * start the daemon has to have whatever a child of it inherits. It narrows its own rights to those
 * of its verbs, and each request's to those of its verb. Returns 0 or -errno.
 */
int embargo_steward_run(void);

/*
 * Asks it to put the host's policies in force; @enacted and @diagnostic as embargo_enact_reload()
 * has them. Returns what that returned, or -ECONNREFUSED where no steward runs: then whoever asks
 * may do it.
 */
int embargo_steward_reload(struct embargo_enacted *enacted, struct embargo_diagnostic *diagnostic);

/*
 * Asks it for the status in @form. The caller frees @answer, whose document that is and whose error
 * is that of embargo_status_gather(). Returns 0 or, with @diagnostic, as embargo_control_ask().
 */
int embargo_steward_status(enum embargo_status_form form, struct embargo_control_answer *answer,
			   struct embargo_diagnostic *diagnostic);

/*
 * Asks it to open the guard by the token and the signature in @message (guard/token.h). Errors,
 * with
 * @diagnostic: as embargo_token_open(), embargo_control_ask().
 */
int embargo_steward_unlock(const void *message, size_t size, struct embargo_diagnostic *diagnostic);

/* What was enacted, as the bytes of an answer; 0 or -EPROTO where they are none. */
#define EMBARGO_STEWARD_ENACTED_SIZE 28
void embargo_steward_enacted_write(const struct embargo_enacted *enacted,
				   uint8_t bytes[static EMBARGO_STEWARD_ENACTED_SIZE]);
int embargo_steward_enacted_read(const void *bytes, size_t size, struct embargo_enacted *enacted);

#endif
