#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In the initramfs, the last thing before the root's init is started. Other hooks follow: it is read, and may not leave.

@PREFIX@/libexec/embargo/embargo-initramfs "$NEWROOT" || :
