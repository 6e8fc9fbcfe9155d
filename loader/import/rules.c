// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing a policy: what is hostile in the texts stays within its quotes and comments. */
#include "loader/import/rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/hex.h"
#include "loader/base/utf8.h"
#include "loader/model/time.h"
#include "loader/policy/policy.h"

/* Its address is its own: the stream writes to it. */
struct embargo_rules_group {
	struct embargo_rules_group *next;
	char *supplier; /* or NULL */
	int64_t from, until;
	size_t vendor, schedule; /* their numbers, from 1: those who are the same have the same */
	FILE *lines;		 /* of `any:` */
	char *text;
	size_t size, count;
};

/*
 * In one line, of what a YAML text may hold: of printable characters it lacks U+FEFF, U+FFFE and
 * U+FFFF (yaml.org/spec/1.2.2, 5.1).
 */
static const char *one_line(const char *text, char *line, size_t size)
{
	embargo_utf8_printable(text, line, size);
	for (char *at = line; (at = strchr(at, 0xef)); at++)
		if (!memcmp(at, "\xef\xbb\xbf", 3) || !memcmp(at, "\xef\xbf\xbe", 3) ||
		    !memcmp(at, "\xef\xbf\xbf", 3))
			memset(at, '?', 3);
	return line;
}

static void write_quoted(FILE *out, const char *text)
{
	char line[1024];

	fputc('\'', out);
	for (const char *at = one_line(text, line, sizeof(line)); *at; at++)
		fputs(*at == '\'' ? "''" : (const char[]) { *at, 0 }, out);
	fputc('\'', out);
}

static bool is_same(const char *left, const char *right)
{
	return left && right ? !strcmp(left, right) : left == right;
}

static struct embargo_rules_group *find_group(const struct embargo_rules *rules,
					      const char *supplier, int64_t from, int64_t until)
{
	struct embargo_rules_group *group = rules->first;

	while (group && (group->from != from || group->until != until ||
			 !is_same(group->supplier, supplier)))
		group = group->next;
	return group;
}

/* Of an earlier group that has the same, or the next. */
static void number_group(const struct embargo_rules *rules, struct embargo_rules_group *group)
{
	size_t vendors = 0, schedules = 0;

	for (const struct embargo_rules_group *other = rules->first; other; other = other->next) {
		if (is_same(other->supplier, group->supplier))
			group->vendor = other->vendor;
		if (other->from == group->from && other->until == group->until)
			group->schedule = other->schedule;
		vendors = other->vendor > vendors ? other->vendor : vendors;
		schedules = other->schedule > schedules ? other->schedule : schedules;
	}
	if (!group->vendor)
		group->vendor = vendors + 1;
	if (!group->schedule)
		group->schedule = schedules + 1;
}

static void free_group(struct embargo_rules_group *group)
{
	if (group->lines)
		fclose(group->lines);
	free(group->text);
	free(group->supplier);
	free(group);
}

static int add_group(struct embargo_rules *rules, const char *supplier, int64_t from, int64_t until,
		     struct embargo_rules_group **group)
{
	struct embargo_rules_group *made;

	/* As many as a policy has vendors, and so few that their names can be compared. */
	if (rules->count == EMBARGO_POLICY_NAMED)
		return -E2BIG;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->from = from;
	made->until = until;
	made->supplier = supplier ? strdup(supplier) : NULL;
	made->lines = open_memstream(&made->text, &made->size);
	if (!made->lines || (supplier && !made->supplier)) {
		free_group(made);
		return -ENOMEM;
	}
	number_group(rules, made);
	if (rules->last)
		rules->last->next = made;
	else
		rules->first = made;
	rules->last = made;
	rules->count++;
	*group = made;
	return 0;
}

static int take_group(struct embargo_rules *rules, const char *supplier, int64_t from,
		      int64_t until, struct embargo_rules_group **group)
{
	*group = find_group(rules, supplier, from, until);
	return *group ? 0 : add_group(rules, supplier, from, until, group);
}

static void write_comment(FILE *out, const char *indent, const char *text)
{
	char line[1024];

	if (text[0])
		fprintf(out, "%s# %s\n", indent, one_line(text, line, sizeof(line)));
}

/* What was written since @before counts; too much of it is no policy any more. */
static int count_bytes(struct embargo_rules *rules, struct embargo_rules_group *group, long before)
{
	group->count++;
	rules->bytes += (size_t)(ftell(group->lines) - before);
	if (rules->bytes > EMBARGO_RULES_BYTES || group->count > EMBARGO_POLICY_IDENTITIES)
		return -E2BIG;
	return ferror(group->lines) ? -ENOMEM : 0;
}

int embargo_rules_head(struct embargo_rules *rules, const char *text)
{
	char line[1024], *heads;

	if (asprintf(&heads, "%s# %s\n", rules->heads ? rules->heads : "",
		     one_line(text, line, sizeof(line))) < 0)
		return -ENOMEM;
	free(rules->heads);
	rules->heads = heads;
	return strlen(heads) > EMBARGO_RULES_BYTES ? -E2BIG : 0;
}

int embargo_rules_add(struct embargo_rules *rules, const struct embargo_import_entry *entry)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];
	struct embargo_rules_group *group;
	int error = take_group(rules, entry->supplier, entry->from, entry->until, &group);
	long before;

	if (error)
		return error;
	before = ftell(group->lines);
	write_comment(group->lines, "      ", entry->provenance);
	write_comment(group->lines, "      ", entry->name);
	embargo_hex_format(entry->digest.bytes, EMBARGO_SHA256_SIZE, hex);
	if (entry->sized)
		fprintf(group->lines, "      - { sha256: %s, size: %" PRIu64 " }\n", hex,
			entry->size);
	else
		fprintf(group->lines, "      - { sha256: %s }\n", hex);
	return count_bytes(rules, group, before);
}

/* A name that policies take as it is: long enough, and no pattern. */
static bool stands_alone(const char *name)
{
	return strlen(name) >= EMBARGO_POLICY_PACKAGE_NAME && strlen(name) < 256 &&
	       !strpbrk(name, "*?[");
}

int embargo_rules_add_package(struct embargo_rules *rules,
			      const struct embargo_import_package *package)
{
	struct embargo_rules_group *group;
	long before;
	int error;

	if (!stands_alone(package->name)) {
		rules->short_names++;
		return 0;
	}
	error = take_group(rules, package->supplier, 0, 0, &group);
	if (error)
		return error;
	before = ftell(group->lines);
	write_comment(group->lines, "      ", package->provenance);
	fputs("      - { package: { name: ", group->lines);
	write_quoted(group->lines, package->name);
	fputs(" } }\n", group->lines);
	return count_bytes(rules, group, before);
}

static void write_vendors(const struct embargo_rules *rules, FILE *out)
{
	size_t written = 0;

	fputs("vendors:\n", out);
	for (const struct embargo_rules_group *group = rules->first; group; group = group->next) {
		if (group->vendor <= written)
			continue;
		written = group->vendor;
		fprintf(out, "  - { id: vendor-%zu, names: [ ", group->vendor);
		write_quoted(out, group->supplier ? group->supplier : "not named by the source");
		fputs(" ] }\n", out);
	}
}

static void write_stage(FILE *out, int64_t at, const char *action)
{
	char text[EMBARGO_TIME_TEXT];

	fprintf(out, "    - { at: '%s', action: %s }\n",
		embargo_time_format(at, text, sizeof(text)), action);
}

static void write_schedules(const struct embargo_rules *rules, int64_t now, FILE *out)
{
	size_t written = 0;

	fputs("schedules:\n", out);
	for (const struct embargo_rules_group *group = rules->first; group; group = group->next) {
		if (group->schedule <= written)
			continue;
		written = group->schedule;
		if (!group->from && !group->until)
			fputs("  # Its source gives no date: write here from when it is denied.\n",
			      out);
		fprintf(out, "  schedule-%zu:\n", group->schedule);
		if (group->from)
			write_stage(out, group->from, "deny");
		else if (!group->until || now < group->until)
			write_stage(out, now, "audit");
		if (group->until)
			write_stage(out, group->until, "off");
	}
}

static int write_group(struct embargo_rules_group *group, size_t number, FILE *out)
{
	if (fflush(group->lines))
		return -ENOMEM;
	fprintf(out,
		"  - id: rule-%zu\n    vendor: vendor-%zu\n    schedule: schedule-%zu\n    any:\n",
		number, group->vendor, group->schedule);
	fwrite(group->text, group->size, 1, out);
	return 0;
}

int embargo_rules_write(struct embargo_rules *rules, int64_t now, FILE *out)
{
	long before = ftell(out);
	size_t number = 0;
	int error = 0;

	if (!rules->first)
		return -ENODATA;
	fprintf(out, "%spolicy: imported\nversion: 1\n", rules->heads ? rules->heads : "");
	write_vendors(rules, out);
	write_schedules(rules, now, out);
	fputs("rules:\n", out);
	for (struct embargo_rules_group *group = rules->first; group && !error; group = group->next)
		error = write_group(group, ++number, out);
	if (!error && ftell(out) - before > EMBARGO_RULES_BYTES)
		error = -E2BIG;
	return error;
}

void embargo_rules_free(struct embargo_rules *rules)
{
	while (rules->first) {
		struct embargo_rules_group *group = rules->first;

		rules->first = group->next;
		free_group(group);
	}
	free(rules->heads);
	*rules = (struct embargo_rules) { .first = NULL };
}
