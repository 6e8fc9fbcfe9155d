// SPDX-License-Identifier: GPL-2.0-or-later
/* Anchors in a store of OpenSSL, and chains held against them. */
#include "loader/crypto/anchors.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/crypto/chain.h"

struct embargo_anchors {
	X509_STORE *store;
	STACK_OF(X509) * all; /* the same */
};

static struct embargo_anchors *in_use;
static bool is_chosen;

/* Vendors' chains have three or four certificates. */
#define DEPTH_MAX 8

static void free_store_context(X509_STORE_CTX **context)
{
	X509_STORE_CTX_free(*context);
}

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_anchors(struct embargo_anchors **anchors)
{
	embargo_anchors_free(*anchors);
}

void embargo_anchors_free(struct embargo_anchors *anchors)
{
	if (!anchors)
		return;
	if (anchors == in_use)
		in_use = NULL;
	X509_STORE_free(anchors->store);
	sk_X509_pop_free(anchors->all, X509_free);
	free(anchors);
}

void embargo_anchors_use(struct embargo_anchors *anchors)
{
	in_use = anchors;
	is_chosen = true;
}

bool embargo_anchors_are_chosen(void)
{
	return is_chosen;
}

/* Takes each certificate of @pem; the end is where no further line begins one. */
static int take_certificates(struct embargo_anchors *anchors, BIO *pem)
{
	int before = sk_X509_num(anchors->all);
	X509 *certificate;

	ERR_clear_error();
	while ((certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL))) {
		if (!sk_X509_push(anchors->all, certificate)) {
			X509_free(certificate);
			return -ENOMEM;
		}
		if (!X509_STORE_add_cert(anchors->store, certificate))
			return -ENOMEM;
		if (sk_X509_num(anchors->all) > EMBARGO_ANCHORS_MAX)
			return -E2BIG;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return -EBADMSG;
	ERR_clear_error();
	return sk_X509_num(anchors->all) > before ? 0 : -EBADMSG;
}

static int take_file(struct embargo_anchors *anchors, const char *path)
{
	_cleanup_free_
	char *data = NULL;
	size_t size;
	int error = embargo_file_read(path, EMBARGO_ANCHORS_FILE, &data, &size);
	_cleanup_(free_bio) BIO *pem = NULL;

	if (error)
		return error;
	pem = BIO_new_mem_buf(data, (int)size);
	return pem ? take_certificates(anchors, pem) : -ENOMEM;
}

static int take_folder(struct embargo_anchors *anchors, const char *folder,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_closedir_ DIR *directory = opendir(folder);
	const struct dirent *entry;

	if (!directory)
		return errno == ENOENT ? 0
				       : embargo_diagnostic_what(diagnostic, -errno, "%s: %s",
								 folder, strerror(errno));
	while ((entry = readdir(directory))) {
		const char *suffix = strrchr(entry->d_name, '.');
		_cleanup_free_
		char *path = NULL;
		int error;

		if (!suffix || strcmp(suffix, ".pem"))
			continue;
		if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
			return -ENOMEM;
		error = take_file(anchors, path);
		if (error)
			return embargo_diagnostic_what(
				diagnostic, error, "%s: %s", path,
				error == -EBADMSG ? "holds no certificate, or a broken one"
				: error == -E2BIG ? "one certificate too many"
						  : embargo_file_error(error));
	}
	return 0;
}

int embargo_anchors_load(const char *folder, struct embargo_anchors **anchors,
			 struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_anchors) struct embargo_anchors *loaded = calloc(1, sizeof(*loaded));
	int error;

	if (!loaded)
		return -ENOMEM;
	loaded->store = X509_STORE_new();
	loaded->all = sk_X509_new_null();
	if (!loaded->store || !loaded->all)
		return -ENOMEM;
	error = take_folder(loaded, folder, diagnostic);
	if (error)
		return error;
	*anchors = sk_X509_num(loaded->all) ? TAKE_PTR(loaded) : NULL;
	return 0;
}

/* In whatever order the folder gives them. */
uint64_t embargo_anchors_number(const struct embargo_anchors *anchors)
{
	uint64_t number = 0, part;

	for (int i = 0; anchors && i < sk_X509_num(anchors->all); i++) {
		unsigned char digest[EVP_MAX_MD_SIZE] = { 1 };

		X509_digest(sk_X509_value(anchors->all, i), EVP_sha256(), digest, NULL);
		memcpy(&part, digest, sizeof(part));
		number += part;
	}
	return number;
}

int embargo_anchors_number_in(const char *folder, uint64_t *number,
			      struct embargo_diagnostic *diagnostic)
{
	struct embargo_anchors *anchors = NULL;
	int error = embargo_anchors_load(folder, &anchors, diagnostic);

	*number = embargo_anchors_number(anchors);
	embargo_anchors_free(anchors);
	return error;
}

X509 *embargo_chain_anchor(size_t index)
{
	return in_use ? sk_X509_value(in_use->all, (int)index) : NULL;
}

enum embargo_validity embargo_chain_check(X509 *certificate, STACK_OF(X509) * others)
{
	_cleanup_(free_store_context) X509_STORE_CTX *context = NULL;
	bool leads;

	if (!in_use)
		return EMBARGO_VALIDITY_UNKNOWN;
	context = X509_STORE_CTX_new();
	if (!context || !X509_STORE_CTX_init(context, in_use->store, certificate, others))
		return EMBARGO_VALIDITY_UNKNOWN;
	X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_CTX_set_depth(context, DEPTH_MAX);
	leads = X509_verify_cert(context) == 1 &&
		(X509_get_extended_key_usage(certificate) & (XKU_CODE_SIGN | XKU_ANYEKU));
	ERR_clear_error();
	return leads ? EMBARGO_VALIDITY_YES : EMBARGO_VALIDITY_NO;
}
