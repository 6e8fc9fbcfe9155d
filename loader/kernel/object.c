// SPDX-License-Identifier: GPL-2.0-or-later
/* The BPF object: loading it, telling it of this kernel, pinning it. */
#include "loader/kernel/object.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/abi.h"
#include "embargo.skel.h"
#include "loader/base/cleanup.h"
#include "loader/host/host.h"
#include "loader/kernel/hooks.h"
#include "loader/kernel/pins.h"
#include "loader/kernel/trial.h"

struct embargo_object {
	struct embargo_bpf *skeleton;
};

/* The last words of libbpf and the verifier: they go into the diagnostic when loading fails. */
static char last_words[EMBARGO_DIAGNOSTIC_TEXT];

static int keep_words(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && !last_words[0])
		vsnprintf(last_words, sizeof(last_words), format, arguments);
	return 0;
}

static bool kernel_at_least(int major, int minor)
{
	struct utsname name;
	int is_major = 0, is_minor = 0;

	if (uname(&name) || sscanf(name.release, "%d.%d", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

/* Of some 200,000 lines one has it: only those that look like it are taken apart. */
static uint64_t symbol_address(const char *symbol)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	uint64_t address;

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, symbol) &&
		    sscanf(line, "%" SCNx64 " %*c %255s", &address, name) == 2 &&
		    !strcmp(name, symbol))
			return address;
	return 0;
}

/* 0 where /proc does not say, or not to this process. */
static uint32_t host_mount_namespace(void)
{
	struct stat status;

	return stat("/proc/1/ns/mnt", &status) ? 0 : status.st_ino;
}

/*
 * Under kptr_restrict=2 addresses are hidden from everybody, and not every kernel names its data.
 * But without a policy IMA measures the boot alone.
 */
static bool ima_has_measured(void)
{
	_cleanup_fclose_ FILE *file =
		fopen("/sys/kernel/security/ima/runtime_measurements_count", "re");
	long count;

	return file && fscanf(file, "%ld", &count) == 1 && count > 1;
}

/* Nothing is handed back where it would have no way in. */
static bool compressed_go_back(void)
{
	struct embargo_host host;

	embargo_host_read("/", &host);
	return embargo_host_hands_back(&host) &&
	       !embargo_from_memory_reason(host.modules_from_memory);
}

static void tell_of_kernel(struct embargo_bpf *skeleton)
{
	skeleton->rodata->host_mount_namespace = host_mount_namespace();
	skeleton->rodata->overlay_private = kernel_at_least(6, 13); /* OVERLAY_PRIVATE_OVL_FILE */
	skeleton->rodata->overlay_counted = kernel_at_least(6, 5);
	skeleton->rodata->hand_back_compressed = compressed_go_back();
	skeleton->rodata->ima_policy_flag = symbol_address("ima_policy_flag");
	skeleton->rodata->ima_policy_assumed = ima_has_measured();
}

static bool kernel_has(const struct embargo_hook_form *form)
{
	bool post_open = kernel_at_least(EMBARGO_POST_OPEN_MAJOR, EMBARGO_POST_OPEN_MINOR);

	if (form->kernels != EMBARGO_HOOK_ANY_KERNEL &&
	    post_open != (form->kernels == EMBARGO_HOOK_POST_OPEN))
		return false;
	return !form->optional || libbpf_find_vmlinux_btf_id(form->optional, BPF_LSM_MAC) >= 0;
}

/* Programs on hooks that this kernel lacks are left out. */
static void leave_out(struct embargo_bpf *skeleton)
{
	for (size_t i = 0; i < embargo_hook_count; i++)
		if (!kernel_has(&embargo_hook_forms[i]))
			bpf_program__set_autoload(
				bpf_object__find_program_by_name(skeleton->obj,
								 embargo_hook_forms[i].name),
				false);
}

/* PROC_PID_INIT_INO of include/linux/proc_ns.h: the initial pid namespace, on every kernel. */
#define INITIAL_PID_NAMESPACE 0xEFFFFFFC

/* In a container /proc/1 is the container's: path rules would go by its view of the mounts. */
static bool is_contained(void)
{
	struct stat status;

	return !stat("/proc/self/ns/pid", &status) && status.st_ino != INITIAL_PID_NAMESPACE;
}

/* LSM programs load on kernels that never call them: look before, and say what to change. */
static int check_host(struct embargo_diagnostic *diagnostic)
{
	struct embargo_host host;

	if (is_contained()) {
		embargo_diagnostic_remedy(diagnostic, "run it on the host");
		return embargo_diagnostic_what(
			diagnostic, -ENOTSUP,
			"this is a container: its processes are not all of the host's");
	}
	/* Without it no path of a mount would prove anything, and path rules would rest. */
	if (!host_mount_namespace()) {
		embargo_diagnostic_remedy(diagnostic,
					  "run it as root with CAP_SYS_PTRACE, with /proc mounted");
		return embargo_diagnostic_what(
			diagnostic, -EACCES,
			"cannot see the initial mount namespace (/proc/1/ns/mnt): %s",
			strerror(errno));
	}
	embargo_host_read("/", &host);
	if (host.bpf_listed == EMBARGO_ANSWER_YES)
		return 0;
	if (host.bpf_listed == EMBARGO_ANSWER_NO) {
		embargo_diagnostic_remedy(diagnostic, "boot with lsm=%s", host.lsm_boot);
		return embargo_diagnostic_what(
			diagnostic, -ENOTSUP,
			"this kernel runs without the bpf security module (it runs %s)", host.lsm);
	}
	embargo_diagnostic_remedy(
		diagnostic,
		"mount securityfs (mount -t securityfs securityfs /sys/kernel/security); "
		"where it has no file lsm, boot a kernel with CONFIG_BPF_LSM=y");
	return embargo_diagnostic_what(
		diagnostic, -ENOTSUP,
		"cannot tell whether this kernel runs the bpf security module");
}

static int refuse(int error, struct embargo_diagnostic *diagnostic)
{
	last_words[strcspn(last_words, "\n")] = 0;
	if (error == -EPERM) {
		embargo_diagnostic_remedy(
			diagnostic,
			geteuid() ? "run as root"
				  : "this kernel refuses LSM programs: see embargo doctor");
		return embargo_diagnostic_what(diagnostic, error, "may not load BPF programs");
	}
	embargo_diagnostic_remedy(diagnostic, "see embargo doctor");
	return embargo_diagnostic_what(diagnostic, error,
				       "the kernel did not take the programs: %s (%s)",
				       strerror(-error), last_words);
}

int embargo_object_load(struct embargo_object **object, struct embargo_diagnostic *diagnostic)
{
	struct embargo_object *made;
	int error = check_host(diagnostic);

	if (error)
		return error;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	libbpf_set_print(keep_words);
	made->skeleton = embargo_bpf__open();
	if (!made->skeleton) {
		error = -errno;
		free(made);
		return refuse(error, diagnostic);
	}
	tell_of_kernel(made->skeleton);
	leave_out(made->skeleton);
	last_words[0] = 0; /* nothing said so far was about loading */
	error = embargo_bpf__load(made->skeleton);
	if (error) {
		embargo_object_free(made);
		return refuse(error, diagnostic);
	}
	*object = made;
	return 0;
}

void embargo_object_free(struct embargo_object *object)
{
	if (!object)
		return;
	embargo_bpf__destroy(object->skeleton);
	free(object);
}

int embargo_object_map(const struct embargo_object *object, const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(object->skeleton->obj, name);

	return fd < 0 ? -ENOENT : fd;
}

int embargo_object_program(const struct embargo_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object->skeleton->obj, name);
	int fd = program ? bpf_program__fd(program) : -ENOENT;

	return fd < 0 ? -ENOENT : fd;
}

void embargo_object_maps(const struct embargo_object *object, struct embargo_generation_maps *maps)
{
	*maps = (struct embargo_generation_maps) {
		.digests = embargo_object_map(object, "digests"),
		.sizes = embargo_object_map(object, "sizes"),
		.paths = embargo_object_map(object, "paths"),
		.signers = embargo_object_map(object, "signers"),
		.timelines = embargo_object_map(object, "timelines"),
		.reasons = embargo_object_map(object, "reasons"),
		.waived = embargo_object_map(object, "waived"),
		.waiver_sets = embargo_object_map(object, "waiver_sets"),
		.waivers = embargo_object_map(object, "waivers"),
		.parts = embargo_object_map(object, "parts"),
		.generations = embargo_object_map(object, EMBARGO_DATA_SECTION "generations"),
		.sight_key = embargo_object_map(object, EMBARGO_DATA_SECTION "sight_key"),
		.current = embargo_object_map(object, EMBARGO_DATA_SECTION "current"),
	};
}

int embargo_object_try_digest(const struct embargo_object *object)
{
	return embargo_trial_digest(bpf_program__fd(object->skeleton->progs.try_digest),
				    embargo_object_map(object, "probe"));
}

/* The name of a map's pin; NULL where it needs none: libbpf's own maps are held by the programs. */
static const char *pin_name(const struct bpf_map *map)
{
	const size_t prefix = strlen(EMBARGO_DATA_SECTION);

	if (!strncmp(bpf_map__name(map), EMBARGO_DATA_SECTION, prefix))
		return bpf_map__name(map) + prefix;
	return bpf_map__is_internal(map) ? NULL : bpf_map__name(map);
}

static int pin_maps(struct bpf_object *object)
{
	struct bpf_map *map;
	char path[256];

	bpf_object__for_each_map (map, object) {
		const char *name = pin_name(map);

		if (!name)
			continue;
		embargo_pins_path(path, sizeof(path), EMBARGO_PIN_NEW, "maps", name);
		if (bpf_obj_pin(bpf_map__fd(map), path))
			return -errno;
	}
	return 0;
}

static int pin_programs(struct bpf_object *object)
{
	struct bpf_program *program;
	char path[256];

	bpf_object__for_each_program (program, object) {
		if (!bpf_program__autoload(program))
			continue;
		embargo_pins_path(path, sizeof(path), EMBARGO_PIN_NEW, "progs",
				  bpf_program__name(program));
		if (bpf_obj_pin(bpf_program__fd(program), path))
			return -errno;
	}
	return 0;
}

int embargo_object_pin(struct embargo_object *object, struct embargo_diagnostic *diagnostic)
{
	int error = pin_maps(object->skeleton->obj);

	if (!error)
		error = pin_programs(object->skeleton->obj);
	if (error)
		embargo_diagnostic_what(diagnostic, error, "cannot pin to " EMBARGO_PIN_NEW ": %s",
					strerror(-error));
	return error;
}
