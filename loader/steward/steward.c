// SPDX-License-Identifier: GPL-2.0-or-later
/* The steward's end of the control socket: what each verb does, and with which rights. */
#include "loader/steward/steward.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/control/server.h"
#include "loader/guard/token.h"
#include "loader/sandbox/sandbox.h"

/*
 * To make, fill and freeze maps, to attach a hook that a rule needs and to try its programs; to
 * look at PID 1's program, which no rule may name; policies that root may read only by right.
 */
static const unsigned int reload_rights[] = {
	CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH,
};

/* Programs and links are found by their pins, but maps' sizes by their numbers. */
static const unsigned int status_rights[] = { CAP_BPF, CAP_SYS_ADMIN };

static int do_status(const struct embargo_control_call *call, struct embargo_control_reply *reply)
{
	struct embargo_status status;
	int error = embargo_sandbox_keep(status_rights, ARRAY_SIZE(status_rights));
	FILE *out = error ? NULL : open_memstream(&reply->document, &reply->size);

	if (!out)
		return embargo_diagnostic_what(&reply->diagnostic, error ? error : -ENOMEM,
					       "the status cannot be gathered");
	error = embargo_status_gather(&status);
	if (!error || error == -ENOENT)
		embargo_status_print(&status, (enum embargo_status_form)call->argument, out);
	else
		reply->diagnostic = status.why;
	embargo_status_free(&status);
	if (fclose(out))
		return -ENOMEM;
	return error;
}

static int do_reload(const struct embargo_control_call *call, struct embargo_control_reply *reply)
{
	const struct embargo_policy_request hosts = { .count = 0 };
	struct embargo_enacted enacted;
	int error = embargo_sandbox_keep(reload_rights, ARRAY_SIZE(reload_rights));

	(void)call;
	if (error)
		return embargo_diagnostic_what(&reply->diagnostic, error,
					       "the capabilities for it are missing");
	error = embargo_enact_reload(&hosts, &enacted, &reply->diagnostic);
	if (error)
		return error;
	reply->document = malloc(EMBARGO_STEWARD_ENACTED_SIZE);
	if (!reply->document)
		return embargo_diagnostic_what(&reply->diagnostic, -ENOMEM,
					       "it is in force, but there is no memory to say so");
	embargo_steward_enacted_write(&enacted, (uint8_t *)reply->document);
	reply->size = EMBARGO_STEWARD_ENACTED_SIZE;
	return 0;
}

/* To write the guard's state, and to read anchors that root may read only by right. */
static const unsigned int unlock_rights[] = { CAP_BPF, CAP_SYS_ADMIN, CAP_DAC_READ_SEARCH };

static int do_unlock(const struct embargo_control_call *call, struct embargo_control_reply *reply)
{
	struct embargo_token token;
	int error = embargo_sandbox_keep(unlock_rights, ARRAY_SIZE(unlock_rights));

	if (error)
		return embargo_diagnostic_what(&reply->diagnostic, error,
					       "the capabilities for it are missing");
	return embargo_token_open(call->file, call->file_size, &token, &reply->diagnostic);
}

static const embargo_control_handler handlers[EMBARGO_CONTROL_VERBS] = {
	[EMBARGO_CONTROL_STATUS] = do_status,
	[EMBARGO_CONTROL_RELOAD] = do_reload,
	[EMBARGO_CONTROL_UNLOCK] = do_unlock,
};

_Static_assert(EMBARGO_CONTROL_TOKEN == EMBARGO_TOKEN_MESSAGE, "a token fits its request");

int embargo_steward_run(void)
{
	gid_t group = embargo_control_group_find();
	_cleanup_close_ int listener = -1;
	int error = embargo_control_listen(EMBARGO_CONTROL_SOCKET, group, &listener);

	/* Its group was the last thing to be changed about it. */
	if (!error)
		error = embargo_sandbox_keep(reload_rights, ARRAY_SIZE(reload_rights));
	return error ? error : embargo_control_serve(listener, group, handlers);
}
