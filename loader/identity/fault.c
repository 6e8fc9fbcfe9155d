// SPDX-License-Identifier: GPL-2.0-or-later
/* Noting what is broken in a file. */
#include <stdarg.h>
#include <stdio.h>

#include "loader/identity/specimen.h"

void embargo_specimen_fault(struct embargo_specimen *specimen, uint64_t at, const char *format, ...)
{
	struct embargo_fault *fault;
	va_list arguments;

	if (specimen->fault_count++ >= EMBARGO_FAULTS_MAX)
		return;
	fault = &specimen->faults[specimen->fault_count - 1];
	/* JSON has no larger number, and no file a byte there: a place that a hostile file made up
	 * must not make its answer one that nobody can read. */
	fault->at = at < INT64_MAX ? at : INT64_MAX;
	va_start(arguments, format);
	vsnprintf(fault->what, sizeof(fault->what), format, arguments);
	va_end(arguments);
}
