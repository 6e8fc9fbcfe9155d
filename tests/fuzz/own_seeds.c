// SPDX-License-Identifier: GPL-2.0-or-later
/* Seeds for fuzzing of what embargo itself writes: records, files and answers, by those who write
 * them. Usage: own_seeds FOLDER SPECIMEN POLICY */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Who speaks to whom in import is known to this file alone. */
#include "loader/import/confined.c"

#include "loader/classify/reader.h"
#include "loader/classify/specimen_json.h"
#include "loader/enact/last.h"
#include "loader/event/event.h"
#include "loader/event/to_journal.h"
#include "loader/learned/list.h"
#include "loader/members/list.h"
#include "loader/policy/policy.h"
#include "loader/trust/versions.h"

static const char *folder;

static FILE *create(const char *corpus, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s-corpus/%s", folder, corpus, name);
	remove(path);
	file = fopen(path, "we");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

static void put(const char *corpus, const char *name, const void *bytes, size_t size)
{
	FILE *file = create(corpus, name);

	if (fwrite(bytes, 1, size, file) != size || fclose(file))
		exit(1);
}

static const char *path_of(const char *corpus, const char *name, char path[static 4096])
{
	fclose(create(corpus, name));
	snprintf(path, 4096, "%s/%s-corpus/%s", folder, corpus, name);
	return path;
}

/* The fields of an entry of the journal, as journal_fuzz.c takes them apart. */
static void put_entry(const char *name, const struct embargo_event *event)
{
	FILE *file = create("journal", name);
	char text[EMBARGO_EVENT_FIELD_TEXT];
	size_t length;

	for (size_t i = 0; embargo_event_fields[i].name; i++) {
		fputs(EMBARGO_JOURNAL_PREFIX, file);
		for (const char *at = embargo_event_fields[i].name; *at; at++)
			fputc(toupper((unsigned char)*at), file);
		length = embargo_event_field_get(event, i, text);
		fprintf(file, "=%.*s\x1e", (int)length, text);
	}
	fputs(EMBARGO_JOURNAL_PREFIX "CGROUP=/system.slice/a.service", file);
	if (fclose(file))
		exit(1);
}

/* As the ring buffer hands them out; a path of the short form and one of the long. */
static void put_events(void)
{
	static const char app[] = "/opt/vendor/app\n\xff\x1b]0;";
	union {
		struct embargo_event event;
		char bytes[sizeof(struct embargo_event) + sizeof(app)];
	} room = { .event = {
			   .time = INT64_C(1727582400001500000),
			   .since = INT64_C(1727582400000000000),
			   .waived_until = INT64_C(1727582400000000000),
			   .count = 1,
			   .operation = EMBARGO_OPERATION_EXEC,
			   .verdict = EMBARGO_VERDICT_DENY,
			   .action = EMBARGO_ACTION_DENY,
			   .flags = EMBARGO_EVENT_DIGEST | EMBARGO_EVENT_HOST_MOUNTS,
			   .uid = 1000,
			   .auid = UINT32_MAX,
			   .tty = 136 << 20 | 3,
			   .comm = "bash",
			   .ticket = "SEC-1",
			   .reason = { .policy = "us-vendor",
				       .rule = "paths",
				       .vendor = "vendor",
				       .authority = "order",
				       .cite = "89 FR 52434" },
			   .path_length = sizeof(app) - 1,
		   } };
	struct embargo_sighting sighting = { .operation = EMBARGO_OPERATION_EXEC };

	memcpy(room.event.path, app, sizeof(app));
	put("event", "denied", room.bytes, sizeof(room.bytes));
	put_entry("denied", &room.event);
	room.event.flags = EMBARGO_EVENT_SIGNER | EMBARGO_EVENT_NO_DIGEST | EMBARGO_EVENT_LEARNED;
	room.event.operation = EMBARGO_OPERATION_MODULE;
	room.event.verdict = EMBARGO_VERDICT_AUDIT;
	room.event.error = -5;
	room.event.signer = (struct embargo_signer_key) {
		.parts = EMBARGO_SIGNER_ISSUER_CN | EMBARGO_SIGNER_SERIAL,
		.cn_length = 6,
		.number_length = 2,
		.issuer_cn = "vendor",
		.number = { 1, 2 },
	};
	put("event", "signer", room.bytes, sizeof(room.bytes));
	put_entry("signer", &room.event);
	memset(&room, 0, sizeof(room));
	memcpy(&room, &sighting, sizeof(sighting));
	put("event", "sighting", room.bytes, sizeof(sighting) + 1);
}

static void put_versions(void)
{
	struct embargo_versions versions = { .count = 0 };
	const struct embargo_version version = {
		"us-vendor", 7, true, { { 1, 2, 3 } }, INT64_C(1727582400000000000)
	};
	char path[4096];
	bool is_changed;

	if (embargo_versions_note(&versions, &version, &is_changed) ||
	    embargo_versions_write(path_of("kept", "versions", path), &versions))
		exit(1);
	embargo_versions_free(&versions);
}

static void put_learned(const struct embargo_specimen *specimen)
{
	const struct embargo_learned_entry entry = {
		.digest = specimen->file.digest,
		.size = specimen->file.size,
		.kind = specimen->kind,
		.at = INT64_C(1727582400000000000),
		.path = "/opt/vendor/app",
		.identities = specimen->identities,
	};
	char path[4096];
	struct stat status;
	FILE *file;

	if (embargo_learned_list_append(path_of("kept", "learned", path), &entry) ||
	    stat(path, &status))
		exit(1);
	/* A size for which the target asks the finder, too. */
	file = fopen(path, "ae");
	for (off_t size = status.st_size; file && size % 32; size++)
		fputc('\n', file);
	if (!file || fclose(file))
		exit(1);
}

/* Without the sum, which the target makes. */
static void put_last(const char *policy)
{
	const struct embargo_policy_request request = { .files = &policy, .count = 1 };
	struct embargo_last last = { .rule_count = 1, .made = 5, .issued = 4 };
	struct embargo_diagnostic diagnostic = { .line = 0 };
	char path[4096], text[2048];
	struct stat status;

	if (embargo_policy_compile_host(&request, &last.tables, &diagnostic)) {
		fprintf(stderr, "%s\n", embargo_diagnostic_format(&diagnostic, text, sizeof(text)));
		exit(1);
	}
	last.policies = calloc(1, sizeof(*last.policies));
	last.policy_count = 1;
	strcpy(last.policies[0].id, "p");
	if (embargo_last_write(path_of("kept", "last", path), &last) || stat(path, &status) ||
	    truncate(path, status.st_size - EMBARGO_SHA256_SIZE))
		exit(1);
	embargo_last_free(&last);
}

/* The first byte says who speaks: see tests/fuzz/answer_fuzz.c. */
static void put_answers(const struct embargo_specimen *specimen)
{
	static const char members[] =
		"\1file\0"
		"12\0elf\0/opt/a\0"
		"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\0"
		"left\0"
		"3\0interpreted\0\0\0end\0\0\0\0\0";
	static const char wordless[] = "\1refused\0001\0\0\0\0";
	static const char rpm[] = "\2/proc/self/fdinfo\0vendor\0001-1\0Vendor Ltd\0abcd\0";
	const struct embargo_diagnostic diagnostic = { .line = 1 };
	const struct embargo_import_entry entry = { .name = "a", .provenance = "b", .sized = true };
	const struct embargo_import_package package = { "deb", "a", "b", "c" };
	struct embargo_answer_head head;
	struct message hostile;
	json_t *object;
	char *text;
	FILE *out = create("answer", "source");

	fputc(0, out);
	if (say_entry(out, &entry) || say_package(out, &package) || say_supplier(out, "a", 2) ||
	    say_note(out, "a") || say_progress(out, 1, 2) || say_result(out, -22, &diagnostic) ||
	    fclose(out))
		exit(1);
	/* What a process says that a file has taken over: all bits set, in a form that passes. */
	memset(&hostile, 0xff, sizeof(hostile));
	hostile.saying = SAYING_ENTRY;
	hostile.kind = EMBARGO_KIND_UNKNOWN;
	for (size_t i = 0; i < TEXTS; i++)
		hostile.lengths[i] = 0;
	out = create("answer", "hostile");
	fputc(0, out);
	if (fwrite(&hostile, sizeof(hostile), 1, out) != 1 || fclose(out))
		exit(1);
	put("answer", "members", members, sizeof(members) - 1);
	put("answer", "wordless", wordless, sizeof(wordless) - 1);
	put("answer", "rpm", rpm, sizeof(rpm) - 1);
	if (embargo_specimen_to_json(specimen, &object))
		exit(1);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (!text)
		exit(1);
	head.length = (uint32_t)strlen(text);
	out = create("answer", "specimen");
	fputc(3, out);
	if (fwrite(&head, sizeof(head), 1, out) != 1 || fputs(text, out) < 0 || fclose(out))
		exit(1);
	free(text);
}

int main(int argc, char **argv)
{
	struct embargo_specimen specimen;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "Usage: own_seeds FOLDER SPECIMEN POLICY\n");
		return 2;
	}
	folder = argv[1];
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || embargo_specimen_read(fd, &specimen)) {
		perror(argv[2]);
		return 1;
	}
	put_events();
	put_versions();
	put_learned(&specimen);
	put_last(argv[3]);
	put_answers(&specimen);
	embargo_specimen_free(&specimen);
	return 0;
}
