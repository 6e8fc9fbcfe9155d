// SPDX-License-Identifier: GPL-2.0-or-later
/* The classifier: it answers like the reader of specimens, can do nothing else, and keeps nobody
 * waiting. */
#include "loader/classify/classifier.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "loader/base/cleanup.h"
#include "loader/classify/specimen_json.h"
#include "loader/crypto/sha256.h"
#include "tests/unit/unit.h"

static struct embargo_classifier *classifier;
static pid_t nursery;

/* The only child of this process. */
static pid_t find_child(pid_t parent)
{
	char path[64];
	FILE *file;
	pid_t child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	file = fopen(path, "re");
	assert_non_null(file);
	if (fscanf(file, "%d", &child) != 1)
		child = 0;
	fclose(file);
	return child;
}

static int start(void **state)
{
	(void)state;
	if (embargo_classifier_start(NULL, &classifier))
		return -1;
	nursery = find_child(getpid());
	return nursery ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	embargo_classifier_stop(classifier);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static int open_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void it_answers_as_the_reader_does(void **state)
{
	struct embargo_specimen here = { 0 }, there = { 0 };
	json_t *left, *right;
	int fd = open_self();

	(void)state;
	assert_int_equal(embargo_specimen_read(fd, &here), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &there), 0);
		assert_int_equal(embargo_specimen_to_json(&here, &left), 0);
		assert_int_equal(embargo_specimen_to_json(&there, &right), 0);
		assert_true(there.identities.count > 0);
		assert_true(json_equal(left, right));
		json_decref(left);
		json_decref(right);
		embargo_specimen_free(&there);
	}
	embargo_specimen_free(&here);
	close(fd);
}

/* The value of @key in /proc/PID/status. */
static const char *status_of(const char *key)
{
	static char value[256];
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", nursery);
	file = fopen(path, "re");
	assert_non_null(file);
	value[0] = '\0';
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			sscanf(line + strlen(key) + 1, " %255[^\n]", value);
	fclose(file);
	return value;
}

/* A place beyond all numbers of JSON, in a file of which all else can be read. */
static void a_place_that_a_file_makes_up_hides_nothing(void **state)
{
	static const uint64_t beyond[] = { UINT64_MAX, UINT64_MAX - 64, 1ULL << 63 };
	struct embargo_specimen specimen;
	_cleanup_close_ int self = open_self(), fd = -1;
	struct stat status;
	char *bytes;

	(void)state;
	assert_int_equal(fstat(self, &status), 0);
	bytes = malloc(status.st_size);
	assert_non_null(bytes);
	assert_int_equal(pread(self, bytes, status.st_size, 0), status.st_size);
	fd = unit_file("", 0);
	assert_int_equal(pwrite(fd, bytes, status.st_size, 0), status.st_size);
	free(bytes);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		assert_int_equal(pwrite(fd, &beyond[i], sizeof(beyond[i]),
					offsetof(Elf64_Ehdr, e_shoff)),
				 sizeof(beyond[i]));
		assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), 0);
		assert_true(specimen.fault_count > 0);
		assert_true(specimen.identities.count > 0);
		embargo_specimen_free(&specimen);
	}
}

static void it_has_no_privilege(void **state)
{
	struct embargo_specimen specimen = { 0 };
	char path[64];
	DIR *folder;
	int fd = open_self(), descriptors = 0;

	(void)state;
	/* An answer shows that it is confined by now. */
	assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), 0);
	embargo_specimen_free(&specimen);
	close(fd);
	assert_string_equal(status_of("CapEff"), "0000000000000000");
	assert_string_equal(status_of("CapPrm"), "0000000000000000");
	assert_string_equal(status_of("NoNewPrivs"), "1");
	assert_string_equal(status_of("Seccomp"), "2");
	if (!geteuid())
		assert_string_equal(status_of("Uid"), "65534\t65534\t65534\t65534");
	snprintf(path, sizeof(path), "/proc/%d/fd", nursery);
	folder = opendir(path);
	if (!folder)
		skip();
	while (readdir(folder))
		descriptors++;
	closedir(folder);
	assert_int_equal(descriptors, 2 + 4);
}

static void a_stopped_one_keeps_nobody_waiting(void **state)
{
	struct embargo_specimen specimen = { 0 };
	int fd = open_self();

	(void)state;
	assert_int_equal(kill(nursery, SIGSTOP), 0);
	assert_int_equal(embargo_classifier_read(classifier, fd, 50, &specimen), -ETIMEDOUT);
	close(fd);
}

/* Its descriptors are closed in no order: only once it is gone has its socket gone for sure. */
static void wait_for_its_end(void)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)nursery, &info, WEXITED | WNOWAIT), 0);
}

static int served;

static void serve(void *context)
{
	char byte;

	assert_int_equal(read(*(int *)context, &byte, 1), 1);
	served++;
}

/* What else there is to do is done while nobody answers, and while a large file's digest is
 * computed; the wait ends when it would have. */
static void others_are_served_meanwhile(void **state)
{
	struct embargo_specimen specimen = { 0 };
	static char bytes[4 * EMBARGO_SHA256_PART];
	int fd = unit_file(bytes, sizeof(bytes)), ends[2];
	struct embargo_classifier_meanwhile meanwhile = { .serve = serve, .context = &ends[0] };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	meanwhile.fd = ends[0];
	embargo_classifier_serve(classifier, &meanwhile);
	assert_int_equal(kill(nursery, SIGSTOP), 0);
	assert_int_equal(write(ends[1], "xy", 2), 2);
	served = 0;
	assert_int_equal(embargo_classifier_read(classifier, fd, 50, &specimen), -ETIMEDOUT);
	assert_int_equal(served, 2);
	assert_int_equal(kill(nursery, SIGCONT), 0);
	/* Enough for the wait, and one for each part of the digest. */
	for (int i = 0; i < 4096; i++)
		assert_int_equal(write(ends[1], "z", 1), 1);
	assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), 0);
	assert_true(served > 2 + 4);
	assert_int_equal(specimen.file.size, sizeof(bytes));
	embargo_specimen_free(&specimen);
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

static void a_dead_one_is_noticed(void **state)
{
	struct embargo_specimen specimen = { 0 };
	int fd = open_self();

	(void)state;
	assert_int_equal(kill(nursery, SIGKILL), 0);
	wait_for_its_end();
	for (int i = 0; i < 2; i++)
		assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), -EPIPE);
	close(fd);
}

static void one_that_dies_meanwhile_keeps_nobody_waiting(void **state)
{
	struct embargo_specimen specimen = { 0 };
	int fd = open_self(), error;
	pid_t child;

	(void)state;
	assert_int_equal(kill(nursery, SIGSTOP), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		usleep(100000);
		_exit(kill(nursery, SIGKILL) ? 1 : 0);
	}
	error = embargo_classifier_read(classifier, fd, 20000, &specimen);
	assert_int_equal(error, -EPIPE);
	assert_int_equal(waitpid(child, NULL, 0), child);
	wait_for_its_end();
	assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), -EPIPE);
	close(fd);
}

static void what_is_no_file_is_an_error(void **state)
{
	struct embargo_specimen specimen = { 0 };
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(embargo_classifier_read(classifier, fd, 20000, &specimen), -EISDIR);
	close(fd);
}

static void wrong_answers_are_none(void **state)
{
	static const char digest[] =
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
	static const struct {
		const char *name, *json;
	} cases[] = {
		{ "nothing", "{}" },
		{ "a kind beyond the last", "{'kind':99,'exec_scope':1,'inner_error':0,"
					    "'fault_count':0,'file':{'size':1,'sha256':'%s'},"
					    "'faults':[],'identities':[]}" },
		{ "two scopes", "{'kind':2,'exec_scope':3,'inner_error':0,'fault_count':0,"
				"'file':{'size':1,'sha256':'%s'},'faults':[],'identities':[]}" },
		{ "a negative size", "{'kind':2,'exec_scope':1,'inner_error':0,'fault_count':0,"
				     "'file':{'size':-1,'sha256':'%s'},'faults':[],"
				     "'identities':[]}" },
		{ "a short digest", "{'kind':2,'exec_scope':1,'inner_error':0,'fault_count':0,"
				    "'file':{'size':1,'sha256':'ab'},'faults':[],"
				    "'identities':[]}" },
		{ "more faults than are there", "{'kind':2,'exec_scope':1,'inner_error':0,"
						"'fault_count':2,'file':{'size':1,'sha256':'%s'},"
						"'faults':[],'identities':[]}" },
		{ "identities that are none", "{'kind':2,'exec_scope':1,'inner_error':0,"
					      "'fault_count':0,'file':{'size':1,'sha256':'%s'},"
					      "'faults':[],'identities':[1]}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct embargo_specimen specimen = { 0 };
		char text[512];
		json_t *object;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), cases[i].json, digest);
#pragma GCC diagnostic pop
		for (char *at = text; *at; at++)
			if (*at == '\'')
				*at = '"';
		object = json_loads(text, 0, NULL);
		assert_non_null(object);
		if (embargo_specimen_from_json(object, &specimen) != -EBADMSG)
			fail_msg("%s was taken", cases[i].name);
		json_decref(object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_answers_as_the_reader_does),
		TEST(a_place_that_a_file_makes_up_hides_nothing),
		TEST(it_has_no_privilege),
		TEST(a_stopped_one_keeps_nobody_waiting),
		TEST(others_are_served_meanwhile),
		TEST(a_dead_one_is_noticed),
		TEST(one_that_dies_meanwhile_keeps_nobody_waiting),
		TEST(what_is_no_file_is_an_error),
		cmocka_unit_test(wrong_answers_are_none),
	};

	return cmocka_run_group_tests_name("classifier", tests, NULL, NULL);
}
