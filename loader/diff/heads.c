// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparing the heads of policies: version, dates, authorities and vendors. */
#include "loader/diff/heads.h"

#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/model/time.h"

static bool is_same(const char *old, const char *fresh)
{
	return old && fresh ? !strcmp(old, fresh) : old == fresh;
}

int embargo_heads_compare(const struct embargo_heads *heads, const char *subject, const char *field,
			  const char *old, const char *fresh, const char *remark)
{
	const struct embargo_head_change change = {
		heads->policy, subject, field, old, fresh, remark,
	};

	return is_same(old, fresh) ? 0 : heads->each(heads->context, &change);
}

int embargo_heads_compare_moments(const struct embargo_heads *heads, const char *subject,
				  const char *field, const struct embargo_moment *old,
				  const struct embargo_moment *fresh)
{
	char was[EMBARGO_TIME_TEXT], is[EMBARGO_TIME_TEXT];

	return embargo_heads_compare(
		heads, subject, field,
		old->set ? embargo_time_format(old->ns, was, sizeof(was)) : NULL,
		fresh->set ? embargo_time_format(fresh->ns, is, sizeof(is)) : NULL, NULL);
}

/* A version that stays though the text does not is nothing that a host could tell. */
static int compare_versions(const struct embargo_heads *heads, const struct embargo_policy *old,
			    const struct embargo_policy *fresh)
{
	const char *remark = fresh->version < old->version
				     ? "a lower version: hosts that had the other refuse it"
				     : NULL;
	char was[24], is[24];

	snprintf(was, sizeof(was), "%llu", (unsigned long long)old->version);
	snprintf(is, sizeof(is), "%llu", (unsigned long long)fresh->version);
	if (old->version == fresh->version && (old->text_length != fresh->text_length ||
					       memcmp(old->text, fresh->text, old->text_length))) {
		const struct embargo_head_change change = {
			heads->policy,
			NULL,
			"version",
			was,
			is,
			"the text is another: raise the version, so that hosts can tell",
		};

		return heads->each(heads->context, &change);
	}
	return embargo_heads_compare(heads, NULL, "version", was, is, remark);
}

static int compare_authority(const struct embargo_heads *heads, const struct embargo_authority *old,
			     const struct embargo_authority *fresh)
{
	char subject[EMBARGO_NAME_SIZE + 16];
	int error;

	snprintf(subject, sizeof(subject), "authority %s", old ? old->id : fresh->id);
	if (!old || !fresh)
		return embargo_heads_compare(heads, subject, NULL, old ? old->cite : NULL,
					     fresh ? fresh->cite : NULL, NULL);
	error = embargo_heads_compare(heads, subject, "cite", old->cite, fresh->cite, NULL);
	if (!error)
		error = embargo_heads_compare(heads, subject, "binds", old->binds, fresh->binds,
					      NULL);
	return error ? error
		     : embargo_heads_compare_moments(heads, subject, "from", &old->from,
						     &fresh->from);
}

static int compare_authorities(const struct embargo_heads *heads, const struct embargo_policy *old,
			       const struct embargo_policy *fresh)
{
	int error = 0;

	for (size_t i = 0; i < old->authority_count && !error; i++)
		error = compare_authority(heads, &old->authorities[i],
					  embargo_policy_authority(fresh, old->authorities[i].id));
	for (size_t i = 0; i < fresh->authority_count && !error; i++)
		if (!embargo_policy_authority(old, fresh->authorities[i].id))
			error = compare_authority(heads, NULL, &fresh->authorities[i]);
	return error;
}

static bool has_name(const struct embargo_vendor *vendor, const char *name)
{
	for (size_t i = 0; vendor && i < vendor->name_count; i++)
		if (!strcmp(vendor->names[i], name))
			return true;
	return false;
}

/* NULL for a side that does not have the vendor. */
static int compare_vendor(const struct embargo_heads *heads, const struct embargo_vendor *old,
			  const struct embargo_vendor *fresh)
{
	char subject[EMBARGO_NAME_SIZE + 16];
	int error = 0;

	snprintf(subject, sizeof(subject), "vendor %s", old ? old->id : fresh->id);
	if (!old || !fresh)
		return embargo_heads_compare(heads, subject, NULL, old ? old->id : NULL,
					     fresh ? fresh->id : NULL, NULL);
	for (size_t i = 0; i < old->name_count && !error; i++)
		if (!has_name(fresh, old->names[i]))
			error = embargo_heads_compare(heads, subject, "name", old->names[i], NULL,
						      NULL);
	for (size_t i = 0; i < fresh->name_count && !error; i++)
		if (!has_name(old, fresh->names[i]))
			error = embargo_heads_compare(heads, subject, "name", NULL, fresh->names[i],
						      NULL);
	return error;
}

static int compare_vendors(const struct embargo_heads *heads, const struct embargo_policy *old,
			   const struct embargo_policy *fresh)
{
	int error = 0;

	for (size_t i = 0; i < old->vendor_count && !error; i++)
		error = compare_vendor(heads, &old->vendors[i],
				       embargo_policy_vendor(fresh, old->vendors[i].id));
	for (size_t i = 0; i < fresh->vendor_count && !error; i++)
		if (!embargo_policy_vendor(old, fresh->vendors[i].id))
			error = compare_vendor(heads, NULL, &fresh->vendors[i]);
	return error;
}

static int compare_policies(const struct embargo_heads *heads, const struct embargo_policy *old,
			    const struct embargo_policy *fresh)
{
	int error = compare_versions(heads, old, fresh);

	if (!error)
		error = embargo_heads_compare_moments(heads, NULL, "issued", &old->issued,
						      &fresh->issued);
	if (!error)
		error = embargo_heads_compare_moments(heads, NULL, "expires", &old->expires,
						      &fresh->expires);
	if (!error)
		error = embargo_heads_compare(
			heads, NULL, "on-error", old->deny_on_error ? "deny" : "audit",
			fresh->deny_on_error ? "deny" : "audit",
			fresh->deny_on_error
				? "a file whose digest cannot be had is refused"
				: "a file whose digest cannot be had runs, and is told of");
	if (!error)
		error = compare_authorities(heads, old, fresh);
	if (!error)
		error = compare_vendors(heads, old, fresh);
	return error ? error : embargo_heads_compare_waivers(heads, old, fresh);
}

int embargo_diff_heads(const struct embargo_policy_set *old, const struct embargo_policy_set *fresh,
		       int (*each)(void *context, const struct embargo_head_change *change),
		       void *context)
{
	struct embargo_heads heads = { each, context, NULL };
	int error = 0;

	for (size_t i = 0; i < old->count && !error; i++) {
		const struct embargo_policy *policy = old->policies[i];
		const struct embargo_policy *other = embargo_policy_set_find(fresh, policy->id);

		heads.policy = policy->id;
		error = other ? compare_policies(&heads, policy, other)
			      : embargo_heads_compare(&heads, NULL, NULL, policy->id, NULL, NULL);
	}
	for (size_t i = 0; i < fresh->count && !error; i++) {
		heads.policy = fresh->policies[i]->id;
		if (!embargo_policy_set_find(old, heads.policy))
			error = embargo_heads_compare(&heads, NULL, NULL, NULL, heads.policy, NULL);
	}
	return error;
}
