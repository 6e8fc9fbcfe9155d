/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for operations, actions, verdicts and file kinds, the same in policies, output and
 * manual. */
#ifndef EMBARGO_MODEL_NAMES_H
#define EMBARGO_MODEL_NAMES_H

#include "bpf/abi.h"
#include "bpf/guard_abi.h"

/* What a digest list says its files are (`of:`), and what a file is found to be. */
enum embargo_kind {
	EMBARGO_KIND_UNKNOWN,
	EMBARGO_KIND_ANY,
	EMBARGO_KIND_ELF,
	EMBARGO_KIND_PE,
	EMBARGO_KIND_SCRIPT,
	EMBARGO_KIND_MODULE,
	EMBARGO_KIND_PACKAGE,
	EMBARGO_KIND_COUNT,
};

/* The word, or "unknown". */
const char *embargo_operation_name(enum embargo_operation operation);
const char *embargo_action_name(enum embargo_action action);
const char *embargo_verdict_name(enum embargo_verdict verdict);
const char *embargo_kind_name(enum embargo_kind kind);

/* The value of the word, or the UNKNOWN (0) of its enumeration. */
enum embargo_operation embargo_operation_parse(const char *word);
enum embargo_action embargo_action_parse(const char *word);
enum embargo_kind embargo_kind_parse(const char *word);

/* "off", "on" or "locked"; the mode of such a word, or UNKNOWN. */
const char *embargo_guard_mode_name(enum embargo_guard_mode mode);
enum embargo_guard_mode embargo_guard_mode_parse(const char *word);

/* What was refused, for people: "a signal to the daemon". */
const char *embargo_guard_refused_name(enum embargo_guard_refused what);

#endif
