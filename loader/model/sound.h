/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that come from elsewhere than from compiling: does what is in them fit together? */
#ifndef EMBARGO_MODEL_SOUND_H
#define EMBARGO_MODEL_SOUND_H

#include <stdbool.h>

#include "loader/model/tables.h"

/* Does each number name something that is there, does each length fit, each string end? */
bool embargo_tables_sound(const struct embargo_tables *tables);

#endif
