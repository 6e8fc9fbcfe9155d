/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A specimen as JSON and back: what the classifier answers. */
#ifndef EMBARGO_CLASSIFY_SPECIMEN_JSON_H
#define EMBARGO_CLASSIFY_SPECIMEN_JSON_H

#include "loader/identity/specimen.h"
#include "loader/json/json.h"

/* A new reference in @object. Errors: -ENOMEM. */
int embargo_specimen_to_json(const struct embargo_specimen *specimen, json_t **object);

/*
 * Reads what the other wrote. Whoever wrote it may have been taken over by a hostile file: nothing
 * is believed but its form. @specimen is the caller's to free. Errors: -EBADMSG, -ENOMEM.
 */
int embargo_specimen_from_json(const json_t *object, struct embargo_specimen *specimen);

#endif
