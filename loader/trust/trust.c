// SPDX-License-Identifier: GPL-2.0-or-later
/* Anchors from a folder, signatures from beside the files, and the count of signers. */
#include "loader/trust/trust.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

struct embargo_trust {
	struct embargo_bundle *bundle;
	uint64_t required;
};

static void free_trust(struct embargo_trust **trust)
{
	embargo_trust_free(*trust);
}

void embargo_trust_free(struct embargo_trust *trust)
{
	if (!trust)
		return;
	embargo_bundle_free(trust->bundle);
	free(trust);
}

bool embargo_trust_has_anchors(const struct embargo_trust *trust)
{
	return embargo_bundle_certificates(trust->bundle) > 0;
}

uint64_t embargo_trust_required(const struct embargo_trust *trust)
{
	return trust->required;
}

static int refuse_file(const char *file, int error, struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_at(diagnostic, file, 0, 0);
	embargo_diagnostic_remedy(diagnostic, "%s",
				  error == -EACCES ? "let this user read it, or run as root"
						   : "restore it, or remove it");
	return embargo_diagnostic_what(diagnostic, error, "%s",
				       error == -EFBIG ? "holds more than 16 MiB"
						       : embargo_file_error(error));
}

static int add_file(struct embargo_trust *trust, const char *folder, const char *name,
		    struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	char *path = NULL;
	_cleanup_free_
	char *pem = NULL;
	size_t size;
	int error;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	error = embargo_file_read(path, EMBARGO_BUNDLE_FILE, &pem, &size);
	if (error)
		return refuse_file(path, error, diagnostic);
	embargo_diagnostic_at(diagnostic, path, 0, 0);
	error = embargo_bundle_add(trust->bundle, pem, size, diagnostic);
	if (!error)
		embargo_diagnostic_at(diagnostic, "", 0, 0);
	return error;
}

static bool is_pem(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 4 && !strcmp(name + length - 4, ".pem");
}

static int add_folder(struct embargo_trust *trust, const char *folder,
		      struct embargo_diagnostic *diagnostic)
{
	_cleanup_closedir_ DIR *directory = opendir(folder);
	const struct dirent *entry;
	int error = 0;

	if (!directory)
		return errno == ENOENT ? 0 : refuse_file(folder, -errno, diagnostic);
	for (errno = 0; !error && (entry = readdir(directory)); errno = 0)
		if (is_pem(entry->d_name))
			error = add_file(trust, folder, entry->d_name, diagnostic);
	/* A folder that cannot be read to its end may hold a revocation list there. */
	return error || !errno ? error : refuse_file(folder, -errno, diagnostic);
}

int embargo_trust_read(const char *folder, uint64_t required, struct embargo_trust **trust,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_trust) struct embargo_trust *made = calloc(1, sizeof(*made));
	int error = made ? embargo_bundle_new(&made->bundle) : -ENOMEM;

	if (!error)
		error = add_folder(made, folder, diagnostic);
	if (error == -ENOMEM)
		return embargo_diagnostic_what(diagnostic, error, "out of memory");
	if (error)
		return error;
	made->required = required ? required : 1;
	if (required && !embargo_trust_has_anchors(made)) {
		embargo_diagnostic_at(diagnostic, folder, 0, 0);
		embargo_diagnostic_remedy(diagnostic,
					  "put the certificates of the signers there (*.pem), or "
					  "take signatures-required out of the settings");
		return embargo_diagnostic_what(diagnostic, -ENOKEY,
					       "holds no anchor, and signatures are required");
	}
	*trust = TAKE_PTR(made);
	return 0;
}

/* A signature that cannot be taken for one is none; one that cannot be reached says nothing. */
static int refuse_signature(int error, struct embargo_diagnostic *diagnostic)
{
	bool is_none = error == -EISDIR || error == -EINVAL || error == -EFBIG || error == -ELOOP;

	embargo_diagnostic_remedy(diagnostic, "%s",
				  error == -EACCES  ? "let this user read it, or run as root"
				  : error == -EFBIG ? "leave the certificates of its signers in it"
						    : "put the signature there");
	return embargo_diagnostic_what(diagnostic, is_none ? -EKEYREJECTED : error, "%s",
				       error == -EFBIG ? "holds more than 256 KiB"
						       : embargo_file_error(error));
}

static bool is_there(const char *path)
{
	struct stat status;

	return !lstat(path, &status) || errno != ENOENT;
}

/* Reads NAME.p7s; @diagnostic gets its name as the place. */
static int read_signature(const char *file, const char *real, char **der, size_t *size,
			  struct embargo_diagnostic *diagnostic)
{
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s" EMBARGO_TRUST_SUFFIX, file);
	if (real && strcmp(file, real) && !is_there(path))
		snprintf(path, sizeof(path), "%s" EMBARGO_TRUST_SUFFIX, real);
	if (!is_there(path)) {
		embargo_diagnostic_at(diagnostic, file, 0, 0);
		embargo_diagnostic_remedy(diagnostic,
					  "put its signature beside it (%s), made with `embargo "
					  "policy sign` or `openssl cms -sign`",
					  strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
		return embargo_diagnostic_what(diagnostic, -EKEYREJECTED,
					       "is not signed, and this host has anchors");
	}
	embargo_diagnostic_at(diagnostic, path, 0, 0);
	error = embargo_file_read(path, EMBARGO_SIGNED_SIZE, der, size);
	return error ? refuse_signature(error, diagnostic) : 0;
}

/* Says of the first signer that does not count why, and what to do. */
static int refuse_signers(const struct embargo_trust *trust, const struct embargo_signed *signers,
			  struct embargo_diagnostic *diagnostic)
{
	const struct embargo_signed_signer *signer = NULL;

	for (size_t i = 0; i < signers->count && !signer; i++)
		if (signers->signers[i].fault != EMBARGO_SIGNED_COUNTS)
			signer = &signers->signers[i];
	if (!signer) {
		embargo_diagnostic_remedy(diagnostic,
					  "have others sign too, with `embargo policy sign --add`");
		return embargo_diagnostic_what(diagnostic, -EKEYREJECTED,
					       "%zu of the %" PRIu64
					       " signatures that this host requires",
					       signers->counting, trust->required);
	}
	embargo_diagnostic_remedy(diagnostic, "%s", embargo_signed_fault_remedy(signer->fault));
	return embargo_diagnostic_what(
		diagnostic, -EKEYREJECTED,
		"%zu of the %" PRIu64 " signatures that this host requires: %s%.200s%s %s",
		signers->counting, trust->required, signer->subject[0] ? "'" : "",
		signer->subject[0] ? signer->subject : "a signer", signer->subject[0] ? "'" : "",
		embargo_signed_fault_text(signer->fault));
}

int embargo_trust_verify_with(const struct embargo_trust *trust, const void *der, size_t size,
			      const void *content, size_t length, struct embargo_signed *signers,
			      struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	struct embargo_signed *found = calloc(1, sizeof(*found));
	int error;

	if (!found)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_signed_verify(trust->bundle, der, size, content, length, found, diagnostic);
	if (error == -ENOMEM)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	if (error)
		return -EKEYREJECTED;
	if (signers)
		*signers = *found;
	return found->counting < trust->required ? refuse_signers(trust, found, diagnostic) : 0;
}

int embargo_trust_verify(const struct embargo_trust *trust, const char *file, const char *real,
			 const void *content, size_t length, struct embargo_signed *signers,
			 struct embargo_diagnostic *diagnostic)
{
	_cleanup_free_
	char *der = NULL;
	size_t size = 0;
	int error = read_signature(file, real, &der, &size, diagnostic);

	if (!error)
		error = embargo_trust_verify_with(trust, der, size, content, length, signers,
						  diagnostic);
	/* Where all is well, the place that was noted means nothing. */
	if (!error)
		embargo_diagnostic_at(diagnostic, "", 0, 0);
	return error;
}
