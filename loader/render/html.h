/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML: text that can be nothing but text, whatever is in it. */
#ifndef EMBARGO_RENDER_HTML_H
#define EMBARGO_RENDER_HTML_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes @text so that it is read as characters, in elements and in quoted attributes: what HTML
 * gives a meaning is escaped; controls but the line break, what turns text around, and bytes that
 * are not UTF-8 become U+FFFD. NULL is written as nothing.
 */
void embargo_html_text(FILE *out, const char *text);

/* "<NAME ATTRIBUTES>text</NAME>"; @attributes are our own, with a space before them, or NULL. */
void embargo_html_element(FILE *out, const char *name, const char *attributes, const char *text);

/*
 * A comment of several lines as it was set, each that begins with "unverified:" marked as such.
 * Nothing for NULL.
 */
void embargo_html_comment(FILE *out, const char *text);

#endif
