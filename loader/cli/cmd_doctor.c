// SPDX-License-Identifier: GPL-2.0-or-later
/* `embargo doctor`: what this kernel can do, what is missing, and how to turn it on. */
#include <errno.h>
#include <inttypes.h>
#include <linux/hash_info.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/log.h"
#include "loader/cli/commands.h"
#include "loader/cli/prove_report.h"
#include "loader/host/finding.h"
#include "loader/json/json.h"
#include "loader/kernel/enforcement.h"
#include "loader/kernel/guard.h"
#include "loader/kernel/hooks.h"
#include "loader/kernel/object.h"
#include "loader/model/names.h"
#include "loader/prove/prove.h"

struct options {
	bool json;
	bool prove;
};

static const struct embargo_option table[] = {
	{ .name = "json",
	  .summary = "print JSON",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, json) },
	{ .name = "prove",
	  .summary = "ban harmless canaries of its own, try each way to run them, and say which "
		     "are closed",
	  .type = EMBARGO_OPTION_FLAG,
	  .offset = offsetof(struct options, prove) },
	EMBARGO_OPTIONS_END,
};

/* A clock that nobody vouches for must not raise the floor; dates then rest on the floor alone. */
static void judge_clock(struct embargo_finding *finding)
{
	struct timex clock = { .modes = 0 };
	int state = adjtimex(&clock);

	finding->name = "clock";
	if (state >= 0 && state != TIME_ERROR && !(clock.status & STA_UNSYNC)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "synchronised");
		return;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
			     "not synchronised: the floor rises only while the host is up, so a "
			     "clock set back while it was off undoes the time it was off");
	embargo_finding_remedy(finding, "run a time service (systemd-timesyncd, chrony)");
}

/* What IMA answers when it is really asked is worth more than what it is set to. */
static void judge_digest(struct embargo_object *object, struct embargo_finding *finding)
{
	int answer = embargo_object_try_digest(object);

	finding->name = "digest-tried";
	if (answer == HASH_ALGO_SHA256) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "the kernel was asked for a digest and gave a SHA-256");
		return;
	}
	if (answer < 0)
		embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
				     "the kernel was asked for a digest and gave none: %s",
				     strerror(-answer));
	else
		embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
				     "the kernel was asked for a digest and gave another than "
				     "SHA-256 (algorithm %d)",
				     answer);
	embargo_finding_remedy(finding, "boot a kernel with CONFIG_IMA=y, with ima_hash=sha256; "
					"until then sized lists of modules and path rules work");
}

/* Loads the programs as `run` would, attaches none that denies, and lets go of them again. */
static size_t judge_programs(struct embargo_finding *finding)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_object *object;
	size_t length = 0;

	finding->name = "programs";
	if (geteuid()) {
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "not tried");
		embargo_finding_remedy(finding, "run as root to have them tried");
		return 1;
	}
	if (embargo_object_load(&object, &diagnostic)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_BROKEN, "%s", diagnostic.what);
		if (!strstr(diagnostic.remedy, "doctor"))
			embargo_finding_remedy(finding, "%s", diagnostic.remedy);
		return 1;
	}
	embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "this kernel takes them all:");
	for (size_t i = 0; i < embargo_hook_count; i++) {
		length = strlen(finding->what);
		snprintf(finding->what + length, sizeof(finding->what) - length, " %s",
			 embargo_hook_forms[i].name);
	}
	judge_digest(object, finding + 1);
	embargo_object_free(object);
	return 2;
}

/* What no kernel of today lets us see. */
static void judge_limits(struct embargo_finding *finding)
{
	finding->name = "limits";
	embargo_finding_what(
		finding, EMBARGO_HEALTH_GOOD,
		"a mapping does not tell the kind of its file: lists `of: pe` and `of: script` "
		"without sizes count at exec only; files on FUSE and files above max-hash are not "
		"hashed, and on-error decides about them");
}

/* Who may switch enforcement off. */
static void judge_guard(struct embargo_finding *finding)
{
	struct embargo_guard_view view;

	finding->name = "guard";
	if (embargo_guard_look(&view)) {
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "cannot be seen");
		embargo_finding_remedy(finding, "run as root");
	} else if (view.mode == EMBARGO_GUARD_OFF) {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "off: root can switch enforcement off");
	} else {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "%s%s",
				     embargo_guard_mode_name(view.mode),
				     view.is_open ? ", and open for a while by a token" : "");
	}
}

/* Since when, and by whom: what ran before that, ran. */
static void judge_beginning(struct embargo_finding *finding)
{
	static const char *const ways[] = {
		[EMBARGO_BEGAN_UNKNOWN] = "it is not recorded how that began",
		[EMBARGO_BEGAN_BEFORE_INIT] = "in the initramfs, before this root's init",
		[EMBARGO_BEGAN_KEPT] = "with what was in force last (embargo-early.service)",
		[EMBARGO_BEGAN_POLICIES] = "with policies that were read (embargo run or load)",
	};
	struct embargo_record record = { .load_ms = 0 };

	_Static_assert(ARRAY_SIZE(ways) == EMBARGO_BEGAN_COUNT, "a text for each beginning");
	finding->name = "beginning";
	if (embargo_enforcement_record(&record))
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD, "nothing is in force");
	else if (record.beginning == EMBARGO_BEGAN_UNKNOWN)
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "%s", ways[record.beginning]);
	else
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "in force since %" PRIu64 ".%" PRIu64
				     " s after the kernel's start, %s",
				     record.beginning_ms / 1000, record.beginning_ms % 1000 / 100,
				     ways[record.beginning]);
	embargo_record_free(&record);
}

/* What a start that was killed may have left behind. */
static void judge_leftover(struct embargo_finding *finding)
{
	finding->name = "unfinished";
	if (geteuid()) {
		embargo_finding_what(finding, EMBARGO_HEALTH_UNKNOWN, "not looked for");
		embargo_finding_remedy(finding, "run as root to have it looked for");
	} else if (embargo_enforcement_unfinished()) {
		embargo_finding_what(finding, EMBARGO_HEALTH_LIMITED,
				     EMBARGO_ENFORCEMENT_UNFINISHED);
		embargo_finding_remedy(finding, EMBARGO_ENFORCEMENT_FINISH);
	} else {
		embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
				     "no start was killed and left programs that decide");
	}
}

/* What the guard cannot refuse, as it is done beneath it. */
static void judge_root(const struct embargo_host *host, struct embargo_finding *finding)
{
	bool is_locked_down = host->lockdown[0] && strcmp(host->lockdown, "none");
	bool is_open = false;
	size_t length;

	finding->name = "root";
	embargo_finding_what(finding, EMBARGO_HEALTH_GOOD,
			     "beneath the guard, root can still change what is on the disk and "
			     "boot anew");
	for (size_t i = 0; i < 3; i++) {
		const char *const ways[] = {
			is_locked_down ? NULL : "write to kernel memory (kprobes, BPF, /dev/mem)",
			is_locked_down || host->modules_verified == EMBARGO_ANSWER_YES
				? NULL
				: "load an unsigned module",
			host->kexec_closed == EMBARGO_ANSWER_YES ? NULL
								 : "start another kernel by kexec",
		};

		length = strlen(finding->what);
		if (ways[i])
			snprintf(finding->what + length, sizeof(finding->what) - length, "; %s",
				 ways[i]);
		is_open |= ways[i] != NULL;
	}
	if (!is_open)
		return;
	finding->health = EMBARGO_HEALTH_LIMITED;
	embargo_finding_remedy(finding, "boot with Secure Boot and lockdown=integrity, or with "
					"module.sig_enforce=1, and set "
					"kernel.kexec_load_disabled=1");
}

static void print_text(const struct embargo_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		printf("%-8s %-19s %s\n", embargo_health_name(findings[i].health), findings[i].name,
		       findings[i].what);
		if (findings[i].remedy[0])
			printf("%-28s -> %s\n", "", findings[i].remedy);
	}
}

static int print_json(const struct embargo_finding *findings, size_t count)
{
	_cleanup_json_ json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		json_t *object = json_object();

		if (!object)
			return -ENOMEM;
		embargo_json_set_text(object, "name", findings[i].name);
		embargo_json_set_text(object, "health", embargo_health_name(findings[i].health));
		embargo_json_set_text(object, "what", findings[i].what);
		embargo_json_set_text(object, "remedy",
				      findings[i].remedy[0] ? findings[i].remedy : NULL);
		json_array_append_new(array, object);
	}
	return array ? embargo_json_print(array, stdout) : -ENOMEM;
}

static enum embargo_health worst(const struct embargo_finding *findings, size_t count)
{
	enum embargo_health health = EMBARGO_HEALTH_GOOD;

	for (size_t i = 0; i < count; i++)
		if (findings[i].health > health)
			health = findings[i].health;
	return health;
}

/* Nothing that enforces is touched, and nothing is left: see loader/prove. */
static int prove(bool json)
{
	struct embargo_diagnostic diagnostic = { 0 };
	struct embargo_proof proof;
	int error = 0, status;

	if (geteuid()) {
		embargo_diagnostic_remedy(&diagnostic, "run as root");
		error = embargo_diagnostic_what(&diagnostic, -EPERM,
						"cannot prove anything as another user than root");
	}
	if (!error)
		error = embargo_prove(&proof, &diagnostic);
	if (error) {
		if (!diagnostic.what[0])
			embargo_diagnostic_what(&diagnostic, error, "cannot prove anything: %s",
						strerror(-error));
		embargo_log_diagnostic(embargo_verb_doctor.name, &diagnostic);
		return EMBARGO_EXIT_FAILURE;
	}
	status = embargo_prove_report_exit(&proof);
	if (!json)
		embargo_prove_report_text(&proof, stdout);
	else if (embargo_prove_report_json(&proof, stdout))
		status = EMBARGO_EXIT_FAILURE;
	embargo_proof_free(&proof);
	return status;
}

int embargo_cmd_doctor(int argc, char **argv)
{
	struct embargo_finding findings[EMBARGO_FINDINGS_HOST + 8] = { 0 };
	struct options options = { 0 };
	struct embargo_host host;
	int status = embargo_options_parse(&embargo_verb_doctor, &argc, &argv, &options);
	size_t count;

	if (status != EMBARGO_OPTIONS_PARSED)
		return status;
	if (argc)
		return embargo_options_refuse(&embargo_verb_doctor, argv[0]);
	if (options.prove)
		return prove(options.json);
	embargo_host_read("/", &host);
	count = embargo_findings_host(&host, findings);
	count += judge_programs(&findings[count]);
	judge_clock(&findings[count++]);
	judge_beginning(&findings[count++]);
	judge_leftover(&findings[count++]);
	judge_guard(&findings[count++]);
	judge_root(&host, &findings[count++]);
	judge_limits(&findings[count++]);
	if (options.json)
		print_json(findings, count);
	else
		print_text(findings, count);
	return worst(findings, count) == EMBARGO_HEALTH_BROKEN ? EMBARGO_EXIT_NO : EMBARGO_EXIT_YES;
}

const struct embargo_verb embargo_verb_doctor = {
	.name = "doctor",
	.summary = "say what this kernel can do, and how to turn on what is missing",
	.details = "Exits with 1 where nothing could be enforced; with --prove, where a way is "
		   "open, or\nonly audited, that should be closed, and with 2 where some could not "
		   "be tried.",
	.options = table,
	.run = embargo_cmd_doctor,
};
