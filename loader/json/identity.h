/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities as JSON, and back: one form for output, for protocols and for what is kept. */
#ifndef EMBARGO_JSON_IDENTITY_H
#define EMBARGO_JSON_IDENTITY_H

#include "loader/json/json.h"
#include "loader/model/identity.h"

/*
 *	{ "kind": "build-id", "value": "0123..." }
 *	{ "kind": "x509", "value": "cn=A, cn=B, serial=1f",
 *	  "attributes": { "cn": ["A", "B"], "serial": "1f" }, "digest_ok": true, "chain_ok": false }
 *
 * The words are those of policies. `value` is the whole for a kind of one attribute, and for people
 * to read where there are `attributes`. `digest_ok` and `chain_ok` are left out where unknown.
 */

/* A new reference in @object. Errors: -EINVAL for an identity of no kind or value, -ENOMEM. */
int embargo_identity_to_json(const struct embargo_identity *identity, json_t **object);

/* An array of all of them. */
int embargo_identities_to_json(const struct embargo_identities *identities, json_t **array);

/*
 * Reads an array of them into @identities, which is set only on success and then the caller's to
 * free. The bounds of loader/model/identity.h hold. Errors: -EBADMSG for what has not this very
 * form: another key or word, another type, a value that embargo_identities_set() refuses; -E2BIG
 * for too much of it; -ENOMEM.
 */
int embargo_identities_from_json(const json_t *array, struct embargo_identities *identities);

/* Enters true, false, or null for unknown. Errors: -ENOMEM. */
int embargo_json_set_validity(json_t *object, const char *key, enum embargo_validity validity);

#endif
