/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies: what they say, and the one way from files on disk to the tables that the kernel gets.
 */
#ifndef EMBARGO_POLICY_POLICY_H
#define EMBARGO_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "loader/base/diagnostic.h"
#include "loader/model/identity.h"
#include "loader/model/names.h"
#include "loader/model/tables.h"
#include "loader/policy/settings.h"

#define EMBARGO_POLICY_FOLDER	      "/etc/embargo/policy.d"
#define EMBARGO_POLICY_SHIPPED_FOLDER EMBARGO_PREFIX "/share/embargo/policy"

/*
 * Bounds of a policy. A generation is compiled by root before anything else of a boot can help, so
 * each of them keeps time and memory small whatever the file holds.
 */
#define EMBARGO_POLICY_BYTES \
	(1 << 20)		  /* a policy is written by people; lists are files of their own */
#define EMBARGO_POLICY_DEPTH 16	  /* the grammar needs 6 */
#define EMBARGO_POLICY_KEYS  1024 /* of one mapping: duplicates are found by comparing each pair */
#define EMBARGO_POLICY_COUNT 64	  /* policies of a generation */
#define EMBARGO_POLICY_RULES 4096 /* rules of a generation */
#define EMBARGO_POLICY_NAMED \
	1024 /* authorities, and vendors, of a policy: their ids are compared in pairs */
#define EMBARGO_POLICY_LISTS	    256	  /* digest lists of a rule: each is a file to be opened */
#define EMBARGO_POLICY_IDENTITIES   16384 /* of a rule: more digests than that want a list */
#define EMBARGO_POLICY_STAGES	    16	  /* of a schedule: four of them always fit one timeline */
#define EMBARGO_POLICY_PATH	    4095  /* bytes of a path: what the kernel itself takes */
#define EMBARGO_POLICY_COMPONENT    255	  /* bytes between two slashes: NAME_MAX */
#define EMBARGO_POLICY_PACKAGE_NAME 5 /* characters that a package's name needs to stand alone */
#define EMBARGO_POLICY_DIGESTS	    (1 << 22) /* of a generation: 200 MB while compiling */
#define EMBARGO_POLICY_GRACE_MOST   3600 /* seconds: who needs longer to end does not mean to */
#define EMBARGO_POLICY_GRACE	    10	 /* seconds, where a rule says nothing */
/* Waivers of a generation: each is a decision that somebody made and signs for. With more the rules
 * are wrong, and it is those that want changing. */
#define EMBARGO_POLICY_WAIVERS 1024

/* Where something stands in its file, from 1. */
struct embargo_mark {
	unsigned int line;
	unsigned int column;
};

struct embargo_moment {
	bool set;
	int64_t ns; /* since 1970-01-01T00:00:00Z */
};

struct embargo_authority {
	const char *id;
	const char *cite;
	const char *binds; /* or NULL */
	struct embargo_moment from;
	struct embargo_mark mark;
};

struct embargo_vendor {
	const char *id;
	const char **names;
	size_t name_count;
	struct embargo_mark mark;
};

struct embargo_stage {
	int64_t at;
	const char *written; /* `at` as the policy has it */
	enum embargo_action action;
	const char *authority_id;		   /* or NULL */
	const struct embargo_authority *authority; /* or NULL */
	struct embargo_mark mark;
};

struct embargo_schedule {
	const char *id;
	struct embargo_stage *stages; /* by `at`, ascending */
	size_t stage_count;
	struct embargo_mark mark;
};

/* Which schedule a rule follows, by the host's profile. */
struct embargo_choice {
	const char *profile; /* NULL: every profile's, and then it is the only choice */
	const char *schedule_id;
	const struct embargo_schedule *schedule;
	struct embargo_mark mark;
};

struct embargo_list {
	const char *file; /* as the policy has it */
	const char *path; /* with the policy's folder before it */
	enum embargo_kind of;
	bool checked; /* the whole file must have the digest `sha256` */
	struct embargo_digest sha256;
	struct embargo_mark mark;
};

/* What a rule names. */
struct embargo_pattern {
	struct embargo_identity identity; /* its kind and, for kinds found in files, its values */
	struct embargo_digest digest;
	bool sized;
	uint64_t size;
	const char *path; /* absolute; with a slash at its end a prefix */
	struct embargo_mark mark;
};

struct embargo_rule {
	const char *id;
	const char *vendor_id;
	const struct embargo_vendor *vendor;
	struct embargo_choice *choices;
	size_t choice_count;
	struct embargo_list *lists;
	size_t list_count;
	struct embargo_pattern *patterns;
	size_t pattern_count;
	bool all;	    /* each pattern has to match, not any */
	bool require_valid; /* ... by a signature that is valid */
	bool opens;	    /* what it names cannot be opened to be read either */
	bool terminates;    /* what runs already is stopped when the rule begins to deny */
	uint64_t grace;	    /* seconds from SIGTERM to SIGKILL; 0: EMBARGO_POLICY_GRACE */
	struct embargo_mark mark;
};

/* Permission for what one identity names: no rule of its scope asks for more than audit of it. */
struct embargo_waiver {
	struct embargo_pattern identity;
	struct embargo_moment from; /* not set: from ever */
	int64_t until;		    /* ns since 1970; no longer at that very moment */
	const char *ticket;	    /* below EMBARGO_NAME_SIZE */
	const char *reason;
	const char *by; /* who approved it */
	struct embargo_mark mark;
};

/* Whose rules the waivers of a policy waive: its own, or those that `waives:` names. */
struct embargo_waives {
	bool any;
	const char **policies;
	size_t count; /* 0, and not any: its own */
	struct embargo_mark mark;
};

struct embargo_policy {
	struct embargo_arena *arena; /* owns all that is below */
	const char *file;
	const char *text; /* as it was read */
	size_t text_length;
	bool is_signed; /* these bytes, by as many of the anchors' signers as the host requires */
	const char *id;
	uint64_t version;
	struct embargo_moment issued;
	struct embargo_moment expires;
	bool deny_on_error;
	struct embargo_authority *authorities;
	size_t authority_count;
	struct embargo_vendor *vendors;
	size_t vendor_count;
	struct embargo_schedule *schedules;
	size_t schedule_count;
	struct embargo_rule *rules;
	size_t rule_count; /* may be 0 where there are waivers */
	struct embargo_waiver *waivers;
	size_t waiver_count;
	struct embargo_waives waives;
	struct embargo_mark mark; /* of its id */
};

/* Of which policies signatures are demanded, where the host has anchors. */
enum embargo_policy_demand {
	EMBARGO_DEMAND_ALL,  /* whoever puts them in force */
	EMBARGO_DEMAND_HOST, /* of the host's own, not of drafts that are named */
	EMBARGO_DEMAND_NONE, /* they were put in force, and kept by this program since */
};

/* What a host is asked to enforce. */
struct embargo_policy_request {
	const char *const *files; /* policies, or folders of *.yaml */
	size_t count;		  /* 0: what the settings name, else EMBARGO_POLICY_FOLDER */
	const char *settings;	  /* NULL: EMBARGO_SETTINGS_FILE, which may be absent */
	const char *profile;	  /* before the settings' own; NULL: the settings' */
	bool shipped_fallback;	  /* the host has no policy: take the shipped ones */
	const char *learned;	  /* the list of learned digests; NULL: none count */
	uint64_t anchors;  /* ... whose chains rest on these: see embargo_learned_entry_rest() */
	const char *trust; /* the folder of anchors; NULL: EMBARGO_TRUST_FOLDER */
	enum embargo_policy_demand demand;
};

struct embargo_policy_set {
	struct embargo_settings settings;
	char *profile;	  /* of this host, or NULL */
	bool is_hosts;	  /* all that this host has, and not what somebody named */
	char *learned;	  /* the list of learned digests, or NULL */
	uint64_t anchors; /* as in the request */
	bool is_anchored; /* the host has anchors, so that a policy can be signed or not */
	struct embargo_policy **policies;
	size_t count;
};

/*
 * All functions here fill @diagnostic where they fail, and leave their outputs untouched then.
 * Errors: -EINVAL something in a file is wrong, -E2BIG a bound is crossed, -ENOENT there is no
 * policy, -ENOMEM, or what reading a file gave.
 */

struct embargo_trust;
struct embargo_signed;

/* How a policy's signature is to be looked at. */
struct embargo_policy_proof {
	const struct embargo_trust *trust; /* NULL: not at all */
	bool is_demanded;		   /* or else it is only noted whether it holds */
	struct embargo_signed *signers;	   /* gets who signed; or NULL */
};

/*
 * Reads, verifies, parses and validates one policy, in that order: the bytes that were verified are
 * those that are parsed, and before they were nothing looks into them. Its digest lists are read
 * when it is compiled; a policy that is signed has to name their digests. -EKEYREJECTED: it is not
 * to be believed.
 */
int embargo_policy_read_proved(const char *file, const struct embargo_policy_proof *proof,
			       struct embargo_policy **policy,
			       struct embargo_diagnostic *diagnostic);

/* The same, whoever signed it or did not. */
int embargo_policy_read(const char *file, struct embargo_policy **policy,
			struct embargo_diagnostic *diagnostic);
void embargo_policy_free(struct embargo_policy *policy);

/* Refuses (-EINVAL) a list without a sha256 in a policy that is signed. */
int embargo_policy_check_lists(const struct embargo_policy *policy,
			       struct embargo_diagnostic *diagnostic);

/* Reads the host's settings and all the policies that @request asks for. */
int embargo_policy_set_read(const struct embargo_policy_request *request,
			    struct embargo_policy_set **set, struct embargo_diagnostic *diagnostic);
void embargo_policy_set_free(struct embargo_policy_set *set);

/* The latest `issued` of the set, ns since 1970: the clock's floor is never below. INT64_MIN: none.
 */
int64_t embargo_policy_set_issued(const struct embargo_policy_set *set);

/* The schedule of @rule for @profile (NULL: none), or NULL: the rule has several, none for it. */
const struct embargo_schedule *embargo_rule_schedule(const struct embargo_rule *rule,
						     const char *profile);

/* Do the waivers of @policy speak for the rules of @other? */
bool embargo_policy_waives(const struct embargo_policy *policy, const struct embargo_policy *other);

/* What has this id, or NULL. */
const struct embargo_authority *embargo_policy_authority(const struct embargo_policy *policy,
							 const char *id);
const struct embargo_vendor *embargo_policy_vendor(const struct embargo_policy *policy,
						   const char *id);
const struct embargo_policy *embargo_policy_set_find(const struct embargo_policy_set *set,
						     const char *id);

/* Seconds from SIGTERM to SIGKILL for what runs already, where @rule stops it. */
static inline uint64_t embargo_rule_grace(const struct embargo_rule *rule)
{
	return rule->grace ? rule->grace : EMBARGO_POLICY_GRACE;
}

/*
 * Compiles the set for its profile, digest lists, learned digests and all. The caller frees
 * @tables.
 */
int embargo_policy_set_compile(const struct embargo_policy_set *set, struct embargo_tables *tables,
			       struct embargo_diagnostic *diagnostic);

/*
 * The part of it that needs no list: the rules' own timelines, under the numbers that they have in
 * force, and the scopes in which files are to be looked into. The caller frees @tables.
 */
int embargo_policy_set_number(const struct embargo_policy_set *set, struct embargo_tables *tables,
			      struct embargo_diagnostic *diagnostic);

/* Reading and compiling in one step. */
int embargo_policy_compile_host(const struct embargo_policy_request *request,
				struct embargo_tables *tables,
				struct embargo_diagnostic *diagnostic);

/*
 * Refuses (-EPERM) tables that would at any time stop PID 1's program, this program, or the dynamic
 * loader and the libraries that it runs on: a host that runs them could not be repaired. Names the
 * rule and the file. Called before tables are installed. @unseen gets whether PID 1's program is
 * one that this process may not look at; then nothing is known of it.
 */
int embargo_policy_harmless(const struct embargo_policy_set *set,
			    const struct embargo_tables *tables, bool *unseen,
			    struct embargo_diagnostic *diagnostic);

struct embargo_host;

/*
 * Refuses (-EPERM) tables with signers of modules where @host hands compressed modules back and
 * takes none from memory, or may not: no compressed module would get into the kernel any more.
 * Called before tables are installed.
 */
int embargo_policy_modules(const struct embargo_tables *tables, const struct embargo_host *host,
			   struct embargo_diagnostic *diagnostic);

/* Calls @warn for all that is allowed in @policy and yet is hardly meant; @now is ns since 1970. */
int embargo_policy_lint(const struct embargo_policy *policy, int64_t now,
			void (*warn)(void *context, const struct embargo_diagnostic *warning),
			void *context, struct embargo_diagnostic *diagnostic);

#endif
