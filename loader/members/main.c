// SPDX-License-Identifier: GPL-2.0-or-later
/* embargo-member-list [--all] [--unconfined] <PACKAGE: the code in a Debian or RPM package, by a
 * process that can do nothing else. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "loader/base/cleanup.h"
#include "loader/base/hex.h"
#include "loader/crypto/sha256.h"
#include "loader/identity/module.h"
#include "loader/members/list.h"
#include "loader/members/look.h"
#include "loader/sandbox/sandbox.h"
#include "loader/watch/candidate.h"

/* A module, what is in it, and the dictionary of a decompressor. */
#define MEMORY (768u << 20)

/* Of processor time: what EMBARGO_MEMBERS_BYTES take of the slowest method, and some; what takes
 * bytes for ever and gives none ends here. */
#define SECONDS 1800

static const char *const calls[] = {
	"brk",
	"clock_gettime",
	"close",
	"exit",
	"exit_group",
	"fstat",
	"futex",
	"getpid",
	"getrandom",
	"gettid",
	"lseek",
	"madvise",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"newfstatat",
	"read",
	"restart_syscall",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"write",
	"writev",
	NULL,
};

static const struct embargo_sandbox sandbox = { calls, NULL };

/* OpenSSL makes itself ready at the first use, which takes files. */
static int confine(void)
{
	struct embargo_digest nothing;
	int error = embargo_sha256_memory("", 0, &nothing);

	if (!error)
		error = embargo_sandbox_bound(3, MEMORY);
	if (!error)
		error = embargo_sandbox_limit(RLIMIT_CPU, SECONDS);
	/* Not of whoever has been replaced by init meanwhile: then its pipe is gone, too. */
	if (!error && prctl(PR_SET_PDEATHSIG, SIGKILL))
		error = -errno;
	return error ? error : embargo_sandbox_enter(&sandbox);
}

static void print_record(const char *what, uint64_t number, const char *word, const char *text,
			 const char *more)
{
	printf("%s%c%llu%c%s%c%s%c%s%c", what, '\0', (unsigned long long)number, '\0', word, '\0',
	       text, '\0', more, '\0');
}

static void print_file(const char *path, enum embargo_kind kind,
		       const struct embargo_content *content)
{
	char hex[EMBARGO_HEX_SIZE(EMBARGO_SHA256_SIZE)];

	embargo_hex_format(content->digest.bytes, EMBARGO_SHA256_SIZE, hex);
	print_record(EMBARGO_MEMBER_LIST_FILE, content->size, embargo_kind_name(kind), path, hex);
}

static int print_inner(const char *path, const struct embargo_content *inner)
{
	_cleanup_free_
	char *name = embargo_module_inner_name(path);

	if (!name)
		return -ENOMEM;
	print_file(name, EMBARGO_KIND_MODULE, inner);
	return 0;
}

struct listing {
	bool wants_all;
	uint64_t interpreted, damaged, other;
};

static int list_member(struct listing *listing, struct embargo_members *members,
		       const struct embargo_member *member)
{
	struct embargo_look look;
	int error = embargo_look(members, member, listing->wants_all, &look);

	if (error)
		return error;
	listing->damaged += look.is_damaged;
	if (look.is_code || listing->wants_all)
		print_file(member->path, look.kind, &look.file);
	else if (embargo_candidate_is_interpreted(member->path))
		listing->interpreted++;
	else
		listing->other++;
	return look.inner.size ? print_inner(member->path, &look.inner) : 0;
}

static ssize_t read_input(void *context, void *buffer, size_t size)
{
	ssize_t got;

	(void)context;
	do
		got = read(0, buffer, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int list(struct listing *listing, struct embargo_diagnostic *diagnostic)
{
	static const struct embargo_members_source source = { .read = read_input };
	struct embargo_members *members = NULL;
	struct embargo_member member;
	int error = embargo_members_open(&source, EMBARGO_MEMBERS_BYTES, diagnostic, &members);

	while (!error && (error = embargo_members_next(members, &member)) > 0)
		error = list_member(listing, members, &member);
	embargo_members_close(members);
	return error;
}

struct options {
	bool wants_all, is_unconfined;
};

static bool parse(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--all"))
			options->wants_all = true;
		else if (!strcmp(argv[i], "--unconfined"))
			options->is_unconfined = true;
		else
			return false;
	}
	return true;
}

static void print_end(const struct listing *listing)
{
	print_record(EMBARGO_MEMBER_LIST_LEFT, listing->interpreted,
		     EMBARGO_MEMBER_LIST_INTERPRETED, "", "");
	print_record(EMBARGO_MEMBER_LIST_LEFT, listing->damaged, EMBARGO_MEMBER_LIST_DAMAGED, "",
		     "");
	print_record(EMBARGO_MEMBER_LIST_LEFT, listing->other, EMBARGO_MEMBER_LIST_OTHER, "", "");
	print_record(EMBARGO_MEMBER_LIST_END, 0, "", "", "");
}

int main(int argc, char **argv)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	struct options options = { .wants_all = false };
	struct listing listing = { .wants_all = false };
	int error;

	if (!parse(argc, argv, &options)) {
		fprintf(stderr, "usage: %s [--all] [--unconfined] <PACKAGE\n", EMBARGO_MEMBER_LIST);
		return 2;
	}
	listing.wants_all = options.wants_all;
	error = options.is_unconfined ? 0 : confine();
	if (error) {
		embargo_diagnostic_what(&diagnostic, error,
					"the process that takes packages apart cannot give up its "
					"privileges here: %s",
					strerror(-error));
		embargo_diagnostic_remedy(&diagnostic, "--unconfined reads files without, which "
						       "is for files that you trust");
	} else {
		error = list(&listing, &diagnostic);
	}
	if (error && !diagnostic.what[0])
		embargo_diagnostic_what(&diagnostic, error, "cannot be read: %s", strerror(-error));
	if (error)
		print_record(EMBARGO_MEMBER_LIST_REFUSED, (uint64_t)-error, "", diagnostic.what,
			     diagnostic.remedy);
	else
		print_end(&listing);
	return fflush(stdout) ? 2 : error ? 1 : 0;
}
