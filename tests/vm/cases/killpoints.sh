#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# killed, at all steps that something outlives, and 10,000 executions of what nobody listed beside each verb.
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600

export ALL=yes
# shellcheck source=tests/vm/cases/killed.sh
. /t/cases/killed.sh
