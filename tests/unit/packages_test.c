// SPDX-License-Identifier: GPL-2.0-or-later
/* Installed packages, by dpkg's files below a root of the test's own. */
#include "loader/packages/packages.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"

static char root[] = "/tmp/embargo-packages-XXXXXX";

static void put_file(const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void put_link(const char *target, const char *path)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	assert_int_equal(symlink(target, whole), 0);
}

#define INFO "/var/lib/dpkg/info/"

static const char status[] = "Package: kesl\n"
			     "Status: install ok installed\n"
			     "Maintainer: AO Example <a@example.org>\n"
			     "Architecture: amd64\n"
			     "Version: 12.0-3\n"
			     "Description: a package\n"
			     " Package: none\n"
			     " .\n"
			     "\n"
			     "Package: libsdk\n"
			     "Status: install ok installed\n"
			     "Architecture: amd64\n"
			     "Multi-Arch: same\n"
			     "Version: 1\n"
			     "\n"
			     "Package: removed\n"
			     "Status: deinstall ok config-files\n"
			     "Version: 3\n"
			     "\n"
			     "Package: libsdk\n"
			     "Status: install ok installed\n"
			     "Architecture: i386\n"
			     "Multi-Arch: same\n"
			     "Version: 2\n";

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	put_file("/var/lib/dpkg/status", status);
	put_file("/var/lib/dpkg/diversions", "/usr/bin/tool\n/usr/bin/tool.original\nwrapper\n"
					     "/usr/bin/own\n/usr/bin/own.moved\n:\n");
	put_file(INFO "kesl.list",
		 "/.\n/bin\n/bin/kesl\n/usr/bin/tool\n/usr/bin/own\n/usr/share/gone\n/opt/link\n"
		 "/opt/file\n/opt/out\n");
	put_file(INFO "libsdk:amd64.list", "/usr/lib/x86_64/libsdk.so\n");
	put_file(INFO "libsdk:i386.list", "/usr/lib/i386/libsdk.so\n");
	put_file(INFO "removed.list", "/opt/file\n");
	put_file(INFO "wrapper.list", "/usr/bin/tool\n");
	put_file(INFO "kesl.postinst", "/opt/file\n");
	put_file("/usr/bin/kesl", "1");
	put_file("/usr/bin/tool", "2");
	put_file("/usr/bin/tool.original", "3");
	put_file("/usr/bin/own.moved", "4");
	put_file("/opt/file", "5");
	put_file("/usr/lib/x86_64/libsdk.so", "6");
	put_file("/usr/lib/i386/libsdk.so", "7");
	put_link("usr/bin", "/bin");
	put_link("file", "/opt/link");
	/* Absolute: it leads to this root's folder, not to the host's. */
	put_link("/opt", "/elsewhere");
	return 0;
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *walk)
{
	(void)found;
	(void)type;
	(void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int visit(void *context, const struct embargo_package_file *file)
{
	char *text = context;
	size_t used = strlen(text);

	snprintf(text + used, 4096 - used, "%s %s %s\n", file->path, file->name,
		 file->version ? file->version : "-");
	return 0;
}

/* The order is that of the folder: each line is looked for. */
static void visits_what_is_there(void **state)
{
	static const char *const lines[] = {
		"/usr/bin/kesl kesl 12.0-3\n",
		"/usr/bin/tool.original kesl 12.0-3\n",
		"/usr/bin/own.moved kesl 12.0-3\n",
		"/opt/file kesl 12.0-3\n",
		"/usr/lib/x86_64/libsdk.so libsdk 1\n",
		"/usr/lib/i386/libsdk.so libsdk 2\n",
		"/usr/bin/tool wrapper -\n",
	};
	struct embargo_diagnostic diagnostic = {};
	char text[4096] = "";
	size_t length = 0;

	(void)state;
	assert_int_equal(embargo_packages_each(root, NULL, visit, text, &diagnostic), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strstr(text, lines[i]))
			fail_msg("%s is missing from\n%s", lines[i], text);
		length += strlen(lines[i]);
	}
	assert_int_equal(strlen(text), length);
}

/* Told before the package's list is read, and so without a path. */
static int is_sdk(void *context, const struct embargo_package_file *file)
{
	(void)context;
	assert_null(file->path);
	return !strcmp(file->name, "libsdk");
}

static int refuse(void *context, const struct embargo_package_file *file)
{
	(void)context;
	(void)file;
	return -ECANCELED;
}

static void only_packages_of_interest_are_visited(void **state)
{
	struct embargo_diagnostic diagnostic = {};
	char text[4096] = "";

	(void)state;
	assert_int_equal(embargo_packages_each(root, is_sdk, visit, text, &diagnostic), 0);
	assert_non_null(strstr(text, "/usr/lib/x86_64/libsdk.so libsdk 1\n"));
	assert_non_null(strstr(text, "/usr/lib/i386/libsdk.so libsdk 2\n"));
	assert_null(strstr(text, "kesl"));
	assert_null(strstr(text, "wrapper"));
	text[0] = '\0';
	assert_int_equal(embargo_packages_each(root, refuse, visit, text, &diagnostic), -ECANCELED);
	assert_string_equal(text, "");
}

static int stop(void *context, const struct embargo_package_file *file)
{
	(void)file;
	(*(int *)context)++;
	return -ECANCELED;
}

static void ends_when_it_is_told_to(void **state)
{
	struct embargo_diagnostic diagnostic = {};
	int count = 0;

	(void)state;
	assert_int_equal(embargo_packages_each(root, NULL, stop, &count, &diagnostic), -ECANCELED);
	assert_int_equal(count, 1);
}

static const struct {
	const char *path, *owner;
} owners[] = {
	{ "/usr/bin/kesl", "name=kesl, version=12.0-3, maintainer=AO Example <a@example.org>, "
			   "path=/usr/bin/kesl" },
	{ "/usr/bin/tool", "name=wrapper, path=/usr/bin/tool" },
	{ "/usr/bin/tool.original", "name=kesl, version=12.0-3, maintainer=AO Example "
				    "<a@example.org>, path=/usr/bin/tool.original" },
	{ "/usr/lib/i386/libsdk.so", "name=libsdk, version=2, path=/usr/lib/i386/libsdk.so" },
	{ "/usr/bin/own", NULL },
	{ "/bin/kesl", NULL }, /* not what it resolves to */
	{ "/usr/share/gone", NULL },
	{ "/opt/link", NULL },
	{ "/etc/passwd", NULL },
	{ "/", NULL },
};

static void names_the_owner_of_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		struct embargo_diagnostic diagnostic = {};
		struct embargo_identities found = {};
		char text[4096] = "";

		assert_int_equal(embargo_package_owner(root, owners[i].path, &found, &diagnostic),
				 0);
		assert_int_equal(found.count, owners[i].owner ? 1 : 0);
		if (found.count)
			assert_string_equal(embargo_identity_format(&found.array[0], text,
								    sizeof(text)),
					    owners[i].owner);
		embargo_identities_free(&found);
	}
}

static void without_a_database_nothing_is_owned(void **state)
{
	struct embargo_diagnostic diagnostic = {};
	char text[4096] = "", folder[512];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/opt", root);
	assert_int_equal(embargo_packages_each(folder, NULL, visit, text, &diagnostic), 0);
	assert_string_equal(text, "");
	snprintf(folder, sizeof(folder), "%s/missing", root);
	assert_int_equal(embargo_packages_each(folder, NULL, visit, text, &diagnostic), -ENOENT);
	assert_string_equal(diagnostic.file, folder);
}

/* A status of nothing: what the lists name has no version, and no table of packages is looked at.
 */
static void lists_without_a_status_are_visited(void **state)
{
	struct embargo_diagnostic diagnostic = {};
	char text[4096] = "";

	(void)state;
	put_file("/var/lib/dpkg/status", "");
	assert_int_equal(embargo_packages_each(root, is_sdk, visit, text, &diagnostic), 0);
	put_file("/var/lib/dpkg/status", status);
	assert_non_null(strstr(text, "/usr/lib/x86_64/libsdk.so libsdk -\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(visits_what_is_there),
		cmocka_unit_test(only_packages_of_interest_are_visited),
		cmocka_unit_test(ends_when_it_is_told_to),
		cmocka_unit_test(lists_without_a_status_are_visited),
		cmocka_unit_test(names_the_owner_of_a_file),
		cmocka_unit_test(without_a_database_nothing_is_owned),
	};

	return cmocka_run_group_tests_name("packages", tests, set_up, tear_down);
}
