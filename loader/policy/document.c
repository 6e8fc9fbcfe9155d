// SPDX-License-Identifier: GPL-2.0-or-later
/* Parse: the keys of a policy but for its rules. */
#include "loader/policy/document.h"

#include <errno.h>
#include <string.h>

static int take_cite(const struct embargo_reader *reader, const struct embargo_node *node,
		     void *target)
{
	int error = embargo_text_take(reader, node, target);

	if (!error && strlen(node->text) >= EMBARGO_CITE_SIZE)
		return embargo_reader_refuse(reader, node->mark, -E2BIG,
					     "shorten it: events carry it whole",
					     "a citation of %zu bytes, where %d are the most",
					     strlen(node->text), EMBARGO_CITE_SIZE - 1);
	return error;
}

static int take_authority(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	static const struct embargo_field fields[] = {
		{ "id", embargo_id_take, offsetof(struct embargo_authority, id), true },
		{ "cite", take_cite, offsetof(struct embargo_authority, cite), true },
		{ "binds", embargo_text_take, offsetof(struct embargo_authority, binds), false },
		{ "from", embargo_moment_take, offsetof(struct embargo_authority, from), false },
		{ 0 },
	};
	struct embargo_authority authority = { .mark = node->mark };
	int error = embargo_fields_take(reader, node, "an authority", fields, &authority);

	if (!error)
		*(struct embargo_authority *)target = authority;
	return error;
}

static int take_authorities(const struct embargo_reader *reader, const struct embargo_node *node,
			    void *target)
{
	struct embargo_policy *policy = target;

	return embargo_elements_take(reader, node, "authorities", EMBARGO_POLICY_NAMED,
				     sizeof(*policy->authorities), take_authority,
				     &policy->authorities, &policy->authority_count);
}

static int take_names(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	struct embargo_vendor *vendor = target;

	return embargo_elements_take(reader, node, "names", EMBARGO_POLICY_NAMED,
				     sizeof(*vendor->names), embargo_text_take, &vendor->names,
				     &vendor->name_count);
}

static int take_vendor(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	static const struct embargo_field fields[] = {
		{ "id", embargo_id_take, offsetof(struct embargo_vendor, id), true },
		{ "names", take_names, 0, false },
		{ 0 },
	};
	struct embargo_vendor vendor = { .mark = node->mark };
	int error = embargo_fields_take(reader, node, "a vendor", fields, &vendor);

	if (!error)
		*(struct embargo_vendor *)target = vendor;
	return error;
}

static int take_vendors(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_policy *policy = target;

	return embargo_elements_take(reader, node, "vendors", EMBARGO_POLICY_NAMED,
				     sizeof(*policy->vendors), take_vendor, &policy->vendors,
				     &policy->vendor_count);
}

static int take_action(const struct embargo_reader *reader, const struct embargo_node *node,
		       void *target)
{
	int error = embargo_scalar_check(reader, node);
	enum embargo_action action;

	if (error)
		return error;
	action = embargo_action_parse(node->text);
	if (action == EMBARGO_ACTION_UNKNOWN)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write off, audit, deny-new or deny",
					     "unknown action '%.64s'", node->text);
	*(enum embargo_action *)target = action;
	return 0;
}

static int take_at(const struct embargo_reader *reader, const struct embargo_node *node,
		   void *target)
{
	struct embargo_stage *stage = target;
	struct embargo_moment moment;
	int error = embargo_moment_take(reader, node, &moment);

	if (error)
		return error;
	stage->at = moment.ns;
	stage->written = node->text;
	return 0;
}

static int take_stage(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	static const struct embargo_field fields[] = {
		{ "at", take_at, 0, true },
		{ "action", take_action, offsetof(struct embargo_stage, action), true },
		{ "authority", embargo_id_take, offsetof(struct embargo_stage, authority_id),
		  false },
		{ 0 },
	};
	struct embargo_stage stage = { .mark = node->mark };
	int error = embargo_fields_take(reader, node, "a stage", fields, &stage);

	if (!error)
		*(struct embargo_stage *)target = stage;
	return error;
}

static int take_schedule(const struct embargo_reader *reader, const struct embargo_node *name,
			 struct embargo_schedule *schedule)
{
	int error;

	schedule->mark = name->mark;
	error = embargo_id_take(reader, name, &schedule->id);
	if (!error)
		error = embargo_elements_take(reader, name->next, "stages", EMBARGO_POLICY_STAGES,
					      sizeof(*schedule->stages), take_stage,
					      &schedule->stages, &schedule->stage_count);
	return error;
}

static int take_schedules(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	struct embargo_policy *policy = target;
	const struct embargo_node *name = node->first;
	struct embargo_schedule *schedules;
	int error = 0;

	if (node->kind != EMBARGO_NODE_MAPPING || !node->count)
		return embargo_reader_refuse(reader, node->mark, -EINVAL,
					     "write NAME: and below it the stages, each after "
					     "a dash",
					     "expected schedules by their names");
	schedules = embargo_arena_take(reader->arena, node->count / 2, sizeof(*schedules));
	if (!schedules)
		return embargo_reader_no_memory(reader);
	for (size_t i = 0; name && !error; i++, name = name->next->next)
		error = take_schedule(reader, name, &schedules[i]);
	if (error)
		return error;
	policy->schedules = schedules;
	policy->schedule_count = node->count / 2;
	return 0;
}

static int take_on_error(const struct embargo_reader *reader, const struct embargo_node *node,
			 void *target)
{
	enum embargo_action action = EMBARGO_ACTION_UNKNOWN;
	int error = take_action(reader, node, &action);

	if (error)
		return error;
	if (action != EMBARGO_ACTION_AUDIT && action != EMBARGO_ACTION_DENY)
		return embargo_reader_refuse(reader, node->mark, -EINVAL, "write audit or deny",
					     "on-error cannot be '%.64s'", node->text);
	*(bool *)target = action == EMBARGO_ACTION_DENY;
	return 0;
}

static int take_policy_id(const struct embargo_reader *reader, const struct embargo_node *node,
			  void *target)
{
	struct embargo_policy *policy = target;

	policy->mark = node->mark;
	return embargo_id_take(reader, node, &policy->id);
}

static int take_rules(const struct embargo_reader *reader, const struct embargo_node *node,
		      void *target)
{
	struct embargo_policy *policy = target;

	return embargo_elements_take(reader, node, "rules", EMBARGO_POLICY_RULES,
				     sizeof(*policy->rules), embargo_rule_take, &policy->rules,
				     &policy->rule_count);
}

static int take_waivers(const struct embargo_reader *reader, const struct embargo_node *node,
			void *target)
{
	struct embargo_policy *policy = target;

	return embargo_elements_take(reader, node, "waivers", EMBARGO_POLICY_WAIVERS,
				     sizeof(*policy->waivers), embargo_waiver_take,
				     &policy->waivers, &policy->waiver_count);
}

static bool has_key(const struct embargo_node *mapping, const char *key)
{
	const struct embargo_node *node = mapping->first;

	while (node && strcmp(node->text, key))
		node = node->next->next;
	return node;
}

/* Waivers may come in a document of their own, which needs nothing that rules need. */
static bool is_of_waivers(const struct embargo_node *root)
{
	return root->kind == EMBARGO_NODE_MAPPING && has_key(root, "waivers") &&
	       !has_key(root, "rules");
}

static int check_waives(const struct embargo_reader *reader, const struct embargo_policy *policy)
{
	bool waives = policy->waives.any || policy->waives.count;

	if (waives && !policy->waiver_count)
		return embargo_reader_refuse(reader, policy->waives.mark, -EINVAL,
					     "add waivers:, or take it out",
					     "waives: in a policy without waivers");
	if (!waives && !policy->rule_count)
		return embargo_reader_refuse(reader, policy->mark, -EINVAL,
					     "add waives: any, or waives: with the ids of policies",
					     "waivers for the rules of policy '%s', which has none",
					     policy->id);
	return 0;
}

int embargo_document_parse(const struct embargo_reader *reader, const struct embargo_node *root,
			   struct embargo_policy *policy)
{
	const bool has_rules = !is_of_waivers(root);
	const struct embargo_field fields[] = {
		{ "policy", take_policy_id, 0, true },
		{ "version", embargo_number_take, offsetof(struct embargo_policy, version), true },
		{ "issued", embargo_moment_take, offsetof(struct embargo_policy, issued), false },
		{ "expires", embargo_moment_take, offsetof(struct embargo_policy, expires), false },
		{ "on-error", take_on_error, offsetof(struct embargo_policy, deny_on_error),
		  false },
		{ "authorities", take_authorities, 0, false },
		{ "vendors", take_vendors, 0, has_rules },
		{ "schedules", take_schedules, 0, has_rules },
		{ "rules", take_rules, 0, has_rules },
		{ "waivers", take_waivers, 0, false },
		{ "waives", embargo_waives_take, offsetof(struct embargo_policy, waives), false },
		{ 0 },
	};
	int error = embargo_fields_take(reader, root, "a policy", fields, policy);

	return error ? error : check_waives(reader, policy);
}
