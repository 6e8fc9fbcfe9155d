// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeping the texts of the policies in force. */
#include "loader/enact/policies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/kernel/enforcement.h"
#include "loader/model/names.h"
#include "loader/model/time.h"

#define SETTINGS "settings"

/* @name has room for a path of the folder and one file in it. */
static void name_folder(const struct embargo_enacted_id *id, char name[static PATH_MAX])
{
	snprintf(name, PATH_MAX, EMBARGO_ENACTED_FOLDER "/%" PRIu64 "-%" PRIu64, id->instance,
		 id->generation);
}

int embargo_enacted_find(struct embargo_enacted_id *id)
{
	struct embargo_diagnostic ignored = { .line = 0 };
	struct embargo_enforcement *enforcement;
	struct embargo_generation head;
	struct stat status;
	int error;

	if (stat(EMBARGO_PIN_DIR, &status))
		return -errno;
	error = embargo_enforcement_open(&enforcement, &ignored);
	if (error)
		return error;
	error = embargo_enforcement_head(enforcement, &head);
	embargo_enforcement_close(enforcement);
	if (!error)
		*id = (struct embargo_enacted_id) { status.st_ino, head.number };
	return error;
}

static int write_file(int folder, const char *name, const char *text, size_t length)
{
	_cleanup_close_ int fd =
		openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : embargo_file_write(fd, text, length);
}

/* To the nanosecond: what is read back has to be the same. */
static void write_stricter(FILE *out, const struct embargo_stricter *stricter)
{
	int64_t below =
		((stricter->at % EMBARGO_SECOND_NS) + EMBARGO_SECOND_NS) % EMBARGO_SECOND_NS;
	char at[EMBARGO_TIME_TEXT];

	embargo_time_format(stricter->at, at, sizeof(at));
	fprintf(out, "  - { policy: \"%s\"", stricter->policy);
	if (stricter->rule)
		fprintf(out, ", rule: \"%s\"", stricter->rule);
	fprintf(out, ", action: %s, at: \"%.*s.%09" PRId64 "Z\" }\n",
		embargo_action_name(stricter->action), (int)strlen(at) - 1, at, below);
}

/* Of the settings, what chose among schedules and what rose above them. The caller frees @text. */
static int make_settings(const struct embargo_policy_set *set, char **text, size_t *length)
{
	FILE *out = open_memstream(text, length);

	if (!out)
		return -ENOMEM;
	if (set->profile)
		fprintf(out, "profile: %s\n", set->profile);
	if (set->settings.stricter_count)
		fputs("stricter:\n", out);
	for (size_t i = 0; i < set->settings.stricter_count; i++)
		write_stricter(out, &set->settings.stricter[i]);
	return fclose(out) ? -ENOMEM : 0;
}

static int write_all(int folder, const struct embargo_policy_set *set)
{
	_cleanup_free_
	char *settings = NULL;
	size_t length = 0;
	char name[32];
	int error = make_settings(set, &settings, &length);

	if (!error)
		error = write_file(folder, SETTINGS, settings, length);
	for (size_t i = 0; i < set->count && !error; i++) {
		snprintf(name, sizeof(name), "%03zu.yaml", i);
		error = write_file(folder, name, set->policies[i]->text,
				   set->policies[i]->text_length);
	}
	return error;
}

static void remove_folder(int above, const char *name)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_closedir_ DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!folder && fd >= 0)
		close(fd);
	while (folder && (entry = readdir(folder)))
		unlinkat(fd, entry->d_name, 0);
	unlinkat(above, name, AT_REMOVEDIR);
}

/* All but the one called @kept. */
static void remove_others(const char *kept)
{
	_cleanup_closedir_ DIR *folders = opendir(EMBARGO_ENACTED_FOLDER);
	struct dirent *entry;

	while (folders && (entry = readdir(folders)))
		if (entry->d_name[0] != '.' && (!kept || strcmp(entry->d_name, kept)))
			remove_folder(dirfd(folders), entry->d_name);
}

int embargo_enacted_write(const struct embargo_policy_set *set, const struct embargo_enacted_id *id)
{
	static const char fresh[] = EMBARGO_ENACTED_FOLDER "/new";
	_cleanup_close_ int folder = -1;
	char name[PATH_MAX];
	int error;

	if (mkdir(EMBARGO_RUN_FOLDER, 0755) && errno != EEXIST)
		return -errno;
	if (mkdir(EMBARGO_ENACTED_FOLDER, 0700) && errno != EEXIST)
		return -errno;
	name_folder(id, name);
	remove_folder(AT_FDCWD, fresh);
	remove_folder(AT_FDCWD, name);
	if (mkdir(fresh, 0700))
		return -errno;
	folder = open(fresh, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	error = write_all(folder, set);
	return !error && rename(fresh, name) ? -errno : error;
}

int embargo_enacted_read(const struct embargo_enacted_id *id, struct embargo_policy_set **set,
			 struct embargo_diagnostic *diagnostic)
{
	char folder[PATH_MAX], settings[PATH_MAX + sizeof(SETTINGS) + 1];
	const char *files = folder;
	const struct embargo_policy_request request = {
		.files = &files,
		.count = 1,
		.settings = settings,
		.demand = EMBARGO_DEMAND_NONE,
	};

	name_folder(id, folder);
	if (access(folder, F_OK))
		return -errno;
	snprintf(settings, sizeof(settings), "%s/" SETTINGS, folder);
	return embargo_policy_set_read(&request, set, diagnostic);
}

void embargo_enacted_settle(void)
{
	struct embargo_enacted_id id = { 0 };
	char name[PATH_MAX];
	int error = embargo_enacted_find(&id);

	if (error == -ENOENT)
		remove_others(NULL);
	if (error)
		return;
	name_folder(&id, name);
	remove_others(strrchr(name, '/') + 1);
}

void embargo_enacted_remove(void)
{
	remove_others(NULL);
	rmdir(EMBARGO_ENACTED_FOLDER);
}
