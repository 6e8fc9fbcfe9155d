// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines, lists and parameters as the kernel's file systems give them. */
#include "loader/host/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "loader/base/cleanup.h"
#include "loader/base/file.h"

/* The longest command line that a kernel takes (COMMAND_LINE_SIZE of x86 and arm64). */
#define COMMAND_LINE 4096

bool embargo_text_read(int root, const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	text[0] = 0;
	if (fd < 0)
		return false;
	length = embargo_file_pread(fd, text, size - 1, 0);
	if (length < 0)
		return false;
	text[length] = 0;
	if (length && text[length - 1] == '\n')
		text[length - 1] = 0;
	return true;
}

bool embargo_text_lists(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

bool embargo_text_parameter(int root, const char *name, const char *part, char *value, size_t size)
{
	char line[COMMAND_LINE], *word, *rest = NULL;
	bool found = false;

	if (!embargo_text_read(root, "proc/cmdline", line, sizeof(line)))
		return false;
	for (word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (strncmp(word, name, strlen(name)) || !strstr(word + strlen(name), part))
			continue;
		snprintf(value, size, "%.*s", (int)size - 1, word + strlen(name));
		found = true;
	}
	return found;
}
