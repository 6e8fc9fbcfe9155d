#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# killed and killed-daemon, at all steps that something outlives, and 10,000 executions of what nobody listed beside each verb.
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600
#: --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600
#: --cpus 2 --disk data:512M --add /usr/bin/strace:/usr/bin/strace --timeout 3600

export ALL=yes
if [[ $BOOT == 4 ]]; then
	# shellcheck source=tests/vm/cases/killed-daemon.sh
	. /t/cases/killed-daemon.sh
else
	# shellcheck source=tests/vm/cases/killed.sh
	. /t/cases/killed.sh
fi
