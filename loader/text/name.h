/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of people and companies, folded so that spellings of one name become one text. */
#ifndef EMBARGO_TEXT_NAME_H
#define EMBARGO_TEXT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Folds @length bytes of UTF-8 at @name into @folded: Unicode NFKC with case folding (UAX #15, NFKC
 * Casefold), characters that nobody sees left out, each run of spaces and punctuation one space,
 * none at the ends. "Huawei Technologies Co.,Ltd." and "HUAWEI  TECHNOLOGIES CO., LTD" are
 * "huawei technologies co ltd". Letters that merely look alike (a Cyrillic A) stay what they are.
 * Returns the length without the NUL, or -EBADMSG for what is not UTF-8 or has a NUL in it, -E2BIG
 * where @size is too small (never cut), -ENODATA where nothing is left, -ENOMEM.
 */
int embargo_name_fold(const char *name, size_t length, char *folded, size_t size);

/* Are both the same name? What cannot be folded is the same as nothing. */
bool embargo_name_equal(const char *left, const char *right);

#endif
