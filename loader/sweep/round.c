// SPDX-License-Identifier: GPL-2.0-or-later
/* Going through /proc: once to know the files beforehand, and once when it counts. */
#include "loader/sweep/round.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "loader/base/cleanup.h"
#include "loader/sweep/ending.h"
#include "loader/sweep/law.h"
#include "loader/sweep/loaded.h"
#include "loader/sweep/places.h"
#include "loader/sweep/suspect.h"
#include "loader/sweep/telling.h"

/* Files of one process that are reported. */
#define FINDINGS 16

/* While it waits for its moment: the clock may be set, so it looks again. */
#define NAP_NS 100000000

/* How often all is looked at again because more had to end than can at a time. */
#define ROUNDS_MOST 16

struct sweep {
	const struct embargo_round *round;
	struct embargo_telling telling;
	struct embargo_law *law;
	struct embargo_contents *contents;
	struct embargo_places *places;
	struct embargo_loaded *loaded;
	struct embargo_hearing hearing;
	struct embargo_endings endings;
	bool is_final;
	bool has_left_over; /* processes that are to be ended next time */
	size_t away;	    /* files that are not on this machine */
	size_t unreadable;  /* ... that could not be read */
};

/* One file of a process that it may not run any more. */
struct finding {
	char name[PATH_MAX];
	bool is_program;
	uint64_t device;
	uint64_t inode;
	struct embargo_ruling ruling;
};

struct looking {
	struct sweep *sweep;
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

static int find_content(struct sweep *sweep, const struct embargo_process_file *file,
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
static bool was_refused(const struct sweep *sweep, const struct embargo_file_content *content,
			bool is_program, const struct embargo_ruling *ruling)
{
	struct embargo_hearing hearing = sweep->hearing;
	struct embargo_ruling before;

	hearing.now = sweep->round->at - 1;
	return sweep->round->at != INT64_MIN &&
	       !embargo_law_judge(sweep->law, &hearing, content, is_program, &before) &&
	       before.is_refused && before.number == ruling->number;
}

static int look_at_file(void *context, const struct embargo_process_file *file)
{
	struct looking *looking = context;
	struct sweep *sweep = looking->sweep;
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
	error = embargo_law_judge(sweep->law, &sweep->hearing, &content, file->is_program, &ruling);
	if (!error && ruling.is_refused && !was_refused(sweep, &content, file->is_program, &ruling))
		add_finding(looking, file, &status, &ruling);
	return error;
}

/* Tells the process to end where a rule says so. -ENOSPC: not yet. */
static int end(struct sweep *sweep, struct embargo_suspect *suspect, const struct finding *finding,
	       const struct embargo_suspect_name *name)
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
	struct sweep *sweep = looking->sweep;
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

static void look_at_process(struct sweep *sweep, const char *pid)
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

static int look_at_processes(struct sweep *sweep)
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

static bool was_module_refused(const struct sweep *sweep,
			       const struct embargo_loaded_module *module,
			       const struct embargo_ruling *ruling)
{
	struct embargo_hearing hearing = sweep->hearing;
	struct embargo_ruling before;

	hearing.now = sweep->round->at - 1;
	return sweep->round->at != INT64_MIN &&
	       !embargo_law_judge_module(sweep->law, &hearing, &module->specimen, &module->arrival,
					 &before) &&
	       before.is_refused && before.number == ruling->number;
}

static int look_at_module(void *context, const struct embargo_loaded_module *module)
{
	struct sweep *sweep = context;
	struct embargo_ruling ruling;
	struct embargo_round_told told = { .process = 0 };
	char who[128];
	int error;

	if (!sweep->is_final || !module->path)
		return 0;
	sweep->hearing.path = module->path;
	error = embargo_law_judge_module(sweep->law, &sweep->hearing, &module->specimen,
					 &module->arrival, &ruling);
	if (error || !ruling.is_refused || was_module_refused(sweep, module, &ruling))
		return error;
	told.device = module->status.st_dev;
	told.inode = module->status.st_ino;
	told.reason = ruling.number;
	snprintf(who, sizeof(who), "module %s", module->name);
	embargo_telling_report(&sweep->telling, &told, who, "is loaded from", module->path,
			       &ruling);
	return 0;
}

/* Device numbers of what has been unmounted are used again: the tables are read each time. */
static int look(struct sweep *sweep)
{
	int error;

	sweep->away = sweep->unreadable = 0;
	sweep->has_left_over = false;
	embargo_contents_renew(sweep->contents);
	embargo_places_close(sweep->places);
	sweep->places = NULL;
	error = embargo_law_now(sweep->law, &sweep->hearing.now, &sweep->hearing.is_behind);
	if (!error)
		error = embargo_places_open(&sweep->places);
	if (!error)
		error = look_at_processes(sweep);
	if (!error && sweep->loaded)
		error = embargo_loaded_each(sweep->loaded, look_at_module, sweep);
	return error;
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

	const struct sweep *sweep = context;

	embargo_speaker_say(&sweep->telling.speaker,
			    news == EMBARGO_ENDING_LASTING ? LOG_ERR : LOG_NOTICE,
			    "process %d (%s) %s%s%s", ending->pid, ending->comm, texts[news],
			    error ? ": " : "", error ? strerror(-error) : "");
}

static void end_all(struct sweep *sweep)
{
	static const struct embargo_ending_callbacks callbacks = { has_file, tell_ending };

	embargo_endings_finish(&sweep->endings, &callbacks, sweep);
}

static int wait_for_moment(const struct sweep *sweep)
{
	int64_t now, left;
	bool is_behind;
	int error;

	while (!(error = embargo_law_now(sweep->law, &now, &is_behind)) && now < sweep->round->at) {
		left = sweep->round->at - now;
		if (left > NAP_NS)
			left = NAP_NS;
		nanosleep(&(struct timespec) { .tv_nsec = left }, NULL);
	}
	return error;
}

static void sum_up(const struct sweep *sweep)
{
	if (sweep->telling.reports > EMBARGO_ROUND_REPORTS)
		embargo_speaker_say(&sweep->telling.speaker, LOG_WARNING,
				    "%zu more are refused by now and run, and are not named",
				    sweep->telling.reports - EMBARGO_ROUND_REPORTS);
	if (sweep->away)
		embargo_speaker_say(
			&sweep->telling.speaker, LOG_NOTICE,
			"%zu mappings of files on network or FUSE file systems were not looked at",
			sweep->away);
	if (sweep->unreadable)
		embargo_speaker_say(&sweep->telling.speaker, LOG_WARNING,
				    "%zu mappings of files could not be read", sweep->unreadable);
	if (sweep->telling.reports && !embargo_law_has_policies(sweep->law))
		embargo_speaker_say(
			&sweep->telling.speaker, LOG_WARNING,
			"the policies in force cannot be read: nothing that runs is stopped");
}

static int go_through(struct sweep *sweep)
{
	int64_t now;
	bool is_behind;
	int error = embargo_law_now(sweep->law, &now, &is_behind);

	if (!error && now < sweep->round->at) {
		error = look(sweep);
		if (!error)
			error = wait_for_moment(sweep);
	}
	sweep->is_final = true;
	for (int i = 0; !error && i < ROUNDS_MOST && (!i || sweep->has_left_over); i++) {
		error = look(sweep);
		if (!error && !sweep->has_left_over) {
			sum_up(sweep);
			sweep->telling.callbacks->looked(sweep->telling.context);
		}
		end_all(sweep);
	}
	return error;
}

static void clean_up(struct sweep *sweep)
{
	embargo_places_close(sweep->places);
	embargo_contents_close(sweep->contents);
	embargo_loaded_close(sweep->loaded);
	embargo_law_close(sweep->law);
	embargo_telling_end(&sweep->telling);
}

int embargo_round_run(const struct embargo_round *round,
		      const struct embargo_round_callbacks *callbacks, void *context)
{
	_cleanup_(clean_up) struct sweep sweep = {
		.round = round,
		.telling = { .round = round,
			     .callbacks = callbacks,
			     .context = context,
			     .speaker = { callbacks->say, context } },
	};
	struct embargo_diagnostic diagnostic = { .line = 0 };
	/* A classifier gets nothing of what is read later. */
	int error = embargo_loaded_open(&sweep.loaded);

	if (!error)
		error = embargo_law_open(&round->id, &sweep.law, &diagnostic);
	if (!error && !embargo_law_concerns_modules(sweep.law)) {
		embargo_loaded_close(sweep.loaded);
		sweep.loaded = NULL;
	}
	if (!error)
		error = embargo_contents_open(embargo_law_asks, sweep.law, &sweep.contents);
	return error ? error : go_through(&sweep);
}
