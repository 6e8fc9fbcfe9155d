// SPDX-License-Identifier: GPL-2.0-or-later
/* embargo-gate [SETTINGS]: holds each first execution until the file was examined. */
#include <errno.h>
#include <string.h>

#include "loader/base/log.h"
#include "loader/gate/watchdog.h"

int main(int argc, char **argv)
{
	int error;

	if (argc > 2) {
		embargo_log_error("gate", "takes one file of settings at most");
		return 2;
	}
	error = embargo_watchdog_run(argc > 1 ? argv[1] : NULL);
	if (error)
		embargo_log_error("gate", "not started: %s",
				  error == -EAGAIN ? "another runs" : strerror(-error));
	return error ? 2 : 0;
}
