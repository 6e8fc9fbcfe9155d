// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bpf, bpf_map, bpf_prog, mmap_file, and the beginning and the end of a map: the maps and programs
 * that enforce.
 *
 * No descriptor of such a map, or one to read where nothing rests on what is in it: with a
 * descriptor to read, another program or another map could be given the map, and write. A
 * descriptor that was had before the guard closed is looked at when it is used; a thread that puts
 * it into its place between the look and the use is not seen. A program is looked at when it is
 * there as a whole: which maps it uses, which program it would replace a part of.
 */
#include "guard.h"

#define MAP_SHARED 1u

#define ANON_INODE_FS_MAGIC 0x09041934

/* Of the kernel, for one program: include/linux/bpf_verifier.h. */
#define USED_MAPS_MAX 64

/* "bpf-map" and its NUL, "security" and "_bpf": as words, little end first. */
#define WORD_BPF_MAP  0x0070616d2d667062ULL
#define WORD_SECURITY 0x7974697275636573ULL
#define WORD_BPF      0x6670625fU

static __always_inline enum embargo_guard_use use_of(__u32 is_program, __u32 id)
{
	struct embargo_guard_object key = { is_program, id };
	__u32 *use = bpf_map_lookup_elem(&guard_objects, &key);

	return use ? *use : EMBARGO_GUARD_NONE;
}

static __always_inline enum embargo_guard_use use_of_map(struct bpf_map *map)
{
	__u64 address = (__u64)map;
	enum embargo_guard_use use;
	__u32 *made;

	if (!map)
		return EMBARGO_GUARD_NONE;
	use = use_of(0, BPF_CORE_READ(map, id));
	if (use)
		return use;
	made = bpf_map_lookup_elem(&guard_made, &address);
	return made ? *made : EMBARGO_GUARD_NONE;
}

/*
 * What the daemon's tree makes is ours before anybody can find it: the tables of the next
 * generation. One that there is no place for is not made. And nothing is known of what lay at this
 * address before.
 */
static __always_inline int note_made(struct bpf_map *map)
{
	__u64 address = (__u64)map;
	__u32 use = EMBARGO_GUARD_OURS;

	if (task_is_marked((struct task_struct *)bpf_get_current_task_btf()))
		return bpf_map_update_elem(&guard_made, &address, &use, BPF_ANY) ? -E2BIG : 0;
	bpf_map_delete_elem(&guard_made, &address);
	return 0;
}

static __always_inline void note_freed(struct bpf_map *map)
{
	__u64 address = (__u64)map;

	bpf_map_delete_elem(&guard_made, &address);
}

/* Up to 6.8; the answers before ours stand elsewhere since. */
SEC("lsm/bpf_map_alloc_security")
int BPF_PROG(guard_alloc, struct bpf_map *map)
{
	return note_made(map);
}

SEC("lsm/bpf_map_free_security")
int BPF_PROG(guard_free, struct bpf_map *map)
{
	note_freed(map);
	return 0;
}

SEC("lsm/bpf_map_create")
int BPF_PROG(guard_alloc_token, struct bpf_map *map)
{
	return note_made(map);
}

SEC("lsm/bpf_map_free")
int BPF_PROG(guard_free_token, struct bpf_map *map)
{
	note_freed(map);
	return 0;
}

/* The map behind a descriptor, or NULL. Nobody else calls a nameless file so. */
static __always_inline struct bpf_map *map_of(struct file *file)
{
	const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);
	__u64 word = 0;

	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return NULL;
	bpf_probe_read_kernel(&word, sizeof(word), name);
	return word == WORD_BPF_MAP ? BPF_CORE_READ(file, private_data) : NULL;
}

/*
 * Whoever goes through all numbers (`bpftool prog list`) goes on where one has gone meanwhile, and
 * gives up at any other answer: to them what is ours is not there. By the registers of the system
 * call; another machine's are not known, and there the answer is EPERM, as it is to the rest.
 */
static __always_inline bool asks_by_number(void)
{
	struct pt_regs *registers =
		(void *)bpf_task_pt_regs((struct task_struct *)bpf_get_current_task_btf());
	int command;

	if (bpf_core_field_exists(((struct pt_regs___x86 *)0)->di))
		command = BPF_CORE_READ((struct pt_regs___x86 *)registers, di);
	else if (bpf_core_field_exists(((struct pt_regs___arm64 *)0)->orig_x0))
		command = BPF_CORE_READ((struct pt_regs___arm64 *)registers, orig_x0);
	else
		return false;
	return command == BPF_MAP_GET_FD_BY_ID || command == BPF_PROG_GET_FD_BY_ID;
}

static __always_inline int refuse_object(enum embargo_guard_refused what)
{
	int error = guard_refuse(what);

	return asks_by_number() ? -ENOENT : error;
}

SEC("lsm/bpf_map")
int BPF_PROG(guard_map, struct bpf_map *map, unsigned int mode, int earlier)
{
	enum embargo_guard_use use;

	if (earlier)
		return earlier;
	use = use_of_map(map);
	if (!use || (use == EMBARGO_GUARD_READABLE && !(mode & FMODE_WRITE)) || guard_passes())
		return 0;
	return refuse_object(EMBARGO_GUARD_REFUSED_MAP);
}

/* The map that a command would write to, or -1. */
static __always_inline int written_by(int command, union bpf_attr *attr)
{
	switch (command) {
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_LOOKUP_AND_DELETE_ELEM:
	case BPF_MAP_FREEZE:
		return attr->map_fd;
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_BATCH:
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
		return attr->batch.map_fd;
	}
	return -1;
}

/* No earlier answer: since 6.15 another argument stands in its place, and a refusal ends the chain
 * by itself. */
SEC("lsm/bpf")
int BPF_PROG(guard_command, int command, union bpf_attr *attr, unsigned int size)
{
	int fd = written_by(command, attr);

	if (fd < 0 || !use_of_map(map_of(guard_file(fd))) || guard_passes())
		return 0;
	return guard_refuse(EMBARGO_GUARD_REFUSED_MAP);
}

/* A shared mapping that can be written, now or after mprotect(2). */
SEC("lsm/mmap_file")
int BPF_PROG(guard_mapping, struct file *file, unsigned long asked, unsigned long granted,
	     unsigned long flags, int earlier)
{
	if (earlier || !file || !(flags & MAP_SHARED) ||
	    !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE))
		return earlier;
	if (!use_of_map(map_of(file)) || guard_passes())
		return 0;
	return guard_refuse(EMBARGO_GUARD_REFUSED_MAP);
}

static __always_inline bool uses_ours(struct bpf_prog_aux *aux)
{
	struct bpf_map **used = BPF_CORE_READ(aux, used_maps), *map;
	__u32 count = BPF_CORE_READ(aux, used_map_cnt);

	for (__u32 i = 0; i < USED_MAPS_MAX && i < count; i++)
		if (!bpf_probe_read_kernel(&map, sizeof(map), &used[i]) && use_of_map(map))
			return true;
	return false;
}

/*
 * A program on the return of security_bpf_map() could answer in its place, with a number that is
 * no error. Those on other functions of that kind can only refuse more.
 */
static __always_inline bool answers_for_us(struct bpf_prog *program)
{
	struct bpf_prog_aux *aux = BPF_CORE_READ(program, aux);
	const char *name = BPF_CORE_READ(aux, attach_func_name);
	__u64 first = 0;
	__u32 second = 0;

	if (BPF_CORE_READ(program, expected_attach_type) != BPF_MODIFY_RETURN)
		return false;
	bpf_probe_read_kernel(&first, sizeof(first), name);
	bpf_probe_read_kernel(&second, sizeof(second), name + sizeof(first));
	return first == WORD_SECURITY && second == WORD_BPF;
}

/* Runs when a program has been verified, before anybody has a descriptor of it, and for each later
 * descriptor. */
SEC("lsm/bpf_prog")
int BPF_PROG(guard_program, struct bpf_prog *program, int earlier)
{
	struct bpf_prog_aux *aux;
	struct bpf_prog *target;

	if (earlier || guard_passes())
		return earlier;
	aux = BPF_CORE_READ(program, aux);
	target = BPF_CORE_READ(aux, dst_prog);
	if (use_of(1, BPF_CORE_READ(aux, id)) || uses_ours(aux) || answers_for_us(program) ||
	    (target && use_of(1, BPF_CORE_READ(target, aux, id))))
		return refuse_object(EMBARGO_GUARD_REFUSED_PROGRAM);
	return 0;
}
