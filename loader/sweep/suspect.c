// SPDX-License-Identifier: GPL-2.0-or-later
/* A process by its pidfd and its folder in /proc. */
#include "loader/sweep/suspect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/utf8.h"

/* A program of its own, without which first executions are not held. */
#define GATE EMBARGO_PREFIX "/libexec/embargo/embargo-gate"

static bool has_program(const char *word)
{
	char path[64], name[1];

	snprintf(path, sizeof(path), "/proc/%.10s/exe", word);
	return readlink(path, name, sizeof(name)) > 0;
}

/* A process whose first thread has ended goes on in its others, and shows what it runs only there.
 */
static void find_thread(struct embargo_suspect *suspect)
{
	_cleanup_closedir_ DIR *threads = NULL;
	struct dirent *entry;
	char path[64];

	if (has_program(suspect->word))
		return;
	snprintf(path, sizeof(path), "/proc/%d/task", suspect->pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		if (entry->d_name[0] == '.' || !has_program(entry->d_name))
			continue;
		snprintf(suspect->word, sizeof(suspect->word), "%.10s", entry->d_name);
		return;
	}
}

int embargo_suspect_open(const char *pid, struct embargo_suspect *suspect)
{
	struct embargo_suspect made = { .pid = (pid_t)strtol(pid, NULL, 10) };

	made.pidfd = (int)syscall(SYS_pidfd_open, made.pid, 0);
	if (made.pidfd < 0)
		return -errno;
	snprintf(made.word, sizeof(made.word), "%.10s", pid);
	find_thread(&made);
	*suspect = made;
	return 0;
}

void embargo_suspect_close(struct embargo_suspect *suspect)
{
	if (suspect->pidfd >= 0)
		close(suspect->pidfd);
	suspect->pidfd = -1;
}

bool embargo_suspect_is_there(const struct embargo_suspect *suspect)
{
	return !syscall(SYS_pidfd_send_signal, suspect->pidfd, 0, NULL, 0) || errno == EPERM;
}

/* Of "PID (COMM) STATE PPID ..." the field @number, from 1; COMM may hold anything. */
static uint64_t stat_field(pid_t pid, int number)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[64], line[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return 0;
	at = strrchr(line, ')');
	for (int field = 2; at && field < number; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

void embargo_suspect_name(const struct embargo_suspect *suspect, struct embargo_suspect_name *name)
{
	_cleanup_fclose_ FILE *status = NULL, *file = NULL;
	char path[64], line[256], comm[64] = "";

	*name = (struct embargo_suspect_name) { .uid = (unsigned int)-1 };
	snprintf(path, sizeof(path), "/proc/%.10s/status", suspect->word);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "Uid: %u", &name->uid) == 1)
			break;
	snprintf(path, sizeof(path), "/proc/%.10s/comm", suspect->word);
	file = fopen(path, "re");
	if (file && fgets(comm, sizeof(comm), file))
		comm[strcspn(comm, "\n")] = '\0';
	embargo_utf8_printable(comm, name->comm, sizeof(name->comm));
	name->started = stat_field(suspect->pid, 22);
}

/* A program may lie on a file system whose server does not answer. */
static bool identify(const char *path, struct statx *status)
{
	return !statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO, status);
}

static bool is_same_file(const char *left, const char *right)
{
	struct statx a, b;

	return identify(left, &a) && identify(right, &b) && a.stx_ino == b.stx_ino &&
	       a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor;
}

bool embargo_suspect_is_at_home(const struct embargo_suspect *suspect)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.10s/ns/mnt", suspect->word);
	return is_same_file(path, "/proc/1/ns/mnt");
}

static bool is_ancestor(pid_t pid)
{
	for (pid_t at = getpid(); at > 1; at = (pid_t)stat_field(at, 4))
		if (at == pid)
			return true;
	return false;
}

bool embargo_suspect_is_sacred(const struct embargo_suspect *suspect)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.10s/exe", suspect->word);
	return suspect->pid == 1 || is_ancestor(suspect->pid) ||
	       is_same_file(path, "/proc/self/exe") || is_same_file(path, GATE);
}
