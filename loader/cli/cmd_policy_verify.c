// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo policy verify`: would this host, or one with other anchors, believe a policy? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"
#include "loader/base/log.h"
#include "loader/base/utf8.h"
#include "loader/cli/cmd_policy.h"
#include "loader/enact/editions.h"
#include "loader/json/json.h"
#include "loader/kernel/clock.h"
#include "loader/model/time.h"
#include "loader/policy/list.h"
#include "loader/policy/policy.h"
#include "loader/trust/trust.h"

struct options {
	const char *trust, *versions;
	uint64_t required;
	bool json;
};

static const struct embargo_option table[] = {
	{ .name = "trust",
	  .argument = "FOLDER",
	  .summary = "the anchors and revocation lists there, not the host's",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, trust) },
	{ .name = "signatures-required",
	  .argument = "N",
	  .summary = "so many signers, not as many as the host's settings say",
	  .type = EMBARGO_OPTION_NUMBER,
	  .offset = offsetof(struct options, required) },
	{ .name = "versions",
	  .argument = "FILE",
	  .summary = "what a host remembers, as its /var/lib/embargo/versions",
	  .type = EMBARGO_OPTION_TEXT,
	  .offset = offsetof(struct options, versions) },
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	EMBARGO_OPTIONS_END,
};

/* What a file is held against. */
struct measure {
	struct embargo_trust *trust;
	struct embargo_versions versions; /* that were in force: the host's, or nobody's */
};

enum state {
	UNKNOWN, /* it could not be looked at */
	REFUSED,
	BELIEVED,
};

/* All that is known of one file. */
struct finding {
	const char *file;
	uint64_t required;
	struct embargo_signed signers;
	struct embargo_policy *policy; /* NULL where it is not to be believed */
	enum state state;
	bool is_replayed, is_expired;  /* though believed */
	struct embargo_diagnostic why; /* where it is not believed, or is replayed */
};

static int read_trust(const struct options *options, struct embargo_trust **trust)
{
	const char *folder = options->trust ? options->trust : EMBARGO_TRUST_FOLDER;
	struct embargo_settings settings = { .arena = NULL };
	struct embargo_diagnostic diagnostic = { 0 };
	uint64_t required = options->required;
	int error = 0;

	if (!required && !options->trust) {
		error = embargo_settings_read(NULL, &settings, &diagnostic);
		required = settings.signatures_required;
		embargo_settings_free(&settings);
	}
	if (!error)
		error = embargo_trust_read(folder, required, trust, &diagnostic);
	if (!error && !embargo_trust_has_anchors(*trust)) {
		embargo_trust_free(TAKE_PTR(*trust));
		error = -ENOKEY;
		embargo_diagnostic_at(&diagnostic, folder, 0, 0);
		embargo_diagnostic_remedy(&diagnostic, "put the certificates of those who sign "
						       "there (*.pem), or name another --trust");
		embargo_diagnostic_what(&diagnostic, error, "holds no anchor");
	}
	if (error)
		embargo_log_diagnostic("policy verify", &diagnostic);
	return error;
}

/*
 * The host's own where it is this host that is asked about. One that keeps them from this user does
 * not keep the rest of the answer from him; one that somebody names has to be there.
 */
static int read_versions(const struct options *options, struct embargo_versions *versions)
{
	const char *file = options->versions ? options->versions : EMBARGO_VERSIONS_FILE;
	int error;

	if (!options->versions && options->trust)
		return 0;
	error = options->versions && access(file, F_OK) ? -errno : 0;
	if (!error)
		error = embargo_versions_read(file, versions);
	if (error)
		embargo_log_error(file, "%s%s", embargo_file_error(error),
				  options->versions ? ""
						    : "; it was not looked for older editions");
	else if (versions->is_damaged)
		embargo_log_error(file, "is damaged: only what can be read of it counts here");
	return options->versions ? error : 0;
}

static void free_measure(struct measure *measure)
{
	embargo_trust_free(measure->trust);
	embargo_versions_free(&measure->versions);
}

static int pass_over(void *context, const struct embargo_list_entry *entry)
{
	(void)context;
	(void)entry;
	return 0;
}

/* The signature binds the lists by their digests: one that is another is not believed either. */
static int read_lists(const struct embargo_policy *policy, struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	for (size_t i = 0; i < policy->rule_count && !error; i++)
		for (size_t j = 0; j < policy->rules[i].list_count && !error; j++)
			error = embargo_list_read(policy, &policy->rules[i].lists[j], pass_over,
						  NULL, diagnostic);
	return error;
}

static void look_at(struct finding *finding, const struct measure *measure)
{
	const struct embargo_policy_proof proof = { measure->trust, true, &finding->signers };
	int error =
		embargo_policy_read_proved(finding->file, &proof, &finding->policy, &finding->why);

	if (!error) {
		error = read_lists(finding->policy, &finding->why);
		error = error == -EINVAL ? -EKEYREJECTED : error;
	}
	if (error) {
		finding->state = error == -EKEYREJECTED ? REFUSED : UNKNOWN;
		return;
	}
	finding->state = BELIEVED;
	finding->is_replayed =
		embargo_editions_judge(finding->policy, &measure->versions, &finding->why) != 0;
	finding->is_expired =
		finding->policy->expires.set && finding->policy->expires.ns <= embargo_clock_now();
}

static bool is_believed(const struct finding *finding)
{
	return finding->state == BELIEVED;
}

static enum embargo_exit exit_of(const struct finding *finding)
{
	if (finding->state == UNKNOWN)
		return EMBARGO_EXIT_FAILURE;
	return is_believed(finding) && !finding->is_replayed && !finding->is_expired
		       ? EMBARGO_EXIT_YES
		       : EMBARGO_EXIT_NO;
}

static void print_moment(const char *what, const struct embargo_moment *moment)
{
	char text[EMBARGO_TIME_TEXT];

	if (moment->set)
		printf(", %s %s", what, embargo_time_format(moment->ns, text, sizeof(text)));
}

static void print_signer(const struct embargo_signed_signer *signer)
{
	char text[EMBARGO_TIME_TEXT];

	printf("  signer    %s", signer->subject[0] ? signer->subject : "unknown");
	if (signer->issuer[0])
		printf(", issued by %s, serial %s", signer->issuer, signer->serial);
	if (signer->is_dated)
		printf(", at %s", embargo_time_format(signer->at, text, sizeof(text)));
	printf(": %s\n", embargo_signed_fault_text(signer->fault));
}

static void print_finding(const struct finding *finding)
{
	const struct embargo_policy *policy = finding->policy;
	char name[4096];

	embargo_utf8_printable(finding->file, name, sizeof(name));
	if (is_believed(finding))
		printf("%s: believed, by %zu of %" PRIu64 " signatures\n", name,
		       finding->signers.counting, finding->required);
	else
		printf("%s: %s\n", name,
		       finding->state == REFUSED ? "not believed" : "could not be looked at");
	if (policy) {
		printf("  policy    %s, version %" PRIu64, policy->id, policy->version);
		print_moment("issued", &policy->issued);
		print_moment("expires", &policy->expires);
		putchar('\n');
	}
	for (size_t i = 0; i < finding->signers.count; i++)
		print_signer(&finding->signers.signers[i]);
	if (finding->is_expired)
		embargo_log_error(finding->file,
				  "has expired; look for a newer edition: this one would stay in "
				  "force");
	if (!is_believed(finding) || finding->is_replayed)
		embargo_log_diagnostic(finding->file, &finding->why);
}

static int add_signer(json_t *array, const struct embargo_signed_signer *signer)
{
	bool counts = signer->fault == EMBARGO_SIGNED_COUNTS;
	const char *known = signer->subject[0] ? signer->subject : NULL;
	json_t *object = json_object();
	int failed = embargo_json_set_text(object, "subject", known);

	failed |= embargo_json_set_text(object, "issuer", known ? signer->issuer : NULL);
	failed |= embargo_json_set_text(object, "serial_hex", known ? signer->serial : NULL);
	failed |= signer->is_dated ? embargo_json_set_time(object, "signed", signer->at)
				   : embargo_json_set(object, "signed", json_null());
	failed |= embargo_json_set(object, "counts", json_boolean(counts));
	failed |= embargo_json_set_text(object, "reason",
					counts ? NULL : embargo_signed_fault_text(signer->fault));
	failed |= embargo_json_set_text(object, "remedy",
					counts ? NULL : embargo_signed_fault_remedy(signer->fault));
	failed |= json_array_append_new(array, object);
	return failed;
}

static int set_moment(json_t *object, const char *key, const struct embargo_moment *moment)
{
	return moment && moment->set ? embargo_json_set_time(object, key, moment->ns)
				     : embargo_json_set(object, key, json_null());
}

static int add_finding(json_t *array, const struct finding *finding)
{
	const struct embargo_policy *policy = finding->policy;
	json_t *object = json_object(), *signers = json_array();
	bool has_reason = !is_believed(finding) || finding->is_replayed;
	int failed = embargo_json_set_path(object, "path", finding->file);

	failed |= finding->state == UNKNOWN ? embargo_json_set(object, "believed", json_null())
					    : embargo_json_set(object, "believed",
							       json_boolean(is_believed(finding)));
	failed |= embargo_json_set_text(object, "reason", has_reason ? finding->why.what : NULL);
	failed |= embargo_json_set_text(object, "remedy", has_reason ? finding->why.remedy : NULL);
	failed |= embargo_json_set_number(object, "signatures_required", finding->required);
	failed |= embargo_json_set_number(object, "signatures", finding->signers.counting);
	failed |= embargo_json_set_text(object, "policy", policy ? policy->id : NULL);
	failed |= policy ? embargo_json_set_number(object, "version", policy->version)
			 : embargo_json_set(object, "version", json_null());
	failed |= set_moment(object, "issued", policy ? &policy->issued : NULL);
	failed |= set_moment(object, "expires", policy ? &policy->expires : NULL);
	failed |= embargo_json_set(object, "expired", json_boolean(finding->is_expired));
	failed |= embargo_json_set(object, "replayed", json_boolean(finding->is_replayed));
	for (size_t i = 0; i < finding->signers.count; i++)
		failed |= add_signer(signers, &finding->signers.signers[i]);
	failed |= embargo_json_set(object, "signers", signers);
	failed |= json_array_append_new(array, object);
	return failed;
}

/* The worst of all answers; what could not be looked at is worse than what is not believed. */
static int verify(const struct options *options, const struct measure *measure, int argc,
		  char **argv)
{
	_cleanup_json_ json_t *array = options->json ? json_array() : NULL;
	int worst = EMBARGO_EXIT_YES, failed = 0;

	for (int i = 0; i < argc; i++) {
		struct finding finding = { .file = argv[i],
					   .required = embargo_trust_required(measure->trust) };

		look_at(&finding, measure);
		if (array)
			failed |= add_finding(array, &finding);
		else
			print_finding(&finding);
		embargo_policy_free(finding.policy);
		if ((int)exit_of(&finding) > worst)
			worst = exit_of(&finding);
	}
	if (array && (failed || embargo_json_print(array, stdout)))
		return EMBARGO_EXIT_FAILURE;
	return worst;
}

static int run(int argc, char **argv)
{
	_cleanup_(free_measure) struct measure measure = { .trust = NULL };
	struct options options = { 0 };
	int status = embargo_options_parse(&embargo_verb_policy_verify, &argc, &argv, &options);

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (!argc)
		return embargo_options_refuse(&embargo_verb_policy_verify, NULL);
	if (options.required > EMBARGO_TRUST_REQUIRED_MOST) {
		embargo_log_error("--signatures-required", "takes a number from 1 to 8");
		return EMBARGO_EXIT_FAILURE;
	}
	if (read_trust(&options, &measure.trust) || read_versions(&options, &measure.versions))
		return EMBARGO_EXIT_FAILURE;
	return verify(&options, &measure, argc, argv);
}

const struct embargo_verb embargo_verb_policy_verify = {
	.name = "policy verify",
	.operands = "FILE...",
	.summary = "who signed policies, and would this host believe them?",
	.details = "Exits with 1 where one is not to be believed, has expired, or is older than "
		   "what\nwas in force, and with 2 where one could not be looked at.",
	.options = table,
	.run = run,
};
