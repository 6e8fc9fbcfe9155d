// SPDX-License-Identifier: GPL-2.0-or-later
/* The gate's report as JSON. */
#include "loader/status/gate.h"

json_t *embargo_gate_report_to_json(const struct embargo_gate_report *report)
{
	json_t *object = json_object();

	if (!object)
		return NULL;
	embargo_json_set_text(object, "state", embargo_gate_state_text(report->state));
	embargo_json_set(object, "running", json_boolean(report->process != 0));
	for (size_t i = EMBARGO_GATE_COUNT_HELD; i < EMBARGO_GATE_COUNT_COUNT; i++)
		embargo_json_set_number(object, embargo_gate_count_name(i), report->counts[i]);
	return object;
}
