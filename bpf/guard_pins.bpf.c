// SPDX-License-Identifier: GPL-2.0-or-later
/* Folders of pins, of policies and of state: what is in them is neither changed nor taken away. */
#include "guard.h"

#define FMODE_CREATED (1u << 20) /* by this very open */

#define PROC_SUPER_MAGIC 0x9fa0

/* "ftrace_enabled" and its NUL, as words. */
#define WORD_FTRACE_E 0x655f656361727466ULL
#define WORD_NABLED   0x0064656c62616eULL

/* Of the bits of ia_valid times are left free, as anybody's reading sets them. */
#define ATTR_MODE 1u
#define ATTR_UID  2u
#define ATTR_GID  4u
#define ATTR_SIZE 8u

/* Of ioctl(2), for programs of 64 and of 32 bits: flags as chattr(1) sets them, among them that
 * nothing may be made, changed or taken away; and the number's generation. */
#define FS_IOC_SETFLAGS	      0x40086602
#define FS_IOC32_SETFLAGS     0x40046602
#define FS_IOC_FSSETXATTR     0x401c5820
#define FS_IOC_SETVERSION     0x40087602
#define FS_IOC32_SETVERSION   0x40047602
#define EXT4_IOC_SETVERSION   0x40086604
#define EXT4_IOC32_SETVERSION 0x40046604

struct file_kattr;

static __always_inline int refuse(enum embargo_guard_place place)
{
	if (guard_passes())
		return 0;
	return guard_refuse(place == EMBARGO_GUARD_PINS ? EMBARGO_GUARD_REFUSED_PIN
							: EMBARGO_GUARD_REFUSED_FILE);
}

static __always_inline int refuse_to_touch(struct dentry *entry)
{
	enum embargo_guard_place place = guard_place_in(entry);

	if (!place)
		place = guard_place_of(entry);
	return place ? refuse(place) : 0;
}

static __always_inline int refuse_to_make(struct dentry *entry)
{
	return guard_place_in(entry) == EMBARGO_GUARD_PINS ? refuse(EMBARGO_GUARD_PINS) : 0;
}

SEC("lsm/inode_unlink")
int BPF_PROG(guard_unlink, struct inode *folder, struct dentry *entry, int earlier)
{
	return earlier ? earlier : refuse_to_touch(entry);
}

SEC("lsm/inode_rmdir")
int BPF_PROG(guard_rmdir, struct inode *folder, struct dentry *entry, int earlier)
{
	return earlier ? earlier : refuse_to_touch(entry);
}

/* A new name may come where nothing was: a file is made beside and moved there. */
SEC("lsm/inode_rename")
int BPF_PROG(guard_rename, struct inode *from, struct dentry *entry, struct inode *to,
	     struct dentry *target, int earlier)
{
	int error = earlier ? earlier : refuse_to_touch(entry);

	if (error)
		return error;
	return BPF_CORE_READ(target, d_inode) ? refuse_to_touch(target) : refuse_to_make(target);
}

SEC("lsm/inode_create")
int BPF_PROG(guard_create, struct inode *folder, struct dentry *entry, unsigned short mode,
	     int earlier)
{
	return earlier ? earlier : refuse_to_make(entry);
}

SEC("lsm/inode_mkdir")
int BPF_PROG(guard_mkdir, struct inode *folder, struct dentry *entry, unsigned short mode,
	     int earlier)
{
	return earlier ? earlier : refuse_to_make(entry);
}

SEC("lsm/inode_symlink")
int BPF_PROG(guard_symlink, struct inode *folder, struct dentry *entry, const char *old,
	     int earlier)
{
	return earlier ? earlier : refuse_to_make(entry);
}

/* By another name the file would lie in another folder. */
SEC("lsm/inode_link")
int BPF_PROG(guard_link, struct dentry *entry, struct inode *folder, struct dentry *name,
	     int earlier)
{
	int error = earlier ? earlier : refuse_to_touch(entry);

	return error ? error : refuse_to_make(name);
}

/* Who may upgrade says what is there already, too: the owner @as_it_is counts as that only where
 * nothing maps it to another. */
static __always_inline bool is_change(struct inode *inode, struct iattr *change, bool as_it_is)
{
	unsigned int valid = BPF_CORE_READ(change, ia_valid);

	if (valid & ATTR_SIZE)
		return true;
	if ((valid & ATTR_MODE) && BPF_CORE_READ(change, ia_mode) != BPF_CORE_READ(inode, i_mode))
		return true;
	if (!as_it_is)
		return valid & (ATTR_UID | ATTR_GID);
	return ((valid & ATTR_UID) &&
		BPF_CORE_READ(change, ia_uid.val) != BPF_CORE_READ(inode, i_uid.val)) ||
	       ((valid & ATTR_GID) &&
		BPF_CORE_READ(change, ia_gid.val) != BPF_CORE_READ(inode, i_gid.val));
}

static __always_inline int refuse_change(struct dentry *entry, struct iattr *change, bool as_it_is)
{
	if (!is_change(BPF_CORE_READ(entry, d_inode), change, as_it_is))
		return 0;
	/* A folder above keeps its name; who may enter it is others' business too. */
	if (guard_place_of(entry) == EMBARGO_GUARD_ABOVE)
		return 0;
	return refuse_to_touch(entry);
}

SEC("lsm/inode_setattr")
int BPF_PROG(guard_setattr, struct dentry *entry, struct iattr *change, int earlier)
{
	return earlier ? earlier : refuse_change(entry, change, false);
}

/* From 6.9 on the hook has an argument more, in front: what the mount makes of owners. */
SEC("lsm/inode_setattr")
int BPF_PROG(guard_setattr_mapped, struct mnt_idmap *map, struct dentry *entry,
	     struct iattr *change, int earlier)
{
	bool as_it_is =
		bpf_core_field_exists(map->uid_map) && !BPF_CORE_READ(map, uid_map.nr_extents);

	return earlier ? earlier : refuse_change(entry, change, as_it_is);
}

/* What may be in a folder above is others' business. */
static __always_inline int refuse_flags(struct dentry *entry)
{
	return guard_place_of(entry) == EMBARGO_GUARD_ABOVE ? 0 : refuse_to_touch(entry);
}

/* By its generation, too, a folder is known. */
static __always_inline int refuse_command(struct file *file, unsigned int command)
{
	struct dentry *entry = BPF_CORE_READ(file, f_path.dentry);

	switch (command) {
	case FS_IOC_SETFLAGS:
	case FS_IOC32_SETFLAGS:
	case FS_IOC_FSSETXATTR:
		return refuse_flags(entry);
	case FS_IOC_SETVERSION:
	case FS_IOC32_SETVERSION:
	case EXT4_IOC_SETVERSION:
	case EXT4_IOC32_SETVERSION:
		return refuse_to_touch(entry);
	}
	return 0;
}

SEC("lsm/file_ioctl")
int BPF_PROG(guard_flags, struct file *file, unsigned int command, unsigned long argument,
	     int earlier)
{
	return earlier ? earlier : refuse_command(file, command);
}

/* Programs of 32 bits come here, on kernels that have it; on the others they come to the one above.
 */
SEC("lsm/file_ioctl_compat")
int BPF_PROG(guard_flags_compat, struct file *file, unsigned int command, unsigned long argument,
	     int earlier)
{
	return earlier ? earlier : refuse_command(file, command);
}

/* file_setattr(2), from 6.17 on. */
SEC("lsm/inode_file_setattr")
int BPF_PROG(guard_flags_call, struct dentry *entry, struct file_kattr *change, int earlier)
{
	return earlier ? earlier : refuse_flags(entry);
}

/* /proc/sys/kernel/ftrace_enabled: all programs hang on what it switches. */
static __always_inline bool switches_tracing(struct file *file)
{
	struct dentry *entry = BPF_CORE_READ(file, f_path.dentry);
	const unsigned char *name = BPF_CORE_READ(entry, d_name.name);
	__u64 first = 0, second = 0;

	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != PROC_SUPER_MAGIC ||
	    BPF_CORE_READ(entry, d_name.len) != 14)
		return false;
	bpf_probe_read_kernel(&first, sizeof(first), name);
	bpf_probe_read_kernel(&second, 7, name + 8);
	return first == WORD_FTRACE_E && second == WORD_NABLED;
}

SEC("lsm/file_open")
int BPF_PROG(guard_open, struct file *file, int earlier)
{
	enum embargo_guard_place place;

	if (earlier || !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE))
		return earlier;
	if (switches_tracing(file))
		return guard_passes() ? 0 : guard_refuse(EMBARGO_GUARD_REFUSED_TRACING);
	place = guard_place_in(BPF_CORE_READ(file, f_path.dentry));
	if (!place ||
	    (place == EMBARGO_GUARD_FILES && (BPF_CORE_READ(file, f_mode) & FMODE_CREATED)))
		return 0;
	return refuse(place);
}
