// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways to maps: to a generation's tables, which have no pin, by their number; and into others. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <time.h>

#include "helper.h"

static void must(int result, const char *what)
{
	if (result < 0)
		refuse(what);
}

/* The newest table called @name, and not the outer map that has its slots; -1: none is seen. */
static int table_by_id(const char *name, int *error)
{
	struct bpf_map_info info;
	__u32 id = 0, size;
	int fd, found = -1;

	while (!bpf_map_get_next_id(id, &id)) {
		memset(&info, 0, size = sizeof(info));
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0) {
			*error = errno;
			continue;
		}
		if (bpf_obj_get_info_by_fd(fd, &info, &size) || strcmp(info.name, name) ||
		    info.type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		found = fd;
	}
	return found;
}

static int table(const char *name)
{
	int error = ENOENT, fd = table_by_id(name, &error);

	if (fd >= 0)
		return fd;
	errno = error;
	refuse(name);
}

/* An iterator over @map that makes the first word of each value 0: it asks neither whether the map
 * is frozen nor whether programs may write to it. */
static void write_table(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 1, .src_reg = 1, .off = 24 },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 1, .off = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_iter_link_info over = { .map.map_fd = map };
	LIBBPF_OPTS(bpf_prog_load_opts, program, .expected_attach_type = BPF_TRACE_ITER);
	LIBBPF_OPTS(bpf_link_create_opts, link, .iter_info = &over, .iter_info_len = sizeof(over));
	int id = libbpf_find_vmlinux_btf_id("bpf_map_elem", BPF_TRACE_ITER), fd;
	char bytes[64];

	program.attach_btf_id = id;
	must(id, "bpf_map_elem");
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "writer", "GPL", insns, 5, &program);
	must(fd, "load");
	fd = bpf_link_create(fd, 0, BPF_TRACE_ITER, &link);
	must(fd, "link");
	fd = bpf_iter_create(fd);
	must(fd, "iterate");
	must(read(fd, bytes, sizeof(bytes)), "read");
}

/* A program that would take the entry under a key of zeros out of @map. */
static void load_deleter(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -16 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -24 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -32 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -32 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_delete_elem },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "deleter", "GPL", insns,
				    sizeof(insns) / sizeof(*insns), NULL);

	must(program, "load");
}

/* Puts the map pinned at @path into one of our own: a program that uses that one would find it. */
static void put_into_outer(const char *path)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int map = bpf_obj_get(path), outer;
	__u32 zero = 0;

	must(map, path);
	options.inner_map_fd = map;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "outer", 4, 4, 1, &options);
	must(outer, "create");
	must(bpf_map_update_elem(outer, &zero, &map, BPF_ANY), "update");
}

/* Looks for tables until standard input ends: a word as soon as one was had. */
static void catch (const char *name)
{
	int error;

	puts("looking");
	fflush(stdout);
	for (struct timespec pause = { 0, 20000 };; nanosleep(&pause, NULL)) {
		if (table_by_id(name, &error) < 0)
			continue;
		puts("caught");
		fflush(stdout);
		return;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	libbpf_set_print(NULL);
	if (!strcmp(argv[1], "write"))
		write_table(table(argv[2]));
	else if (!strcmp(argv[1], "deleter"))
		load_deleter(table(argv[2]));
	else if (!strcmp(argv[1], "catch"))
		catch (argv[2]);
	else if (!strcmp(argv[1], "outer"))
		put_into_outer(argv[2]);
	else
		return 2;
	return 0;
}
