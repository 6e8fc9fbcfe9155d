// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading a token, holding it against host and clock, and opening the guard by it: in that order,
 * and after its signature. */
#include "loader/guard/token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "loader/base/arena.h"
#include "loader/base/cleanup.h"
#include "loader/enact/guarded.h"
#include "loader/guard/spent.h"
#include "loader/kernel/guard.h"
#include "loader/model/time.h"
#include "loader/policy/field.h"
#include "loader/policy/tree.h"
#include "loader/trust/trust.h"

/* The texts of a token while its tree is there. */
struct texts {
	const char *what, *machine, *ticket, *reason;
	struct embargo_moment from, until;
};

static void free_arena(struct embargo_arena **arena)
{
	embargo_arena_free(*arena);
}

static void free_trust(struct embargo_trust **trust)
{
	embargo_trust_free(*trust);
}

static int take_all(const struct embargo_reader *reader, const struct embargo_node *root,
		    struct texts *texts)
{
	static const struct embargo_field fields[] = {
		{ "unlock", embargo_id_take, offsetof(struct texts, what), true },
		{ "machine-id", embargo_id_take, offsetof(struct texts, machine), true },
		{ "from", embargo_moment_take, offsetof(struct texts, from), true },
		{ "until", embargo_moment_take, offsetof(struct texts, until), true },
		{ "ticket", embargo_id_take, offsetof(struct texts, ticket), true },
		{ "reason", embargo_text_take, offsetof(struct texts, reason), true },
		{ 0 },
	};

	return embargo_fields_take(reader, root, "a token", fields, texts);
}

static int check_texts(const struct embargo_reader *reader, const struct embargo_node *root,
		       const struct texts *texts)
{
	if (strcmp(texts->what, "guard"))
		return embargo_reader_refuse(reader, root->mark, -EINVAL, "write unlock: guard",
					     "a token for '%.64s'", texts->what);
	if (strlen(texts->machine) != 32)
		return embargo_reader_refuse(reader, root->mark, -EINVAL,
					     "write what is in /etc/machine-id of the host",
					     "machine-id of '%.64s'", texts->machine);
	if (texts->until.ns <= texts->from.ns)
		return embargo_reader_refuse(reader, root->mark, -EINVAL,
					     "write a later until, or an earlier from",
					     "a token that ends before it begins");
	/* Unsigned: the two may lie further apart than a signed number counts. */
	if ((uint64_t)texts->until.ns - (uint64_t)texts->from.ns >
	    EMBARGO_TOKEN_HOURS_MOST * 3600 * EMBARGO_SECOND_NS)
		return embargo_reader_refuse(reader, root->mark, -EINVAL,
					     "write 24 hours at most from from to until",
					     "a token for more than %d hours",
					     EMBARGO_TOKEN_HOURS_MOST);
	return 0;
}

int embargo_token_read(const char *file, const char *text, size_t size, struct embargo_token *token,
		       struct embargo_diagnostic *diagnostic)
{
	_cleanup_(free_arena) struct embargo_arena *arena = embargo_arena_new();
	struct embargo_reader reader = { file, arena, diagnostic, file };
	struct texts texts = { .what = NULL };
	struct embargo_node *root;
	int error;

	if (!arena) {
		embargo_diagnostic_remedy(diagnostic, "see that there is memory, and try again");
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	}
	error = embargo_tree_read(file, text, size, arena, &root, diagnostic);
	if (!error)
		error = take_all(&reader, root, &texts);
	if (!error)
		error = check_texts(&reader, root, &texts);
	if (error)
		return error;
	*token = (struct embargo_token) { .from = texts.from, .until = texts.until };
	snprintf(token->machine, sizeof(token->machine), "%s", texts.machine);
	snprintf(token->ticket, sizeof(token->ticket), "%s", texts.ticket);
	snprintf(token->reason, sizeof(token->reason), "%s", texts.reason);
	return 0;
}

int embargo_token_check(const struct embargo_token *token, const char *machine, int64_t now,
			struct embargo_diagnostic *diagnostic)
{
	char time[EMBARGO_TIME_TEXT];

	if (strcmp(token->machine, machine)) {
		embargo_diagnostic_remedy(diagnostic, "have one signed for this host: %s", machine);
		return embargo_diagnostic_what(diagnostic, -EPERM, "a token for another host, %s",
					       token->machine);
	}
	if (now < token->from.ns) {
		embargo_diagnostic_remedy(diagnostic, "come back then");
		return embargo_diagnostic_what(diagnostic, -EPERM, "a token that counts from %s on",
					       embargo_time_format(token->from.ns, time,
								   sizeof(time)));
	}
	if (now >= token->until.ns) {
		embargo_diagnostic_remedy(diagnostic, "have another signed");
		return embargo_diagnostic_what(diagnostic, -EPERM, "a token that ended on %s",
					       embargo_time_format(token->until.ns, time,
								   sizeof(time)));
	}
	return 0;
}

static uint64_t boot_time(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static int verify(const char *message, size_t length, size_t size,
		  struct embargo_diagnostic *diagnostic)
{
	_cleanup_(embargo_settings_free) struct embargo_settings settings = { .arena = NULL };
	_cleanup_(free_trust) struct embargo_trust *trust = NULL;
	int error = embargo_settings_read(NULL, &settings, diagnostic);

	if (!error)
		error = embargo_trust_read(EMBARGO_TRUST_FOLDER, settings.signatures_required,
					   &trust, diagnostic);
	if (error)
		return error;
	return embargo_trust_verify_with(trust, message + length + 1, size - length - 1, message,
					 length, NULL, diagnostic);
}

static int tell(int error, struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_remedy(diagnostic,
				  error == -EPERM ? "change the setting guard: and boot anew"
						  : "see embargo guard status and embargo doctor; "
						    "another boot opens the guard");
	return embargo_diagnostic_what(diagnostic, error,
				       error == -EPERM ? "the guard is locked until the next boot"
						       : "cannot open the guard: %s",
				       strerror(-error));
}

/* Before all else: what is said of a token would be about a guard. */
static int find_guard(struct embargo_diagnostic *diagnostic)
{
	struct embargo_guard_view view;
	int error = embargo_guard_look(&view);

	if (error)
		return tell(error, diagnostic);
	if (view.mode != EMBARGO_GUARD_OFF)
		return 0;
	embargo_diagnostic_remedy(diagnostic,
				  "nothing is kept from root: do what the token was for");
	return embargo_diagnostic_what(diagnostic, -ENOENT, "there is no guard to open");
}

static int refuse_message(struct embargo_diagnostic *diagnostic)
{
	embargo_diagnostic_remedy(diagnostic, "name the YAML file of a token; its signature lies "
					      "beside it in TOKEN.p7s");
	return embargo_diagnostic_what(diagnostic, -EPROTO, "no token and its signature");
}

int embargo_token_open(const char *message, size_t size, struct embargo_token *token,
		       struct embargo_diagnostic *diagnostic)
{
	size_t length = strnlen(message, size);
	struct embargo_guard_tokens tokens;
	int64_t now, kept = embargo_spent_read(EMBARGO_SPENT_FILE);
	int error;

	if (length >= size || length > EMBARGO_TOKEN_SIZE || size > EMBARGO_TOKEN_MESSAGE)
		return refuse_message(diagnostic);
	error = find_guard(diagnostic);
	if (!error)
		error = embargo_guarded_unchanged(diagnostic);
	if (!error)
		error = verify(message, length, size, diagnostic);
	if (!error)
		error = embargo_token_read("the token", message, length, token, diagnostic);
	if (error)
		return error;
	error = embargo_guard_tokens(&tokens);
	if (error)
		return tell(error, diagnostic);
	now = embargo_spent_now(&tokens);
	error = embargo_token_check(token, embargo_guarded_machine(), now, diagnostic);
	if (!error)
		error = embargo_spent_check(token, &tokens, kept, diagnostic);
	if (!error)
		error = embargo_spent_keep(EMBARGO_SPENT_FILE, token, kept, now, &tokens,
					   diagnostic);
	if (error)
		return error;
	error = embargo_guard_open(boot_time() + (uint64_t)(token->until.ns - now), token->ticket,
				   &tokens);
	return error ? tell(error, diagnostic) : 0;
}
