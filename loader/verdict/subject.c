// SPDX-License-Identifier: GPL-2.0-or-later
/* From a file's name to the question that the kernel would decide. */
#include "loader/verdict/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/base/descriptor.h"
#include "loader/verdict/arrival.h"

/* The path of the very file that was opened: its name may lead elsewhere by now. */
static void resolve(int fd, const char *path, char resolved[PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	size_t length;

	if (embargo_descriptor_path(fd, resolved) || resolved[0] != '/') {
		if (!realpath(path, resolved))
			resolved[0] = '\0';
		return;
	}
	length = strlen(resolved);
	/* The kernel half goes by the name that the file had. */
	if (length > tail && !strcmp(resolved + length - tail, deleted) && access(resolved, F_OK))
		resolved[length - tail] = '\0';
}

static enum embargo_operation ordinary_operation(enum embargo_kind kind)
{
	switch (kind) {
	case EMBARGO_KIND_MODULE:
		return EMBARGO_OPERATION_MODULE;
	case EMBARGO_KIND_PACKAGE:
		return EMBARGO_OPERATION_OPEN;
	default:
		return EMBARGO_OPERATION_EXEC;
	}
}

static __u32 find_scope(enum embargo_operation operation, enum embargo_scope exec_scope)
{
	switch (operation) {
	case EMBARGO_OPERATION_EXEC:
		return exec_scope;
	case EMBARGO_OPERATION_MAP:
		return EMBARGO_SCOPE_MAP_EXEC;
	case EMBARGO_OPERATION_OPEN:
		return EMBARGO_SCOPE_OPEN;
	case EMBARGO_OPERATION_MODULE:
		return EMBARGO_SCOPE_MODULE;
	case EMBARGO_OPERATION_FIRMWARE:
		return EMBARGO_SCOPE_FIRMWARE;
	case EMBARGO_OPERATION_KEXEC:
		return EMBARGO_SCOPE_KEXEC;
	default:
		return 0;
	}
}

static void ask(const struct embargo_specimen *specimen, const struct embargo_arrival *arrival,
		struct embargo_question *question)
{
	question->scope = find_scope(question->operation, specimen->exec_scope);
	question->ctime = arrival->ctime;
	question->arrival_unknown = arrival->unknown;
	question->candidates[0] = (struct embargo_candidate) {
		.digest = specimen->file.digest,
		.size = specimen->file.size,
		.unhashable = arrival->on_fuse,
	};
	question->candidate_count = 1;
	/* kmod takes the module out and hands it over as a buffer. */
	if (specimen->has_inner && question->operation == EMBARGO_OPERATION_MODULE)
		question->candidates[question->candidate_count++] = (struct embargo_candidate) {
			.digest = specimen->inner.digest,
			.size = specimen->inner.size,
			.in_memory = true,
		};
}

int embargo_subject_make(int fd, const char *path, struct embargo_specimen *specimen,
			 enum embargo_operation operation, struct embargo_subject *subject)
{
	struct embargo_arrival arrival;
	int error = embargo_arrival_read(fd, &arrival);

	if (error) {
		embargo_specimen_free(specimen);
		return error;
	}
	subject->specimen = *specimen;
	specimen->identities = (struct embargo_identities) { 0 };
	subject->question = (struct embargo_question) {
		.operation = operation ? operation : ordinary_operation(specimen->kind),
	};
	ask(&subject->specimen, &arrival, &subject->question);
	/* A package is never executed: nobody asked for more than whether it is listed. */
	if (!operation && subject->question.operation == EMBARGO_OPERATION_OPEN)
		subject->question.scope = 0;
	resolve(fd, path, subject->path);
	subject->question.path = subject->path[0] ? subject->path : NULL;
	return 0;
}

void embargo_subject_free(struct embargo_subject *subject)
{
	embargo_specimen_free(&subject->specimen);
	embargo_identities_free(&subject->learned);
}
