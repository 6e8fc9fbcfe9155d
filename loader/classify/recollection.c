// SPDX-License-Identifier: GPL-2.0-or-later
/* From a specimen to an entry of the index, and back. */
#include "loader/classify/recollection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/kind.h"
#include "loader/json/identity.h"

uint64_t embargo_recollection_ground(uint64_t anchors)
{
	struct embargo_digest digest = { { 0 } };
	uint64_t ground;

	embargo_sha256_memory(EMBARGO_VERSION, sizeof(EMBARGO_VERSION), &digest);
	memcpy(&ground, digest.bytes, sizeof(ground));
	return ground + anchors;
}

/* A read lease is only given where nobody has the file open for writing. */
static bool has_no_writer(int fd)
{
	if (fcntl(fd, F_SETLEASE, F_RDLCK))
		return false;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return true;
}

int embargo_recollection_recall(struct embargo_index *index, int fd,
				const struct embargo_index_key *key,
				struct embargo_specimen *specimen)
{
	_cleanup_json_ json_t *identities = NULL;
	struct embargo_index_entry entry;
	char head[EMBARGO_KIND_HEAD];
	ssize_t got;

	if (!has_no_writer(fd) || embargo_index_find(index, key, &entry))
		return -ENOENT;
	identities = json_loadb(entry.identities, entry.identities_size, 0, NULL);
	got = embargo_file_pread(fd, head, sizeof(head), 0);
	if (got < 0 || embargo_identities_from_json(identities, &specimen->identities))
		return -ENOENT;
	specimen->kind = entry.kind;
	specimen->exec_scope = embargo_kind_exec_scope(head, (size_t)got);
	specimen->file.digest = entry.digest;
	specimen->file.size = key->size;
	return 0;
}

void embargo_recollection_keep(struct embargo_index *index, int fd,
			       const struct embargo_index_key *before,
			       const struct embargo_specimen *specimen)
{
	struct embargo_index_key after;
	struct embargo_index_entry entry = {
		.digest = specimen->file.digest,
		.kind = specimen->kind,
	};
	_cleanup_json_ json_t *identities = NULL;
	_cleanup_free_
	char *text = NULL;

	if (specimen->has_inner || embargo_index_key_read(fd, &after) ||
	    !embargo_index_key_is(before, &after) || !has_no_writer(fd) ||
	    embargo_identities_to_json(&specimen->identities, &identities))
		return;
	text = json_dumps(identities, JSON_COMPACT);
	if (!text)
		return;
	entry.identities = text;
	entry.identities_size = strlen(text);
	embargo_index_put(index, before, &entry);
}
