// SPDX-License-Identifier: GPL-2.0-or-later
/* The clock's floor: reading, raising and persisting it. */
#include "loader/kernel/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

#include "bpf/decide.h"
#include "loader/base/cleanup.h"
#include "loader/base/replace.h"

#define NS 1000000000LL

#define FLOOR_FOLDER "/var/lib/embargo"

static int64_t read_clock(clockid_t which)
{
	struct timespec time;

	return clock_gettime(which, &time) ? 0 : time.tv_sec * NS + time.tv_nsec;
}

/* Is the wall clock known to be right? One wrong RTC year must not become the floor. */
static bool is_synchronised(int64_t *tai_offset)
{
	struct timex timex = { .modes = 0 };
	int state = adjtimex(&timex);

	*tai_offset = state < 0 ? 0 : timex.tai * NS;
	return state >= 0 && state != TIME_ERROR && !(timex.status & STA_UNSYNC);
}

void embargo_floor_read(struct embargo_floor *floor)
{
	_cleanup_fclose_ FILE *file = fopen(EMBARGO_FLOOR_FILE, "re");
	int64_t ns = 0;
	int behind = 0;

	floor->ns = EMBARGO_BUILT * NS;
	floor->behind = false;
	if (!file || fscanf(file, "floor %" SCNd64 "\nbehind %d\n", &ns, &behind) != 2)
		return;
	if (ns > floor->ns)
		floor->ns = ns;
	floor->behind = behind;
}

int embargo_floor_write(const struct embargo_floor *floor)
{
	_cleanup_close_ int folder = -1;
	_cleanup_fclose_ FILE *file = NULL;
	char beside[PATH_MAX];
	int error, fd;

	if (mkdir(FLOOR_FOLDER, 0755) && errno != EEXIST)
		return -errno;
	fd = embargo_file_open_beside(EMBARGO_FLOOR_FILE, beside, 0644);
	if (fd < 0)
		return fd;
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	if (fprintf(file, "floor %" PRId64 "\nbehind %d\n", floor->ns, floor->behind) < 0 ||
	    fflush(file) || fsync(fileno(file)) || rename(beside, EMBARGO_FLOOR_FILE)) {
		error = -errno;
		unlink(beside);
		return error;
	}
	folder = open(FLOOR_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 || fsync(folder) ? -errno : 0;
}

int64_t embargo_clock_now(void)
{
	int64_t wall = read_clock(CLOCK_REALTIME);
	struct embargo_floor floor;

	embargo_floor_read(&floor);
	return wall > floor.ns ? wall : floor.ns;
}

void embargo_clock_refresh(struct embargo_clock *clock, struct embargo_floor *floor)
{
	int64_t wall = read_clock(CLOCK_REALTIME), boot = read_clock(CLOCK_BOOTTIME), tai_offset;

	if (is_synchronised(&tai_offset) && wall > clock->base + boot)
		clock->base = wall - boot;
	clock->tai_offset = tai_offset;
	floor->ns = clock->base + boot;
	if (embargo_clock_is_behind(wall, floor->ns))
		floor->behind = true;
}

void embargo_clock_start(int64_t issued, struct embargo_clock *clock, struct embargo_floor *floor)
{
	embargo_floor_read(floor);
	if (issued > floor->ns)
		floor->ns = issued;
	clock->base = floor->ns - read_clock(CLOCK_BOOTTIME);
	embargo_clock_refresh(clock, floor);
}
