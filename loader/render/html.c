// SPDX-License-Identifier: GPL-2.0-or-later
/* HTML: text that can be nothing but text, whatever is in it. */
#include "loader/render/html.h"

#include <string.h>

#include "loader/base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define UNVERIFIED  "unverified:"

static void write_character(FILE *out, const char *character, size_t length)
{
	char one[8] = "";
	char shown[8];

	memcpy(one, character, length);
	embargo_utf8_printable(one, shown, sizeof(shown));
	fputs(strcmp(one, shown) ? REPLACEMENT : one, out);
}

static void write_text(FILE *out, const char *text, size_t left)
{
	while (left) {
		size_t length = embargo_utf8_length(text, left);

		if (!length)
			fputs(REPLACEMENT, out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if (*text == '\'')
			fputs("&#39;", out);
		else if (*text == '\n')
			fputc('\n', out);
		else
			write_character(out, text, length);
		length = length ? length : 1;
		text += length;
		left -= length;
	}
}

void embargo_html_text(FILE *out, const char *text)
{
	if (text)
		write_text(out, text, strlen(text));
}

void embargo_html_element(FILE *out, const char *name, const char *attributes, const char *text)
{
	fprintf(out, "<%s%s>", name, attributes ? attributes : "");
	embargo_html_text(out, text);
	fprintf(out, "</%s>\n", name);
}

void embargo_html_comment(FILE *out, const char *text)
{
	if (!text)
		return;
	fputs("<pre class=\"comment\">", out);
	while (*text) {
		size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
		bool is_unverified = !strncmp(text + blanks, UNVERIFIED, strlen(UNVERIFIED));

		if (is_unverified)
			fputs("<strong class=\"unverified\">", out);
		write_text(out, text, length);
		if (is_unverified)
			fputs("</strong>", out);
		fputc('\n', out);
		text += length + (text[length] == '\n');
	}
	fputs("</pre>\n", out);
}
