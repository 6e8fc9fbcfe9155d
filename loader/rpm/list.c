// SPDX-License-Identifier: GPL-2.0-or-later
/* embargo-rpm-list FOLDER [NAME|PATH]: files of the packages of an RPM database. */
#include <fcntl.h>
#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/rpm/list.h"

/* The key's id stands last: "RSA/SHA256, Sun Nov 22 05:43:11 2026, Key ID 4079c332b4356e29". */
#define KEY_FORMAT                            \
	"%|RSAHEADER?{%{RSAHEADER:pgpsig}}:{" \
	"%|DSAHEADER?{%{DSAHEADER:pgpsig}}:{" \
	"%|SIGPGP?{%{SIGPGP:pgpsig}}:{"       \
	"%|SIGGPG?{%{SIGGPG:pgpsig}}|}|}|}|"

static void print_text(const char *text)
{
	if (text)
		fputs(text, stdout);
	putchar('\0');
}

static const char *find_key_id(const char *signature)
{
	const char *word = signature ? strrchr(signature, ' ') : NULL;

	/* What is no signature is "(none)" or "(not a ...)": no hex. */
	return word && strspn(word + 1, "0123456789abcdefABCDEF") == strlen(word + 1) ? word + 1
										      : NULL;
}

static void print_package(Header header, const char *only)
{
	_cleanup_free_
	char *version = headerFormat(header, "%{VERSION}-%{RELEASE}", NULL);
	_cleanup_free_
	char *signature = headerFormat(header, KEY_FORMAT, NULL);
	rpmfiles files = rpmfilesNew(NULL, header, RPMTAG_BASENAMES, RPMFI_KEEPHEADER);

	for (int i = 0, count = rpmfilesFC(files); i < count; i++) {
		_cleanup_free_
		char *path = NULL;

		if (only && strcmp(rpmfilesBN(files, i), only))
			continue;
		path = rpmfilesFN(files, i);
		print_text(path);
		print_text(headerGetString(header, RPMTAG_NAME));
		print_text(version);
		print_text(headerGetString(header, RPMTAG_VENDOR));
		print_text(find_key_id(signature));
	}
	rpmfilesFree(files);
}

/* By a path, its packages; by a name, all of them. */
static rpmdbMatchIterator find_packages(rpmts transactions, const char *only)
{
	if (only && only[0] == '/')
		return rpmtsInitIterator(transactions, RPMDBI_INSTFILENAMES, only, 0);
	return rpmtsInitIterator(transactions, RPMDBI_PACKAGES, NULL, 0);
}

static const char *name_of(const char *only)
{
	const char *slash = only ? strrchr(only, '/') : NULL;

	return slash ? slash + 1 : only;
}

static int list(const char *folder, const char *only)
{
	rpmts transactions = rpmtsCreate();
	rpmdbMatchIterator packages;
	Header header;
	int status = EXIT_FAILURE;

	rpmPushMacro(NULL, "_dbpath", NULL, folder, RMIL_CMDLINE);
	/* Names are wanted here, not proofs; those of all packages would take minutes. */
	rpmtsSetVSFlags(transactions, RPMVSF_MASK_NODIGESTS | RPMVSF_MASK_NOSIGNATURES);
	if (!rpmtsOpenDB(transactions, O_RDONLY)) {
		packages = find_packages(transactions, only);
		while ((header = rpmdbNextIterator(packages)) && !ferror(stdout))
			print_package(header, name_of(only));
		rpmdbFreeIterator(packages);
		status = fflush(stdout) || ferror(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	rpmtsFree(transactions);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3 || argv[1][0] != '/') {
		fprintf(stderr, "usage: " EMBARGO_RPM_LIST " FOLDER [NAME|PATH]\n");
		return 2;
	}
	/* Else librpm makes one. */
	if (access(argv[1], R_OK | X_OK) || rpmReadConfigFiles(NULL, NULL))
		return EXIT_FAILURE;
	return list(argv[1], argc > 2 ? argv[2] : NULL);
}
