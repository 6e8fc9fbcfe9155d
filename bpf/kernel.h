/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own structs and numbers, as far as embargo reads them; CO-RE finds where each field
 * really is. */
#ifndef EMBARGO_KERNEL_H
#define EMBARGO_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

/*
 * A function that the verifier goes through once, by itself, and not at each call: global, and so
 * it takes numbers for the addresses of kernel objects and reads those by probes. Weak, as each
 * unit brings the same. What else it is pointed to may be NULL, for all that the verifier knows.
 */
#define VERIFIED_ONCE __weak __noinline

/* @value, of which the verifier now knows nothing: it goes through what follows once, and not once
 * for each value that was possible. */
static __always_inline __u32 any_value(__u32 value)
{
	__u64 cell = value;

	return __sync_fetch_and_add(&cell, 0);
}

#define S_IFMT	0170000
#define S_IFREG 0100000

#define EPERM	   1
#define ENOENT	   2
#define E2BIG	   7
#define EINVAL	   22
#define EFBIG	   27
#define ENOSYS	   38
#define EOPNOTSUPP 95
#define ESTALE	   116

#define PROT_EXEC 0x4

#define CAP_SYS_ADMIN 21

#define FMODE_READ  (1 << 0)
#define FMODE_WRITE (1 << 1)
#define FMODE_EXEC  (1 << 5) /* of f_flags too, where the kernel opens what it executes */

#define O_TRUNC 01000

/* O_DIRECT has no one value for all architectures. */
#if defined(__TARGET_ARCH_arm64)
#define O_DIRECT 0200000
#else
#define O_DIRECT 040000
#endif

#define HASH_ALGO_SHA256 4 /* include/uapi/linux/hash_info.h */

#define SB_RDONLY    (1UL << 0)
#define SB_I_NOEXEC  (1UL << 1) /* of s_iflags */
#define SB_I_VERSION (1UL << 23)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct list_head {
	struct list_head *next;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct user_namespace {
	struct user_namespace *parent; /* NULL: the initial one */
};

struct super_block {
	__u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	unsigned long s_iflags;
	struct dentry *s_root;
	struct user_namespace *s_user_ns;
};

typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

struct inode {
	__u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	__s64 i_size;
	atomic64_t i_version;
	atomic_t i_writecount;
	__u32 i_generation;
};

/* The change time has had three forms: up to 6.5, up to 6.10, and since. */
struct inode___ctime_6_1 {
	struct timespec64 i_ctime;
};

struct inode___ctime_6_6 {
	struct timespec64 __i_ctime;
};

struct inode___ctime_6_11 {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
};

/* What a change of attributes is about; an owner is as the mount of who changes it has it. */
struct iattr {
	unsigned int ia_valid;
	__u16 ia_mode;
	kuid_t ia_uid;
	kgid_t ia_gid;
};

struct uid_gid_map {
	__u32 nr_extents; /* 0: maps nothing */
};

struct mnt_idmap {
	struct uid_gid_map uid_map;
};

struct btrfs_key {
	__u64 objectid;
};

struct btrfs_root {
	struct btrfs_key root_key;
};

struct btrfs_inode {
	struct btrfs_root *root;
	struct inode vfs_inode;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
	__u64 event; /* another number after each mount, move and umount in it */
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	int mnt_group_id;	     /* of those that mounts propagate to and from; 0: none */
	struct list_head mnt_mounts; /* what is mounted on it, by: */
	struct list_head mnt_child;
};

/* The mounts of a superblock: a list up to 6.17, a chain of pointers since. */
struct super_block___list {
	struct list_head s_mounts;
};

struct mount___list {
	struct list_head mnt_instance;
};

struct super_block___chain {
	struct mount *s_mounts;
};

struct mount___chain {
	struct mount *mnt_next_for_sb;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
};

struct vm_area_struct {
	struct file *vm_file;
};

struct linux_binprm {
	char buf[256];
	struct file *file;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct mm_struct {
	struct file *exe_file;
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
};

struct signal_struct {
	struct tty_struct *tty;
};

typedef struct {
	__u32 low; /* what is in it has changed: read the first word of the whole */
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

struct task_struct {
	int tgid;
	struct task_struct *real_parent;
	const struct cred *cred;
	kuid_t loginuid;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct files_struct *files;
	struct mm_struct *mm;
	char comm[16];
};

struct bpf_map {
	__u32 id;
};

struct bpf_prog_aux {
	__u32 id;
	__u32 used_map_cnt;
	struct bpf_prog *dst_prog; /* that it replaces a part of, or looks at */
	const char *attach_func_name;
	struct bpf_map **used_maps;
};

struct bpf_prog {
	enum bpf_attach_type expected_attach_type;
	struct bpf_prog_aux *aux;
};

/* The first argument of a system call. */
struct pt_regs___x86 {
	unsigned long di;
};

struct pt_regs___arm64 {
	__u64 orig_x0;
};

enum kernel_read_file_id {
	READING_UNKNOWN,
	READING_FIRMWARE,
	READING_MODULE,
	READING_KEXEC_IMAGE,
};

enum kernel_load_data_id {
	LOADING_UNKNOWN,
	LOADING_FIRMWARE,
	LOADING_MODULE,
	LOADING_KEXEC_IMAGE,
};

#pragma clang attribute pop

#endif
