/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This process among those that may open what is banned: see struct embargo_opener. */
#ifndef EMBARGO_KERNEL_OPENER_H
#define EMBARGO_KERNEL_OPENER_H

/*
 * Lets this process, and no child of it, open what rules with reach: open name: for who tells of
 * banned files and has to read them. A new start has marks of its own: ask again after each.
 * Errors: -ENOENT nothing enforces, -EPERM or -EACCES this is not root.
 */
int embargo_opener_exempt(void);

#endif
