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
#include "loader/kernel/pins.h"

/* Maps of one program: those of its own, and libbpf's for its constants. */
#define MAPS_OF_PROGRAM 64

static bool is_marked;

bool embargo_guard_is_marked(void)
{
	return is_marked;
}

static void destroy(struct embargo_guard_bpf **skeleton)
{
	embargo_guard_bpf__destroy(*skeleton);
}

/* The hook inode_setattr has an argument more from 6.9 on. */
static bool setattr_is_mapped(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	bool is_mapped = false;
	int id = btf ? btf__find_by_name_kind(btf, "bpf_lsm_inode_setattr", BTF_KIND_FUNC) : -1;

	if (id > 0) {
		type = btf__type_by_id(btf, id);
		type = btf__type_by_id(btf, type->type);
		is_mapped = btf_vlen(type) == 3;
	}
	btf__free(btf);
	return is_mapped;
}

static int load(struct embargo_guard_bpf **skeleton)
{
	struct embargo_guard_bpf *made = embargo_guard_bpf__open();

	if (!made)
		return -errno;
	bpf_program__set_autoload(setattr_is_mapped() ? made->progs.guard_setattr
						      : made->progs.guard_setattr_mapped,
				  false);
	if (embargo_guard_bpf__load(made)) {
		int error = -errno;

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

static int add_object(int objects, bool is_program, __u32 id, enum embargo_guard_use use)
{
	struct embargo_guard_object key = { is_program, id };
	__u32 value = use, known;

	/* What was said of a map first is not taken back by the programs that use it. */
	if (!bpf_map_lookup_elem(objects, &key, &known))
		return 0;
	return bpf_map_update_elem(objects, &key, &value, BPF_ANY) ? -errno : 0;
}

static int add_map(int objects, int map, enum embargo_guard_use use)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size))
		return -errno;
	return add_object(objects, false, info.id, use);
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
	error = add_object(objects, true, info.id, EMBARGO_GUARD_OURS);
	for (__u32 i = 0; !error && i < info.nr_map_ids && i < ARRAY_SIZE(ids); i++)
		error = add_object(objects, false, ids[i], EMBARGO_GUARD_OURS);
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
		error = fd < 0			? fd
			: !strcmp(kind, "maps") ? add_map(objects, fd, EMBARGO_GUARD_OURS)
						: add_program(objects, fd);
	}
	return error;
}

static int add_objects(struct embargo_guard_bpf *skeleton)
{
	int objects = bpf_map__fd(skeleton->maps.guard_objects), error;
	struct bpf_program *program;

	error = add_map(objects, bpf_map__fd(skeleton->maps.guard_view), EMBARGO_GUARD_READABLE);
	if (!error)
		error = add_map(objects, bpf_map__fd(skeleton->maps.guard_refusals),
				EMBARGO_GUARD_READABLE);
	if (!error)
		error = add_pins(objects, "maps");
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

static __u32 namespace_of(const char *process)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", process);
	return stat(path, &status) ? 0 : status.st_ino;
}

static int find_mounts(struct embargo_guard_bpf *skeleton)
{
	_cleanup_close_ int fd = open(EMBARGO_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct embargo_guard_question question = {
		.ask = EMBARGO_GUARD_ASK_MOUNTS,
		.namespaces = { namespace_of("1"), namespace_of("self") },
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
