// SPDX-License-Identifier: GPL-2.0-or-later
/* Going through /proc: who runs what is refused, and the end of those whom a rule stops. */
#include "loader/sweep/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>

#include "loader/base/cleanup.h"
#include "loader/sweep/suspect.h"

/* Files of one process that are reported. */
#define FINDINGS 16

/* One file of a process that it may not run any more. */
struct finding {
	char name[PATH_MAX];
	bool is_program;
	uint64_t device;
	uint64_t inode;
	struct embargo_ruling ruling;
};

struct looking {
	struct embargo_sweep *sweep;
	const struct embargo_suspect *suspect;
	bool is_at_home;
	struct finding findings[FINDINGS];
	size_t count;
};

/*
 * The path as the host has it: what a process sees in a namespace of its own is no evidence, but
 * for a file that has the same name there. The kernel half goes by the name that a deleted file
 * had.
 */
static const char *confirm(const struct looking *looking, const struct stat *status,
			   const char *name, char path[PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(name), tail = sizeof(deleted) - 1;
	struct stat named;

	if (!embargo_law_names_paths(looking->sweep->law) || length >= PATH_MAX)
		return NULL;
	strcpy(path, name);
	if (!status->st_nlink && length > tail && !strcmp(path + length - tail, deleted))
		path[length - tail] = '\0';
	if (looking->is_at_home)
		return path;
	if (fstatat(AT_FDCWD, path, &named, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return NULL;
	return named.st_dev == status->st_dev && named.st_ino == status->st_ino ? path : NULL;
}

static void add_finding(struct looking *looking, const struct embargo_process_file *file,
			const struct stat *status, const struct embargo_ruling *ruling)
{
	struct finding *finding = &looking->findings[looking->count];

	for (size_t i = 0; i < looking->count; i++)
		if (looking->findings[i].device == status->st_dev &&
		    looking->findings[i].inode == status->st_ino)
			return;
	if (looking->count == FINDINGS)
		return;
	snprintf(finding->name, sizeof(finding->name), "%s", file->name);
	finding->is_program = file->is_program;
	finding->device = status->st_dev;
	finding->inode = status->st_ino;
	finding->ruling = *ruling;
	looking->count++;
}

static int find_content(struct embargo_sweep *sweep, const struct embargo_process_file *file,
			struct stat *status, struct embargo_file_content *content)
{
	int error = embargo_contents_find(sweep->contents, file->path, file->is_program, status,
					  content);

	if (error == -EAGAIN)
		error = embargo_contents_find(sweep->contents, file->path, file->is_program, status,
					      content);
	return error;
}

/* Just before its date already, and for the same reason: then a former sweep has told. */
static bool was_refused(const struct embargo_sweep *sweep,
			const struct embargo_file_content *content, bool is_program,
			const struct embargo_ruling *ruling)
{
	struct embargo_hearing hearing;
	struct embargo_ruling before;

	return embargo_sweep_before(sweep, &hearing) &&
	       !embargo_law_judge(sweep->law, &hearing, content, is_program, &before) &&
	       before.is_refused && before.number == ruling->number;
}

/* A waiver may be of its digest, which no rule wanted. What cannot be read stays refused. */
static int judge(struct embargo_sweep *sweep, const struct embargo_process_file *file,
		 struct embargo_file_content *content, struct embargo_ruling *ruling)
{
	struct stat status;
	int error =
		embargo_law_judge(sweep->law, &sweep->hearing, content, file->is_program, ruling);

	if (error || !ruling->is_refused || content->is_hashed ||
	    !embargo_law_waives_digests(sweep->law) ||
	    embargo_contents_hash(sweep->contents, file->path, file->is_program, &status, content))
		return error;
	return embargo_law_judge(sweep->law, &sweep->hearing, content, file->is_program, ruling);
}

static int look_at_file(void *context, const struct embargo_process_file *file)
{
	struct looking *looking = context;
	struct embargo_sweep *sweep = looking->sweep;
	struct embargo_file_content content;
	struct embargo_ruling ruling;
	char path[PATH_MAX];
	struct stat status;
	int error;

	if (!embargo_places_is_local(sweep->places, looking->suspect->word, file)) {
		sweep->away += sweep->is_final;
		return 0;
	}
	error = find_content(sweep, file, &status, &content);
	/* It has ended, or let go of the file; or it has mapped a device. */
	if (error == -ENOENT || error == -ESRCH || error == -EINVAL)
		return 0;
	if (error) {
		sweep->unreadable += sweep->is_final;
		return 0;
	}
	if (!sweep->is_final)
		return 0;
	sweep->hearing.path = confirm(looking, &status, file->name, path);
	error = judge(sweep, file, &content, &ruling);
	if (!error && ruling.is_refused && !was_refused(sweep, &content, file->is_program, &ruling))
		add_finding(looking, file, &status, &ruling);
	return error;
}

/* Tells the process to end where a rule says so. -ENOSPC: not yet. */
static int end(struct embargo_sweep *sweep, struct embargo_suspect *suspect,
	       const struct finding *finding, const struct embargo_suspect_name *name)
{
	struct embargo_ending ending = {
		.pidfd = suspect->pidfd,
		.pid = suspect->pid,
		.device = finding->device,
		.inode = finding->inode,
		.grace_ms = 1000 * embargo_rule_grace(finding->ruling.rule),
	};
	int error;

	if (embargo_suspect_is_sacred(suspect)) {
		embargo_speaker_say(
			&sweep->telling.speaker, LOG_ERR,
			"process %d (%s) is not stopped: it is PID 1, or embargo itself",
			suspect->pid, name->comm);
		return 0;
	}
	snprintf(ending.comm, sizeof(ending.comm), "%s", name->comm);
	error = embargo_endings_add(&sweep->endings, &ending);
	if (!error)
		suspect->pidfd = -1;
	else if (error != -ENOSPC && error != -ESRCH)
		embargo_speaker_say(&sweep->telling.speaker, LOG_ERR,
				    "process %d (%s) cannot be stopped: %s", suspect->pid,
				    name->comm, strerror(-error));
	return error;
}

static const struct finding *find_fatal(const struct looking *looking)
{
	for (size_t i = 0; i < looking->count; i++)
		if (looking->findings[i].ruling.rule &&
		    looking->findings[i].ruling.rule->terminates)
			return &looking->findings[i];
	return NULL;
}

static void conclude(const struct looking *looking, struct embargo_suspect *suspect)
{
	const struct finding *fatal = find_fatal(looking);
	struct embargo_sweep *sweep = looking->sweep;
	struct embargo_suspect_name name;
	bool is_news = false;
	char who[128];

	embargo_suspect_name(suspect, &name);
	/* What was read under its number was of another process, if this one has ended. */
	if (!embargo_suspect_is_there(suspect))
		return;
	if (fatal && sweep->endings.count == EMBARGO_ENDINGS_MOST) {
		sweep->has_left_over = true;
		return;
	}
	snprintf(who, sizeof(who), "process %d (%s, user %d)", suspect->pid, name.comm,
		 (int)name.uid);
	for (size_t i = 0; i < looking->count; i++) {
		const struct finding *finding = &looking->findings[i];
		const struct embargo_round_told told = { (uint64_t)suspect->pid, name.started,
							 finding->device, finding->inode,
							 finding->ruling.number };

		is_news |= embargo_telling_report(&sweep->telling, &told, who,
						  finding->is_program ? "runs" : "has loaded",
						  finding->name, &finding->ruling);
	}
	if (fatal && is_news)
		end(sweep, suspect, fatal, &name);
}

static void look_at_process(struct embargo_sweep *sweep, const char *pid)
{
	struct looking looking = { .sweep = sweep };
	struct embargo_suspect suspect;

	if (embargo_suspect_open(pid, &suspect))
		return;
	looking.suspect = &suspect;
	looking.is_at_home = embargo_suspect_is_at_home(&suspect);
	embargo_process_mappings(suspect.word, look_at_file, &looking);
	if (looking.count)
		conclude(&looking, &suspect);
	embargo_suspect_close(&suspect);
}

int embargo_processes_look(struct embargo_sweep *sweep)
{
	_cleanup_closedir_ DIR *folder = opendir("/proc");
	struct dirent *entry;

	if (!folder)
		return -errno;
	while ((entry = readdir(folder)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_process(sweep, entry->d_name);
	return 0;
}

static int compare_file(void *context, const struct embargo_process_file *file)
{
	const struct embargo_ending *ending = context;
	struct stat status;

	return !stat(file->path, &status) && status.st_dev == ending->device &&
	       status.st_ino == ending->inode;
}

/* Its number is its own as long as it has not ended; and then it is not killed. */
static bool has_file(void *context, const struct embargo_ending *ending)
{
	struct embargo_suspect suspect;
	char word[16];
	bool found;

	(void)context;
	snprintf(word, sizeof(word), "%d", ending->pid);
	if (embargo_suspect_open(word, &suspect))
		return false;
	found = embargo_process_mappings(suspect.word, compare_file, (void *)ending) > 0;
	embargo_suspect_close(&suspect);
	return found;
}

static void tell_ending(void *context, const struct embargo_ending *ending,
			enum embargo_ending_news news, int error)
{
	static const char *const texts[] = {
		[EMBARGO_ENDING_ENDED] = "has ended, as it was told to",
		[EMBARGO_ENDING_KILLED] = "did not end in time and was killed",
		[EMBARGO_ENDING_SPARED] = "has not the file any more and goes on",
		[EMBARGO_ENDING_LASTING] = "does not end",
	};

	const struct embargo_sweep *sweep = context;

	embargo_speaker_say(&sweep->telling.speaker,
			    news == EMBARGO_ENDING_LASTING ? LOG_ERR : LOG_NOTICE,
			    "process %d (%s) %s%s%s", ending->pid, ending->comm, texts[news],
			    error ? ": " : "", error ? strerror(-error) : "");
}

void embargo_processes_end(struct embargo_sweep *sweep)
{
	static const struct embargo_ending_callbacks callbacks = { has_file, tell_ending };

	embargo_endings_finish(&sweep->endings, &callbacks, sweep);
}
