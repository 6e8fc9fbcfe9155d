// SPDX-License-Identifier: GPL-2.0-or-later
/* The inventory: what it comes upon, once each, and what it leaves alone. */
#include "loader/watch/inventory.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "tests/unit/policy_fixture.h"

static char found[1 << 20]; /* "/PATH " of each file below the folder, in any order */
static unsigned int steps;

static struct embargo_inventory *open_inventory(const char *path)
{
	struct embargo_inventory *inventory;
	struct embargo_inventory_file file;

	assert_int_equal(embargo_inventory_open(&inventory), 0);
	assert_int_equal(embargo_inventory_next(inventory, &file), 0);
	assert_int_equal(embargo_inventory_add(inventory, path), 0);
	found[0] = '\0';
	steps = 0;
	return inventory;
}

/* Up to @limit files, or to the end; returns their number. */
static unsigned int go_on(struct embargo_inventory *inventory, unsigned int limit)
{
	struct embargo_inventory_file file;
	const size_t size = strlen(folder);
	unsigned int given = 0;
	char byte;
	int answer;

	while (given < limit && (answer = embargo_inventory_next(inventory, &file))) {
		assert_in_range(++steps, 1, 1000000);
		if (answer == -EAGAIN)
			continue;
		assert_int_equal(answer, 1);
		assert_int_equal(read(file.fd, &byte, 1), 1);
		assert_int_equal(close(file.fd), 0);
		assert_int_equal(strncmp(file.path, folder, size), 0);
		if (strlen(found) + strlen(file.path) + 2 < sizeof(found))
			strcat(strcat(found, file.path + size), " ");
		given++;
	}
	return given;
}

static void expect(const char *path)
{
	const char *at = strstr(found, path);

	if (!at)
		print_message("%s is not in: %s\n", path, found);
	assert_non_null(at);
	/* Once. */
	assert_null(strstr(at + 1, path));
}

static void do_command(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void what_may_be_code_is_found(void **state)
{
	static const char *const files[] = {
		"/program ",	  "/lib.so ",	     "/lib.so.1.2 ",   "/module.ko ",
		"/module.ko.xz ", "/module.ko.zst ", "/module.ko.gz ", "/a.rpm ",
		"/a.deb ",	  "/a.AppImage ",    "/elf ",	       "/windows ",
		"/script ",	  "/a/b/c/deep ",
	};
	struct embargo_inventory_progress progress;
	struct embargo_inventory *inventory;

	(void)state;
	do_command("umask 022; mkdir -p a/b/c; for f in lib.so lib.so.1.2 module.ko module.ko.xz "
		   "module.ko.zst module.ko.gz a.rpm a.deb a.AppImage text.txt .so x.sox; do "
		   "echo text > $f; done; echo a > program; chmod 711 program; "
		   "printf '\\177ELF' > elf; printf 'MZ' > windows; echo '#!/bin/sh' > script; "
		   "printf '\\177EL' > short; : > empty.so; cp script a/b/c/deep; "
		   "ln -s program link; mkfifo fifo.so; ln -s .. a/up");
	inventory = open_inventory(folder);
	assert_int_equal(go_on(inventory, -1), ARRAY_SIZE(files));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		expect(files[i]);
	embargo_inventory_progress(inventory, &progress);
	assert_true(progress.is_done);
	assert_int_equal(progress.given, ARRAY_SIZE(files));
	/* And text.txt, .so, x.sox, short, empty.so. */
	assert_int_equal(progress.seen, ARRAY_SIZE(files) + 5);
	assert_int_equal(progress.skipped, 0);
	embargo_inventory_close(inventory);
}

static void a_file_of_two_names_is_given_once(void **state)
{
	struct embargo_inventory *inventory;

	(void)state;
	do_command("mkdir b; echo a > a.so; ln a.so b/b.so; ln a.so c.so");
	inventory = open_inventory(folder);
	assert_int_equal(go_on(inventory, -1), 1);
	/* But again in the next inventory. */
	assert_int_equal(embargo_inventory_add(inventory, folder), 0);
	assert_int_equal(go_on(inventory, -1), 1);
	embargo_inventory_close(inventory);
}

static void one_file_can_be_added(void **state)
{
	struct embargo_inventory *inventory;
	char path[64];

	(void)state;
	do_command("echo a > a.so; echo a > b.txt");
	snprintf(path, sizeof(path), "%s/a.so", folder);
	inventory = open_inventory(path);
	snprintf(path, sizeof(path), "%s/b.txt", folder);
	assert_int_equal(embargo_inventory_add(inventory, path), 0);
	assert_int_equal(go_on(inventory, -1), 1);
	assert_string_equal(found, "/a.so ");
	assert_int_equal(embargo_inventory_add(inventory, "absent"), -ENOENT);
	embargo_inventory_close(inventory);
}

static void a_large_folder_is_read_in_parts(void **state)
{
	struct embargo_inventory *inventory;

	(void)state;
	do_command("mkdir sub; i=0; while [ $i -lt 2000 ]; do "
		   "echo a > a_name_of_some_length_$i.so; i=$((i+1)); done; echo a > sub/last.so");
	inventory = open_inventory(folder);
	assert_int_equal(go_on(inventory, -1), 2001);
	expect("/a_name_of_some_length_0.so ");
	expect("/sub/last.so ");
	embargo_inventory_close(inventory);
}

/* @depth folders within each other, each with a file that is a library by name. */
static void make_deep(const char *name, unsigned int depth)
{
	int fd = open(".", O_PATH | O_DIRECTORY);

	for (unsigned int i = 0; i < depth; i++) {
		int below, file;

		assert_int_equal(mkdirat(fd, name, 0700), 0);
		below = openat(fd, name, O_PATH | O_DIRECTORY);
		assert_true(below >= 0);
		close(fd);
		fd = below;
		file = openat(fd, "a.so", O_WRONLY | O_CREAT, 0600);
		assert_int_equal(write(file, "a", 1), 1);
		close(file);
	}
	close(fd);
}

static void too_deep_is_counted(void **state)
{
	struct embargo_inventory_progress progress;
	struct embargo_inventory *inventory;
	char name[251];

	(void)state;
	make_deep("d", 140);
	inventory = open_inventory(folder);
	assert_int_equal(go_on(inventory, -1), EMBARGO_INVENTORY_DEPTH - 1);
	embargo_inventory_progress(inventory, &progress);
	assert_int_equal(progress.skipped, 1);
	embargo_inventory_close(inventory);

	/* And so are long paths. */
	do_command("rm -r d");
	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	make_deep(name, 20);
	inventory = open_inventory(folder);
	assert_in_range(go_on(inventory, -1), 14, 16);
	embargo_inventory_progress(inventory, &progress);
	assert_int_equal(progress.skipped, 1);
	embargo_inventory_close(inventory);
}

static void what_goes_meanwhile_is_passed_over(void **state)
{
	struct embargo_inventory *inventory;
	char path[64];

	(void)state;
	do_command("mkdir -p t/a/b/c u; for d in t t/a t/a/b t/a/b/c; do for i in 1 2 3 4; do "
		   "echo a > $d/$i.so; done; done; echo a > u/a.so");
	snprintf(path, sizeof(path), "%s/t", folder);
	inventory = open_inventory(path);
	snprintf(path, sizeof(path), "%s/u", folder);
	assert_int_equal(embargo_inventory_add(inventory, path), 0);
	assert_int_equal(go_on(inventory, 2), 2);
	/* Another folder of that name is not what was added. */
	do_command("mv t v; mkdir -p t/a/b/c; echo a > t/trap.so");
	assert_int_equal(go_on(inventory, -1), 1);
	assert_null(strstr(found, "trap"));
	expect("/u/a.so ");
	embargo_inventory_close(inventory);
}

static void one_that_waits_is_not_added_twice(void **state)
{
	struct embargo_inventory_progress progress;
	struct embargo_inventory *inventory;

	(void)state;
	do_command("echo a > a.so; echo a > b.so");
	inventory = open_inventory(folder);
	assert_int_equal(embargo_inventory_add(inventory, folder), 0);
	embargo_inventory_progress(inventory, &progress);
	assert_int_equal(progress.roots, 1);
	assert_false(progress.is_done);
	assert_int_equal(go_on(inventory, 1), 1);
	/* One that is half done is. */
	assert_int_equal(embargo_inventory_add(inventory, folder), 0);
	assert_int_equal(go_on(inventory, -1), 3);
	embargo_inventory_close(inventory);
}

static void mounts_are_not_crossed_nor_kept_busy(void **state)
{
	struct embargo_inventory_progress progress;
	struct embargo_inventory *inventory;
	char path[64];

	(void)state;
	do_command("mkdir m; echo a > a.so; echo a > file; echo a > hidden.so");
	snprintf(path, sizeof(path), "%s/m", folder);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("t", path, "tmpfs", 0, NULL)) {
		print_message("may not mount here\n");
		skip();
	}
	do_command("echo a > m/1.so; mkdir m/d; echo a > m/d/2.so; echo a > m/d/3.so");
	assert_int_equal(mount("a.so", "hidden.so", NULL, MS_BIND, NULL), 0);
	inventory = open_inventory(folder);
	assert_int_equal(go_on(inventory, -1), 1);
	expect("/a.so ");
	assert_int_equal(embargo_inventory_add(inventory, path), 0);
	embargo_inventory_progress(inventory, &progress);
	assert_in_range(progress.expected, 4, 10);
	found[0] = '\0';
	assert_int_equal(go_on(inventory, 1), 1);
	assert_int_equal(umount("m"), 0);
	assert_int_equal(go_on(inventory, -1), 0);
	assert_int_equal(umount("hidden.so"), 0);
	embargo_inventory_close(inventory);
}

/* The device and inode of each file that is given; false where it is that of @path. */
static bool walks_past(struct embargo_inventory *inventory, const char *path)
{
	struct embargo_inventory_file file;
	struct stat given, other;
	bool is_past = true;
	int answer;

	assert_int_equal(stat(path, &other), 0);
	while ((answer = embargo_inventory_next(inventory, &file))) {
		if (answer == -EAGAIN)
			continue;
		assert_int_equal(fstat(file.fd, &given), 0);
		is_past &= given.st_ino != other.st_ino || given.st_dev != other.st_dev;
		assert_int_equal(close(file.fd), 0);
	}
	return is_past;
}

/* Whoever puts a link in the place of a folder, between any two steps, leads nobody away. */
static void a_folder_that_becomes_a_link_is_not_followed(void **state)
{
	struct embargo_inventory_file file;
	char tree[64];

	(void)state;
	snprintf(tree, sizeof(tree), "%s/tree", folder);
	do_command("mkdir -p outside/b/c; echo a > outside/b/c/other.so");
	for (int steps_before = 0; steps_before < 10; steps_before++) {
		struct embargo_inventory *inventory;

		do_command("rm -rf tree; mkdir -p tree/a/b/c; echo a > tree/a/b/c/own.so");
		inventory = open_inventory(tree);
		for (int i = 0; i < steps_before; i++)
			if (embargo_inventory_next(inventory, &file) == 1)
				close(file.fd);
		do_command("mv tree/a away; ln -s ../outside tree/a; rm -r away");
		assert_true(walks_past(inventory, "outside/b/c/other.so"));
		embargo_inventory_close(inventory);
	}
}

/* A rule may be about one of a file's paths. */
static void each_name_is_given_where_it_is_asked_for(void **state)
{
	struct embargo_inventory *inventory;

	(void)state;
	do_command("mkdir b; echo a > a.so; ln a.so b/b.so");
	inventory = open_inventory(folder);
	embargo_inventory_give_each_name(inventory);
	assert_int_equal(go_on(inventory, -1), 2);
	expect("/a.so ");
	expect("/b/b.so ");
	embargo_inventory_close(inventory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_may_be_code_is_found),
		IN_FOLDER(a_file_of_two_names_is_given_once),
		IN_FOLDER(one_file_can_be_added),
		IN_FOLDER(a_large_folder_is_read_in_parts),
		IN_FOLDER(too_deep_is_counted),
		IN_FOLDER(what_goes_meanwhile_is_passed_over),
		IN_FOLDER(a_folder_that_becomes_a_link_is_not_followed),
		IN_FOLDER(each_name_is_given_where_it_is_asked_for),
		IN_FOLDER(one_that_waits_is_not_added_twice),
		IN_FOLDER(mounts_are_not_crossed_nor_kept_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
