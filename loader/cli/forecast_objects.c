// SPDX-License-Identifier: GPL-2.0-or-later
/* A forecast: what was looked at, as others need it: by its inode. */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/cli/forecast.h"

static int by_inode(const void *left, const void *right)
{
	const struct embargo_forecast_object *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return (a->device > b->device) - (a->device < b->device);
}

struct embargo_forecast_object *embargo_forecast_object_find(
	const struct embargo_forecast *forecast, dev_t device, ino_t inode)
{
	const struct embargo_forecast_object wanted = { .device = device, .inode = inode };
	void *const *found = tfind(&wanted, &forecast->by_inode, by_inode);

	return found ? *found : NULL;
}

void embargo_forecast_interpreter(const char *path, char interpreter[static PATH_MAX])
{
	char head[PATH_MAX];
	_cleanup_close_ int fd = -1;
	ssize_t got;

	interpreter[0] = '\0';
	if (embargo_file_open(path, &fd, NULL))
		return;
	got = embargo_file_pread(fd, head, sizeof(head) - 1, 0);
	if (got < 4 || head[0] != '#' || head[1] != '!')
		return;
	head[got] = '\0';
	head[strcspn(head, "\n")] = '\0';
	sscanf(head + 2, " %4095s", interpreter);
}

/* Since when it may not be mapped as code: what a dynamic loader does with it. */
static int64_t find_mapped(const struct embargo_forecast *forecast,
			   const struct embargo_question *question)
{
	struct embargo_question mapping = *question;
	struct embargo_answer ignored;

	mapping.operation = EMBARGO_OPERATION_MAP;
	mapping.scope = EMBARGO_SCOPE_MAP_EXEC;
	return embargo_forecast_date(forecast, &mapping, &ignored);
}

static int take_needed(struct embargo_forecast *forecast, struct embargo_forecast_object *object,
		       const struct embargo_identities *identities)
{
	size_t count = 0;

	for (size_t i = 0; i < identities->count; i++)
		count += identities->array[i].kind == EMBARGO_IDENTITY_NEEDED;
	object->needed = embargo_arena_take(forecast->arena, count + 1, sizeof(*object->needed));
	if (!object->needed)
		return -ENOMEM;
	count = 0;
	for (size_t i = 0; i < identities->count; i++) {
		const struct embargo_identity *identity = &identities->array[i];
		const char *text = embargo_identity_value(identity, EMBARGO_ATTRIBUTE_VALUE);

		if (identity->kind != EMBARGO_IDENTITY_NEEDED || !text)
			continue;
		object->needed[count] = embargo_forecast_text(forecast, text);
		if (!object->needed[count++])
			return -ENOMEM;
	}
	return 0;
}

static int take_identities(struct embargo_forecast *forecast,
			   struct embargo_forecast_object *object,
			   const struct embargo_identities *identities)
{
	const struct {
		enum embargo_identity_kind kind;
		enum embargo_attribute attribute;
		const char **text;
	} wanted[] = {
		{ EMBARGO_IDENTITY_SONAME, EMBARGO_ATTRIBUTE_VALUE, &object->soname },
		{ EMBARGO_IDENTITY_DYNAMIC, EMBARGO_ATTRIBUTE_ARCHITECTURE, &object->architecture },
		{ EMBARGO_IDENTITY_DYNAMIC, EMBARGO_ATTRIBUTE_INTERPRETER, &object->interpreter },
		{ EMBARGO_IDENTITY_DYNAMIC, EMBARGO_ATTRIBUTE_RPATH, &object->rpath },
		{ EMBARGO_IDENTITY_DYNAMIC, EMBARGO_ATTRIBUTE_RUNPATH, &object->runpath },
	};

	for (size_t i = 0; i < identities->count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(wanted); j++) {
			const struct embargo_identity *identity = &identities->array[i];
			const char *text =
				identity->kind == wanted[j].kind
					? embargo_identity_value(identity, wanted[j].attribute)
					: NULL;

			if (!text)
				continue;
			*wanted[j].text = embargo_forecast_text(forecast, text);
			if (!*wanted[j].text)
				return -ENOMEM;
		}
	return take_needed(forecast, object, identities);
}

int embargo_forecast_object_add(struct embargo_forecast *forecast, const struct stat *status,
				const char *path, const struct embargo_subject *subject)
{
	const enum embargo_kind kind = subject ? subject->specimen.kind : EMBARGO_KIND_UNKNOWN;
	struct embargo_forecast_object *object;
	struct embargo_answer ignored;
	int error = 0;

	if (subject && kind != EMBARGO_KIND_ELF && kind != EMBARGO_KIND_SCRIPT)
		return 0;
	object = embargo_arena_take(forecast->arena, 1, sizeof(*object));
	if (!object || EMBARGO_FORECAST_ROOM(forecast->objects))
		return -ENOMEM;
	*object = (struct embargo_forecast_object) {
		.device = status->st_dev,
		.inode = status->st_ino,
		.path = embargo_forecast_text(forecast, path),
		.at = EMBARGO_FORECAST_NEVER,
		.mapped_at = EMBARGO_FORECAST_NEVER,
		.is_script = kind == EMBARGO_KIND_SCRIPT,
		.is_executable = status->st_mode & 0111,
		.is_unknown = !subject,
	};
	if (subject) {
		object->at = embargo_forecast_date(forecast, &subject->question, &ignored);
		object->mapped_at = find_mapped(forecast, &subject->question);
		error = take_identities(forecast, object, &subject->specimen.identities);
	}
	if (error || !object->path || !tsearch(object, &forecast->by_inode, by_inode))
		return -ENOMEM;
	forecast->objects.array[forecast->objects.count++] = object;
	return 0;
}
