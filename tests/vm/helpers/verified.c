// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints how many instructions the kernel's verifier goes through for each pinned program, or for
 * each of the guard's, which is loaded for it and attached nowhere: "NAME COUNT" a line. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "guard.skel.h"
#include "helper.h"

static void print_info(const char *name, int program)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size))
		refuse("BPF_OBJ_GET_INFO_BY_FD");
	printf("%s %u\n", name, info.verified_insns);
}

static void print_pinned(const char *path)
{
	int program = bpf_obj_get(path);

	if (program < 0)
		refuse(path);
	print_info(basename(path), program);
	close(program);
}

/* Each by itself: of two that are for different kernels the other one does not load. */
static bool print_one(unsigned int index)
{
	struct embargo_guard_bpf *guard = embargo_guard_bpf__open();
	struct bpf_program *program, *chosen = NULL;
	unsigned int i = 0;
	const char *name;

	if (!guard)
		refuse("the guard's programs");
	bpf_object__for_each_program (program, guard->obj) {
		bpf_program__set_autoload(program, i == index);
		if (i++ == index)
			chosen = program;
	}
	name = chosen ? bpf_program__name(chosen) : "";
	if (chosen && embargo_guard_bpf__load(guard))
		printf("%s none\n", name);
	else if (chosen)
		print_info(name, bpf_program__fd(chosen));
	embargo_guard_bpf__destroy(guard);
	return chosen;
}

int main(int argc, char **argv)
{
	libbpf_set_print(NULL);
	if (argc == 2 && !strcmp(argv[1], "guard"))
		for (unsigned int i = 0; print_one(i); i++)
			;
	else
		for (int i = 1; i < argc; i++)
			print_pinned(argv[i]);
	return 0;
}
