// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaches the empty programs and leaves them pinned in the folder that it is given. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/floor.skel.h"

static int fail(const char *what)
{
	fprintf(stderr, "floor: cannot %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	struct floor_bpf *floor;
	struct bpf_program *program;

	if (argc != 2) {
		fprintf(stderr, "usage: floor FOLDER\n");
		return 2;
	}
	floor = floor_bpf__open_and_load();
	if (!floor)
		return fail("load");
	bpf_object__for_each_program (program, floor->obj) {
		struct bpf_link *link = bpf_program__attach(program);
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", argv[1], bpf_program__name(program));
		if (!link)
			return fail("attach");
		if (bpf_link__pin(link, path))
			return fail("pin");
	}
	return 0;
}
