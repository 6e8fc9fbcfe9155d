// SPDX-License-Identifier: GPL-2.0-or-later
/* Closing the guard: attach, fill, mark, close, in that order; the pins come before the last. */
#include "loader/kernel/guard_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "guard.skel.h"
#include "loader/base/cleanup.h"
#include "loader/kernel/guard.h"
#include "loader/kernel/guard_objects.h"
#include "loader/kernel/pins.h"

/* Maps of one program: those of its own, and libbpf's for its constants. */
#define MAPS_OF_PROGRAM 64

static bool is_marked;

struct embargo_guard_tokens embargo_guard_tokens_before;

bool embargo_guard_is_marked(void)
{
	return is_marked;
}

static void destroy(struct embargo_guard_bpf **skeleton)
{
	embargo_guard_bpf__destroy(*skeleton);
}

/* Is there a hook of this name, with so many arguments (0: with any)? */
static bool kernel_has(const struct btf *kernel, const char *hook, __u16 arguments)
{
	const struct btf_type *type;
	char name[64];
	int id;

	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	id = btf__find_by_name_kind(kernel, name, BTF_KIND_FUNC);
	if (id <= 0)
		return false;
	type = btf__type_by_id(kernel, id);
	type = btf__type_by_id(kernel, type->type);
	return !arguments || btf_vlen(type) == arguments;
}

/* Of programs for hooks that have changed, those of other kernels are left out. */
static int choose(struct embargo_guard_bpf *skeleton)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	bool mapped, created;

	if (!kernel)
		return -errno;
	mapped = kernel_has(kernel, "inode_setattr", 3);
	created = kernel_has(kernel, "bpf_map_create", 0);
	bpf_program__set_autoload(skeleton->progs.guard_setattr, !mapped);
	bpf_program__set_autoload(skeleton->progs.guard_setattr_mapped, mapped);
	bpf_program__set_autoload(skeleton->progs.guard_alloc, !created);
	bpf_program__set_autoload(skeleton->progs.guard_free, !created);
	bpf_program__set_autoload(skeleton->progs.guard_alloc_token, created);
	bpf_program__set_autoload(skeleton->progs.guard_free_token, created);
	bpf_program__set_autoload(skeleton->progs.guard_flags_compat,
				  kernel_has(kernel, "file_ioctl_compat", 0));
	bpf_program__set_autoload(skeleton->progs.guard_flags_call,
				  kernel_has(kernel, "inode_file_setattr", 0));
	btf__free(kernel);
	return 0;
}

static int load(struct embargo_guard_bpf **skeleton)
{
	struct embargo_guard_bpf *made = embargo_guard_bpf__open();
	int error;

	if (!made)
		return -errno;
	error = choose(made);
	if (!error && embargo_guard_bpf__load(made))
		error = -errno;
	if (error) {
		embargo_guard_bpf__destroy(made);
		return error;
	}
	*skeleton = made;
	return 0;
}

static int make_folders(void)
{
	static const char *const kinds[] = { "/links", "/progs", "/maps" };
	char path[256];
	int error = embargo_pins_remove(EMBARGO_GUARD_PIN_DIR);

	if (!error && mkdir(EMBARGO_GUARD_PIN_DIR, 0700))
		error = -errno;
	for (size_t i = 0; !error && i < ARRAY_SIZE(kinds); i++) {
		snprintf(path, sizeof(path), EMBARGO_GUARD_PIN_DIR "%s", kinds[i]);
		if (mkdir(path, 0700))
			error = -errno;
	}
	return error;
}

static int pin(int fd, const char *kind, const char *name)
{
	char path[256];

	return bpf_obj_pin(fd,
			   embargo_pins_path(path, sizeof(path), EMBARGO_GUARD_PIN_DIR, kind, name))
		       ? -errno
		       : 0;
}

static int pin_maps(struct bpf_object *object)
{
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map (map, object)
		if (!error && !bpf_map__is_internal(map))
			error = pin(bpf_map__fd(map), "maps", bpf_map__name(map));
	return error;
}

static int attach_all(struct bpf_object *object)
{
	struct bpf_program *program;
	int error = 0;

	bpf_object__for_each_program (program, object) {
		_cleanup_close_ int link = -1;

		if (error || !bpf_program__autoload(program) ||
		    bpf_program__type(program) != BPF_PROG_TYPE_LSM)
			continue;
		link = bpf_link_create(bpf_program__fd(program), 0, BPF_LSM_MAC, NULL);
		error = link < 0 ? -errno : pin(link, "links", bpf_program__name(program));
	}
	return error;
}

/* A program and all the maps that it uses, libbpf's own for constants and data among them. */
static int add_program(int objects, int program)
{
	__u32 ids[MAPS_OF_PROGRAM] = { 0 };
	struct bpf_prog_info info = { .nr_map_ids = ARRAY_SIZE(ids),
				      .map_ids = (__u64)(uintptr_t)ids };
	__u32 size = sizeof(info);
	int error;

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &size))
		return -errno;
	error = embargo_guard_objects_add(objects, true, info.id, EMBARGO_GUARD_OURS);
	for (__u32 i = 0; !error && i < info.nr_map_ids && i < ARRAY_SIZE(ids); i++)
		error = embargo_guard_objects_add(objects, false, ids[i], EMBARGO_GUARD_OURS);
	return error;
}

/* All pins of @kind of what enforces. */
static int add_pins(int objects, const char *kind)
{
	_cleanup_closedir_ DIR *folder = NULL;
	struct dirent *entry;
	char path[256];
	int error = 0;

	snprintf(path, sizeof(path), EMBARGO_PIN_DIR "/%s", kind);
	folder = opendir(path);
	if (!folder)
		return -errno;
	while (!error && (entry = readdir(folder))) {
		_cleanup_close_ int fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		fd = embargo_pins_open(kind, entry->d_name);
		error = fd < 0 ? fd
			: !strcmp(kind, "maps")
				? embargo_guard_objects_add_map(objects, fd, EMBARGO_GUARD_OURS)
				: add_program(objects, fd);
	}
	return error;
}

static int add_objects(struct embargo_guard_bpf *skeleton)
{
	int objects = bpf_map__fd(skeleton->maps.guard_objects), error;
	struct bpf_program *program;

	error = embargo_guard_objects_add_map(objects, bpf_map__fd(skeleton->maps.guard_view),
					      EMBARGO_GUARD_READABLE);
	if (!error)
		error = embargo_guard_objects_add_map(objects,
						      bpf_map__fd(skeleton->maps.guard_refusals),
						      EMBARGO_GUARD_READABLE);
	if (!error)
		error = add_pins(objects, "maps");
	if (!error)
		error = embargo_guard_objects_add_tables(objects);
	if (!error)
		error = add_pins(objects, "progs");
	bpf_object__for_each_program (program, skeleton->obj)
		if (!error && bpf_program__autoload(program))
			error = add_program(objects, bpf_program__fd(program));
	return error;
}

static int look(struct embargo_guard_bpf *skeleton, struct embargo_guard_question *question)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = question, .ctx_size_in = sizeof(*question));
	int error = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.guard_look), &run);

	return error ? -errno : (int)run.retval;
}

static int add_ground(struct embargo_guard_bpf *skeleton, const struct embargo_guard_ground *ground)
{
	struct embargo_guard_question question = { .ask = EMBARGO_GUARD_ASK_FOLDER,
						   .place = ground->place };
	_cleanup_close_ int fd =
		open(ground->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	question.fd = fd;
	return look(skeleton, &question);
}

static int add_grounds(struct embargo_guard_bpf *skeleton,
		       const struct embargo_guard_ground *grounds, size_t count)
{
	static const struct embargo_guard_ground own[] = {
		{ EMBARGO_PIN_DIR, EMBARGO_GUARD_PINS },
		{ EMBARGO_PIN_DIR "/maps", EMBARGO_GUARD_PINS },
		{ EMBARGO_PIN_DIR "/progs", EMBARGO_GUARD_PINS },
		{ EMBARGO_PIN_DIR "/links", EMBARGO_GUARD_PINS },
		{ EMBARGO_GUARD_PIN_DIR, EMBARGO_GUARD_PINS },
		{ EMBARGO_GUARD_PIN_DIR "/maps", EMBARGO_GUARD_PINS },
		{ EMBARGO_GUARD_PIN_DIR "/progs", EMBARGO_GUARD_PINS },
		{ EMBARGO_GUARD_PIN_DIR "/links", EMBARGO_GUARD_PINS },
	};
	int error = 0;

	for (size_t i = 0; !error && i < ARRAY_SIZE(own); i++)
		error = add_ground(skeleton, &own[i]);
	for (size_t i = 0; !error && i < count; i++)
		error = add_ground(skeleton, &grounds[i]);
	return error;
}

static __u32 host_namespace(void)
{
	struct stat status;

	return stat("/proc/1/ns/mnt", &status) ? 0 : status.st_ino;
}

static int find_mounts(struct embargo_guard_bpf *skeleton)
{
	_cleanup_close_ int fd = open(EMBARGO_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct embargo_guard_question question = {
		.ask = EMBARGO_GUARD_ASK_MOUNTS,
		.namespace = host_namespace(),
	};

	if (fd < 0)
		return -errno;
	question.fd = fd;
	return look(skeleton, &question);
}

static int mark_self(struct embargo_guard_bpf *skeleton)
{
	_cleanup_close_ int self = syscall(SYS_pidfd_open, getpid(), 0);
	__u32 one = 1;

	if (self < 0 ||
	    bpf_map_update_elem(bpf_map__fd(skeleton->maps.guard_marks), &self, &one, BPF_NOEXIST))
		return -errno;
	return 0;
}

static int close_now(struct embargo_guard_bpf *skeleton, enum embargo_guard_mode mode)
{
	int map = bpf_map__fd(skeleton->maps.guard_state);
	int shown = bpf_map__fd(skeleton->maps.guard_view);
	struct embargo_guard_state state;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(map, &zero, &state))
		return -errno;
	state.mode = mode;
	state.closed = 1;
	state.tokens = embargo_guard_tokens_before;
	if (bpf_map_update_elem(shown, &zero,
				&(struct embargo_guard_shown) { .mode = mode, .closed = 1 },
				BPF_EXIST) ||
	    bpf_map_update_elem(map, &zero, &state, BPF_EXIST))
		return -errno;
	return 0;
}

int embargo_guard_close(enum embargo_guard_mode mode, const struct embargo_guard_ground *grounds,
			size_t ground_count, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(destroy) struct embargo_guard_bpf *skeleton = NULL;
	int error = load(&skeleton);

	if (!error)
		error = make_folders();
	if (!error)
		error = pin_maps(skeleton->obj);
	if (!error)
		error = attach_all(skeleton->obj);
	if (!error)
		error = add_objects(skeleton);
	if (!error)
		error = add_grounds(skeleton, grounds, ground_count);
	if (!error)
		error = find_mounts(skeleton);
	if (!error)
		error = mark_self(skeleton);
	if (!error)
		error = close_now(skeleton, mode);
	if (error) {
		embargo_pins_remove(EMBARGO_GUARD_PIN_DIR);
		embargo_diagnostic_remedy(
			diagnostic, "see embargo doctor, or write guard: off into the settings");
		return embargo_diagnostic_what(diagnostic, error, "cannot close the guard: %s",
					       strerror(-error));
	}
	is_marked = true;
	return 0;
}
