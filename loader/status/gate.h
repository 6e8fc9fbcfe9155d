/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the gate stands, as `embargo gate status` and `embargo status` show it. */
#ifndef EMBARGO_STATUS_GATE_H
#define EMBARGO_STATUS_GATE_H

#include "loader/gate/report.h"
#include "loader/json/json.h"

/* {"state": TEXT, "running": BOOLEAN, "held": NUMBER, ...}, or NULL where there is no memory. */
json_t *embargo_gate_report_to_json(const struct embargo_gate_report *report);

#endif
