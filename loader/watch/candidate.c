// SPDX-License-Identifier: GPL-2.0-or-later
/* Telling what may be code by mode, name and first bytes. */
#include "loader/watch/candidate.h"

#include <string.h>
#include <strings.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

static const char *const endings[] = {
	".so", ".ko", ".ko.xz", ".ko.zst", ".ko.gz", ".rpm", ".deb", ".AppImage",
};

static const struct {
	const char *bytes;
	size_t size;
} magics[] = { { "\177ELF", 4 }, { "MZ", 2 }, { "#!", 2 } };

static const char *const interpreted[] = {
	".bat", ".class", ".cmd", ".dex", ".ear", ".el",   ".elc", ".jar", ".js",
	".lua", ".mjs",	  ".php", ".pl",  ".pm",  ".ps1",  ".py",  ".pyc", ".pyo",
	".rb",	".sh",	  ".tcl", ".vbs", ".war", ".wasm", ".zsh",
};

static bool has_ending(const char *name, const char *const *of, size_t count)
{
	const char *slash = strrchr(name, '/');
	size_t size;

	name = slash ? slash + 1 : name;
	size = strlen(name);
	for (size_t i = 0; i < count; i++) {
		const size_t ending = strlen(of[i]);

		if (size > ending && !strcasecmp(name + size - ending, of[i]))
			return true;
	}
	return false;
}

bool embargo_candidate_is_interpreted(const char *name)
{
	return has_ending(name, interpreted, ARRAY_SIZE(interpreted));
}

bool embargo_candidate_by_name(const char *name, mode_t mode)
{
	const char *slash = strrchr(name, '/');

	return mode & 0111 || has_ending(name, endings, ARRAY_SIZE(endings)) ||
	       strstr(slash ? slash + 1 : name, ".so.");
}

bool embargo_candidate_by_magic(int fd)
{
	char head[4];
	const ssize_t got = embargo_file_pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (got >= (ssize_t)magics[i].size &&
		    !memcmp(head, magics[i].bytes, magics[i].size))
			return true;
	return false;
}
