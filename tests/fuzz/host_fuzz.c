// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as the tables of a host, in which others choose names: ld.so.cache, dpkg's,
 * modules.dep, the kernel's of keys, mounts and mappings. Build with libFuzzer. */
#include <sys/utsname.h>

/* The kernel's tables have no path that a test could put one at. */
#include "loader/verdict/process.c"
#include "loader/watch/mounts.c"

#include "loader/dynamic/cache.h"
#include "loader/host/blacklist.h"
#include "loader/host/host.h"
#include "loader/packages/packages.h"
#include "loader/sweep/modules.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[] = "/dev/shm/embargo-fuzz-XXXXXX";
static char modules[256];

static void remove_root(void)
{
	char command[512];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command))
		abort();
}

/* A host with a package, whose files are there. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char command[1024];
	struct utsname name;

	(void)argc, (void)argv;
	if (!mkdtemp(root) || uname(&name))
		abort();
	snprintf(modules, sizeof(modules), "lib/modules/%s", name.release);
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p proc sys/kernel/security usr/bin %s var/lib/dpkg/info && : "
		 ">usr/bin/a && "
		 ": >usr/bin/b && ln -s usr/bin bin",
		 root, modules);
	if (system(command) || atexit(remove_root))
		abort();
	return 0;
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "we");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		abort();
}

/* Each entry leads to texts that end. */
static void read_cache(const uint8_t *data, size_t size)
{
	struct embargo_dynamic_cache *cache;
	const char *file;
	char path[512];
	size_t at = 0;

	put("cache", data, size);
	snprintf(path, sizeof(path), "%s/cache", root);
	if (embargo_dynamic_cache_read(path, &cache))
		return;
	while ((file = embargo_dynamic_cache_next(cache, "libc.so.6", &at)))
		if (strlen(file) > size)
			abort();
	embargo_dynamic_cache_close(cache);
}

static int see_file(void *context, const struct embargo_package_file *file)
{
	(void)context;
	if (!file->name || file->path[0] != '/' || strlen(file->path) >= PATH_MAX)
		abort();
	return 0;
}

/* Three files, with 0xff between them. */
static void read_dpkg(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "var/lib/dpkg/status", "var/lib/dpkg/diversions",
					     "var/lib/dpkg/info/a.list" };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	const uint8_t *end = data + size;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const uint8_t *stop = memchr(data, 0xff, (size_t)(end - data));

		stop = stop ? stop : end;
		put(names[i], data, (size_t)(stop - data));
		data = stop < end ? stop + 1 : end;
	}
	if (embargo_packages_each(root, NULL, see_file, NULL, &diagnostic) && !diagnostic.what[0])
		abort();
}

static void read_modules(const uint8_t *data, size_t size)
{
	struct embargo_modules *read;
	char path[300];

	snprintf(path, sizeof(path), "%s/modules.dep", modules);
	put(path, data, size);
	if (embargo_modules_open(root, &read))
		return;
	embargo_modules_file(read, "loop");
	embargo_modules_close(read);
}

static void read_keys(const uint8_t *data, size_t size)
{
	struct embargo_blacklist blacklist;

	put("proc/keys", data, size);
	embargo_blacklist_read(root, &blacklist);
	if (!blacklist.is_known && (blacklist.entries || blacklist.files || blacklist.issued))
		abort();
}

/* The boot's parameters and what the kernel lists, with 0xff between them. */
static void read_boot(const uint8_t *data, size_t size)
{
	const uint8_t *split = memchr(data, 0xff, size);
	const size_t length = split ? (size_t)(split - data) : size;
	struct embargo_host host;

	put("proc/cmdline", data, length);
	put("sys/kernel/security/lsm", split ? split + 1 : data, split ? size - length - 1 : 0);
	embargo_host_read(root, &host);
	if (!embargo_answer_name(host.btf))
		abort();
}

static int see_mount(void *context, const struct embargo_mount *mount)
{
	(void)context;
	if (!embargo_mounts_is_local(mount->type))
		abort();
	return strlen(mount->path) & 1 ? -EAGAIN : 0;
}

static void read_mounts(const uint8_t *data, size_t size)
{
	_cleanup_(free_table) struct table table = { .text = calloc(1, size + 1) };

	if (!table.text)
		abort();
	memcpy(table.text, data, size);
	if (parse_table(&table, size))
		abort();
	tell_parts(table.rows, keep_local(table.rows, table.count), 1, see_mount, NULL);
}

static int see_mapping(void *context, const struct embargo_process_file *file)
{
	(void)context;
	if (file->name[0] != '/' || strlen(file->path) >= PATH_MAX)
		abort();
	return 0;
}

static void read_mappings(const uint8_t *data, size_t size)
{
	FILE *maps = fmemopen((void *)data, size, "r");

	if (!maps)
		abort();
	device_of("/usr/bin/a", maps);
	walk_mappings("1", maps, see_mapping, NULL);
	fclose(maps);
}

/* The first byte says which table it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const uint8_t *data, size_t size) = {
		read_cache,  read_dpkg,	    read_modules, read_keys,
		read_mounts, read_mappings, read_boot,	  read_boot,
	};

	if (size > 1)
		readers[data[0] % ARRAY_SIZE(readers)](data + 1, size - 1);
	return 0;
}
