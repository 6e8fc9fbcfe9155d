// SPDX-License-Identifier: GPL-2.0-or-later
/* The host's settings, as strictly read as a policy. */
#include "loader/policy/settings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/model/names.h"
#include "loader/policy/field.h"
#include "loader/policy/policy.h"
#include "loader/policy/source.h"
#include "loader/trust/trust.h"

static int take_max_hash(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	uint64_t bytes;
	int error = embargo_bytes_take(reader, node, &bytes);

	if (error)
		return error;
	if (bytes < EMBARGO_SETTINGS_MAX_HASH_LEAST || bytes > EMBARGO_SETTINGS_MAX_HASH_MOST)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write a size from 1 MiB to 1024 GiB",
					     "max-hash of '%.64s'", node->text);
	*(uint64_t *)target = bytes;
	return 0;
}

static int take_gate(const struct embargo_reader *reader, const struct embargo_node *node,
		     void *target)
{
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	if (strcmp(node->text, "exec") && strcmp(node->text, "off"))
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write exec or off",
					     "gate of '%.64s'", node->text);
	*(bool *)target = !strcmp(node->text, "exec");
	return 0;
}

static int take_guard(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	enum embargo_guard_mode mode;
	int error = embargo_scalar_check(reader, node);

	if (error)
		return error;
	mode = embargo_guard_mode_parse(node->text);
	if (!mode)
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write off, on or locked",
					     "guard of '%.64s'", node->text);
	*(enum embargo_guard_mode *)target = mode;
	return 0;
}

static int take_gate_wait(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	uint64_t seconds;
	int error = embargo_number_take(reader, node, &seconds);

	if (error)
		return error;
	if (seconds > EMBARGO_SETTINGS_GATE_WAIT_MOST)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write a number of seconds from 1 to 4",
					     "gate-wait of '%.64s'", node->text);
	*(uint64_t *)target = seconds;
	return 0;
}

static int take_signatures(const struct embargo_reader *reader, const struct embargo_node *node,
			   void *target)
{
	uint64_t signers;
	int error = embargo_number_take(reader, node, &signers);

	if (error)
		return error;
	if (signers > EMBARGO_TRUST_REQUIRED_MOST)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write a number of signers from 1 to 8",
					     "signatures-required of '%.64s'", node->text);
	*(uint64_t *)target = signers;
	return 0;
}

static int take_policies(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	struct embargo_settings *settings = target;

	return embargo_elements_take(reader, node, "policies", EMBARGO_POLICY_COUNT,
				     sizeof(*settings->policies), embargo_text_take,
				     &settings->policies, &settings->policy_count);
}

/* Above the schedule, never below: only a waiver lets through what a policy denies. */
static int take_stricter_action(const struct embargo_reader *reader,
				const struct embargo_node *node, void *target)
{
	int error = embargo_scalar_check(reader, node);
	enum embargo_action action;

	if (error)
		return error;
	action = embargo_action_parse(node->text);
	if (action == EMBARGO_ACTION_OFF)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "take it out: only a waiver weakens a rule",
					     "stricter: with the action 'off'");
	if (action == EMBARGO_ACTION_UNKNOWN)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write audit, deny-new or deny",
					     "unknown action '%.64s'", node->text);
	*(unsigned int *)target = action;
	return 0;
}

static int take_stricter_at(const struct embargo_reader *reader, const struct embargo_node *node,
			    void *target)
{
	struct embargo_moment moment;
	int error = embargo_moment_take(reader, node, &moment);

	if (!error)
		*(int64_t *)target = moment.ns;
	return error;
}

static int take_one_stricter(const struct embargo_reader *reader, const struct embargo_node *node,
			     void *target)
{
	static const struct embargo_field fields[] = {
		{ "policy", embargo_id_take, offsetof(struct embargo_stricter, policy), true },
		{ "rule", embargo_id_take, offsetof(struct embargo_stricter, rule), false },
		{ "action", take_stricter_action, offsetof(struct embargo_stricter, action), true },
		{ "at", take_stricter_at, offsetof(struct embargo_stricter, at), false },
		{ 0 },
	};
	struct embargo_stricter stricter = { .line = node->mark.line, .column = node->mark.column };
	int error = embargo_fields_take(reader, node, "a stricter: entry", fields, &stricter);

	if (!error)
		*(struct embargo_stricter *)target = stricter;
	return error;
}

static int take_stricter(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	struct embargo_settings *settings = target;

	return embargo_elements_take(reader, node, "stricter: entries", EMBARGO_SETTINGS_STRICTER,
				     sizeof(*settings->stricter), take_one_stricter,
				     &settings->stricter, &settings->stricter_count);
}

static int parse(const struct embargo_reader *reader, const struct embargo_node *root,
		 struct embargo_settings *settings)
{
	static const struct embargo_field fields[] = {
		{ "profile", embargo_id_take, offsetof(struct embargo_settings, profile), false },
		{ "max-hash", take_max_hash, offsetof(struct embargo_settings, max_hash), false },
		{ "terminal", embargo_switch_take, offsetof(struct embargo_settings, terminal),
		  false },
		{ "gate", take_gate, offsetof(struct embargo_settings, gate), false },
		{ "gate-wait", take_gate_wait, offsetof(struct embargo_settings, gate_wait),
		  false },
		{ "guard", take_guard, offsetof(struct embargo_settings, guard), false },
		{ "signatures-required", take_signatures,
		  offsetof(struct embargo_settings, signatures_required), false },
		{ "policies", take_policies, 0, false },
		{ "stricter", take_stricter, 0, false },
		{ 0 },
	};

	return embargo_fields_take(reader, root, "the settings", fields, settings);
}

static int read_file(const char *file, struct embargo_settings *settings,
		     struct embargo_diagnostic *diagnostic)
{
	struct embargo_reader reader = { file, settings->arena, diagnostic, file };
	_cleanup_free_
	char *text = NULL;
	struct embargo_node *root;
	size_t length;
	int error;

	settings->file = embargo_arena_copy(settings->arena, file, strlen(file));
	if (!settings->file)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	error = embargo_source_read(file, &text, &length, diagnostic);
	if (!error)
		error = embargo_tree_read(file, text, length, reader.arena, &root, diagnostic);
	/* All commented out is a way to say "the defaults". */
	if (error == -ENODATA)
		return 0;
	return error ? error : parse(&reader, root, settings);
}

int embargo_settings_read(const char *file, struct embargo_settings *settings,
			  struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_settings_free) struct embargo_settings read = {
		.max_hash = EMBARGO_SETTINGS_MAX_HASH,
		.terminal = true,
		.gate_wait = EMBARGO_SETTINGS_GATE_WAIT,
		.guard = EMBARGO_GUARD_OFF,
	};
	int error = 0;

	read.arena = embargo_arena_new();
	if (!read.arena)
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	if (file || !access(EMBARGO_SETTINGS_FILE, F_OK) || errno != ENOENT)
		error = read_file(file ? file : EMBARGO_SETTINGS_FILE, &read, diagnostic);
	if (error)
		return error;
	*settings = read;
	read.arena = NULL;
	return 0;
}

void embargo_settings_free(struct embargo_settings *settings)
{
	embargo_arena_free(settings->arena);
	settings->arena = NULL;
}
