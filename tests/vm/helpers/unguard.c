// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to switch enforcement off that a shell has no program for: one word each, and what it is
 * done to. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "helper.h"

#define PINS "/sys/fs/bpf/embargo/"

static char zeros[1 << 20];

static int map_by_pin(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), PINS "maps/%s", name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		refuse(path);
	return fd;
}

static int program_by_pin(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), PINS "progs/%s", name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		refuse(path);
	return fd;
}

/* The first map whose name begins so; what may not be seen is refused. */
static int map_by_id(const char *name)
{
	struct bpf_map_info info;
	__u32 id = 0, size;
	int fd, error = ENOENT;

	while (!bpf_map_get_next_id(id, &id)) {
		memset(&info, 0, size = sizeof(info));
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0) {
			error = errno;
			continue;
		}
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
		    !strncmp(info.name, name, strlen(name)))
			return fd;
		close(fd);
	}
	errno = error;
	refuse(name);
}

static int program_by_id(const char *name)
{
	struct bpf_prog_info info;
	__u32 id = 0, size;
	int fd, error = ENOENT;

	while (!bpf_prog_get_next_id(id, &id)) {
		memset(&info, 0, size = sizeof(info));
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0) {
			error = errno;
			continue;
		}
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, name))
			return fd;
		close(fd);
	}
	errno = error;
	refuse(name);
}

static void overwrite(int map)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(map, &zero, zeros, BPF_ANY))
		refuse("update");
}

static void overwrite_mapped(int map)
{
	char *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (bytes == MAP_FAILED)
		refuse("mmap");
	memset(bytes, 0, 4096);
}

static void delete_slots(int map)
{
	for (__u32 slot = 0; slot < 2; slot++)
		if (bpf_map_delete_elem(map, &slot) && errno != ENOENT)
			refuse("delete");
}

/* A program that has @map among those that it uses. */
static int load_user_of(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "user", "GPL", insns, 4, NULL);
}

/* A program on the entry of @program's first function, which it would not change. */
static int load_looker_at(int program)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_func_info function = { 0 };
	struct bpf_prog_info info = { .nr_func_info = 1,
				      .func_info_rec_size = sizeof(function),
				      .func_info = (__u64)(uintptr_t)&function };
	__u32 size = sizeof(info);
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY,
		    .attach_prog_fd = program);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		refuse("info");
	options.attach_btf_id = function.type_id;
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "looker", "GPL", insns, 2, &options);
}

/* One that would answer in the place of security_bpf_map(). */
static int load_answerer(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_MODIFY_RETURN);
	int id = libbpf_find_vmlinux_btf_id("security_bpf_map", BPF_MODIFY_RETURN);

	if (id < 0) {
		errno = -id;
		refuse("btf");
	}
	options.attach_btf_id = id;
	return bpf_prog_load(BPF_PROG_TYPE_TRACING, "answerer", "GPL", insns, 2, &options);
}

static void must(int result, const char *what)
{
	if (result < 0)
		refuse(what);
}

static void send_sigio(pid_t target, int number)
{
	int ends[2];

	must(pipe(ends), "pipe");
	must(fcntl(ends[0], F_SETOWN, target), "F_SETOWN");
	must(fcntl(ends[0], F_SETSIG, number), "F_SETSIG");
	must(fcntl(ends[0], F_SETFL, O_ASYNC), "O_ASYNC");
	must(write(ends[1], "", 1), "write");
	usleep(300000);
	/* Nobody is told how it went: whoever it was for is there no more, or it was kept from
	 * them. */
	if (!kill(target, 0)) {
		errno = EPERM;
		refuse("the signal");
	}
}

static void write_memory(pid_t target)
{
	char byte = 0;
	struct iovec own = { &byte, 1 }, other = { (void *)0x10000, 1 };

	/* An address that is not there is found out after the right to it. */
	if (process_vm_writev(target, &own, 1, &other, 1, 0) < 0 && errno != EFAULT)
		refuse("process_vm_writev");
}

static void take_descriptor(pid_t target)
{
	int process = syscall(SYS_pidfd_open, target, 0);

	must(process, "pidfd_open");
	for (int fd = 0; fd < 3; fd++)
		if (syscall(SYS_pidfd_getfd, process, fd, 0) >= 0)
			return;
	refuse("pidfd_getfd");
}

static void signal_by_descriptor(pid_t target)
{
	int process = syscall(SYS_pidfd_open, target, 0);

	must(process, "pidfd_open");
	must(syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0), "pidfd_send_signal");
}

static void limit(pid_t target)
{
	const struct rlimit none = { 0, 0 };

	must(prlimit(target, RLIMIT_NOFILE, &none, NULL), "prlimit");
}

/* In a namespace of its own, whose mounts the host's hear of. */
static void unmount_from_peer(const char *folder)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(umount2(folder, MNT_DETACH), "umount2");
}

static void pin_foreign(const char *path)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "foreign", 4, 8, 1, NULL);

	must(map, "map");
	must(bpf_obj_pin(map, path), "pin");
}

static void remount_by_context(const char *folder, const char *flag)
{
	int context = syscall(SYS_fspick, AT_FDCWD, folder, 0);

	must(context, "fspick");
	must(syscall(SYS_fsconfig, context, 0 /* FSCONFIG_SET_FLAG */, flag, NULL, 0), flag);
	must(syscall(SYS_fsconfig, context, 7 /* FSCONFIG_CMD_RECONFIGURE */, NULL, NULL, 0),
	     "reconfigure");
}

static void cover_by_clone(const char *folder, const char *over)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE);

	must(tree, "open_tree");
	must(syscall(SYS_move_mount, tree, "", AT_FDCWD, over, MOVE_MOUNT_F_EMPTY_PATH),
	     "move_mount");
}

/* Writes @text into a file of a process, whole. */
static void put(pid_t process, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", process, file);
	fd = open_or_refuse(path, O_WRONLY);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* Shows @folder at @at, where the owner 0 becomes 100000, and 100000 becomes 0. */
static void remap(const char *folder, const char *at)
{
	const char *map = "0 100000 1\n100000 0 1\n";
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	int tree = syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE), ends[2];
	char path[64], byte;
	pid_t child;

	must(tree, "open_tree");
	must(pipe(ends), "pipe");
	child = fork();
	must(child, "fork");
	if (!child) {
		must(unshare(CLONE_NEWUSER), "unshare");
		must(write(ends[1], "", 1), "write");
		pause();
	}
	must(read(ends[0], &byte, 1), "read");
	put(child, "uid_map", map);
	put(child, "gid_map", map);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
	attributes.userns_fd = open_or_refuse(path, O_RDONLY);
	must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)),
	     "mount_setattr");
	must(syscall(SYS_move_mount, tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH),
	     "move_mount");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* The mount itself becomes read-only, or is no more: no hook is asked. */
static void seal(const char *folder, __u64 set, __u64 clear)
{
	struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };

	must(syscall(SYS_mount_setattr, AT_FDCWD, folder, 0, &attributes, sizeof(attributes)),
	     "mount_setattr");
}

/* What was opened while it could be: tried when a line comes, one word for each. */
static void hold(void)
{
	int current = map_by_pin("current"), generations = map_by_pin("generations");
	int digests = map_by_pin("digests"), program = program_by_pin("exec");
	char word[64];

	puts("held");
	fflush(stdout);
	while (scanf("%63s", word) == 1) {
		int error = 0;
		__u32 zero = 0;

		errno = 0;
		if (!strcmp(word, "update"))
			error = bpf_map_update_elem(current, &zero, zeros, BPF_ANY);
		else if (!strcmp(word, "delete"))
			error = bpf_map_delete_elem(digests, &zero);
		else if (!strcmp(word, "freeze"))
			error = bpf_map_freeze(digests);
		else if (!strcmp(word, "mmap"))
			error = mmap(NULL, 4096, PROT_READ, MAP_SHARED, generations, 0) ==
						MAP_FAILED
					? -1
					: 0;
		else if (!strcmp(word, "user"))
			error = load_user_of(current);
		else if (!strcmp(word, "looker"))
			error = load_looker_at(program);
		printf("%s %s\n", word, error < 0 ? strerrorname_np(errno) : "done");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "", *to = argc > 2 ? argv[2] : "";
	pid_t target = atoi(to);

	libbpf_set_print(NULL);
	if (!strcmp(way, "write-pinned"))
		overwrite(map_by_pin(to));
	else if (!strcmp(way, "write-numbered"))
		overwrite(map_by_id(to));
	else if (!strcmp(way, "write-mapped"))
		overwrite_mapped(map_by_pin(to));
	else if (!strcmp(way, "delete-slots"))
		delete_slots(map_by_pin(to));
	else if (!strcmp(way, "freeze"))
		must(bpf_map_freeze(map_by_pin(to)), "freeze");
	else if (!strcmp(way, "user-of"))
		must(load_user_of(map_by_id(to)), "load");
	else if (!strcmp(way, "looker-at"))
		must(load_looker_at(program_by_id(to)), "load");
	else if (!strcmp(way, "answerer"))
		must(load_answerer(), "load");
	else if (!strcmp(way, "pin"))
		pin_foreign(to);
	else if (!strcmp(way, "signal"))
		signal_by_descriptor(target);
	else if (!strcmp(way, "sigio"))
		send_sigio(target, SIGKILL);
	else if (!strcmp(way, "trace"))
		must(ptrace(PTRACE_SEIZE, target, 0, 0), "ptrace");
	else if (!strcmp(way, "memory"))
		must(open_or_refuse(to, O_RDWR), to);
	else if (!strcmp(way, "writev"))
		write_memory(target);
	else if (!strcmp(way, "descriptor"))
		take_descriptor(target);
	else if (!strcmp(way, "limit"))
		limit(target);
	else if (!strcmp(way, "umount-peer"))
		unmount_from_peer(to);
	else if (!strcmp(way, "move") && argc > 3)
		must(syscall(SYS_move_mount, AT_FDCWD, to, AT_FDCWD, argv[3], 0), "move_mount");
	else if (!strcmp(way, "join") && argc > 3)
		must(syscall(SYS_move_mount, AT_FDCWD, to, AT_FDCWD, argv[3], MOVE_MOUNT_SET_GROUP),
		     "move_mount");
	else if (!strcmp(way, "clone") && argc > 3)
		cover_by_clone(to, argv[3]);
	else if (!strcmp(way, "remap") && argc > 3)
		remap(to, argv[3]);
	else if (!strcmp(way, "seal"))
		seal(to, MOUNT_ATTR_RDONLY, 0);
	else if (!strcmp(way, "unseal"))
		seal(to, 0, MOUNT_ATTR_RDONLY);
	else if (!strcmp(way, "remount"))
		remount_by_context(to, argc > 3 ? argv[3] : "ro");
	else if (!strcmp(way, "hold"))
		hold();
	else
		return 2;
	return 0;
}
