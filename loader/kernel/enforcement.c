// SPDX-License-Identifier: GPL-2.0-or-later
/* Starting, reloading and stopping: ordered steps, each of which can fail without undoing what
 * enforces. */
#include "loader/kernel/enforcement.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "loader/base/cleanup.h"
#include "loader/kernel/clock.h"
#include "loader/kernel/generation.h"
#include "loader/kernel/guard_objects.h"
#include "loader/kernel/hooks.h"
#include "loader/kernel/learned.h"
#include "loader/kernel/object.h"
#include "loader/kernel/pins.h"
#include "loader/kernel/record.h"
#include "loader/kernel/trial.h"

static void cleanup_object(struct embargo_object **object)
{
	embargo_object_free(*object);
}

static uint64_t milliseconds(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ULL + time.tv_nsec / 1000000;
}

/* The clock of what enforces, and whether that was seen set back; -errno where nothing does. */
static int read_clock_in_force(struct embargo_clock *clock, bool *behind)
{
	_cleanup_close_ int clocks = embargo_pins_open("maps", "clock");
	_cleanup_close_ int notes = embargo_pins_open("maps", "notes");
	struct embargo_notes noted;
	__u32 zero = 0;

	if (clocks < 0 || notes < 0)
		return clocks < 0 ? clocks : notes;
	if (bpf_map_lookup_elem(clocks, &zero, clock) || bpf_map_lookup_elem(notes, &zero, &noted))
		return -errno;
	*behind = noted.clock_behind;
	return 0;
}

int64_t embargo_enforcement_floor(void)
{
	struct embargo_clock clock;
	struct timespec boot;
	bool behind;

	if (read_clock_in_force(&clock, &behind) || clock_gettime(CLOCK_BOOTTIME, &boot))
		return INT64_MIN;
	return clock.base + boot.tv_sec * 1000000000LL + boot.tv_nsec;
}

/*
 * The new one's clock starts no lower than that of the one it replaces, which has gone on since the
 * floor was last written, or could not write it.
 */
static int set_clock(struct embargo_object *object, const struct embargo_load *load,
		     struct embargo_diagnostic *diagnostic)
{
	struct embargo_notes notes;
	struct embargo_clock clock, old;
	struct embargo_floor floor;
	bool behind;
	__u32 zero = 0;

	embargo_clock_start(load->issued, &clock, &floor);
	if (!read_clock_in_force(&old, &behind)) {
		if (old.base > clock.base)
			clock.base = old.base;
		floor.behind |= behind;
		embargo_clock_refresh(&clock, &floor);
	}
	embargo_floor_write(&floor); /* what cannot be kept over a reboot holds until then: status
					shows the floor */
	notes.clock_behind = floor.behind;
	if (bpf_map_update_elem(embargo_object_map(object, "clock"), &zero, &clock, BPF_ANY) ||
	    bpf_map_update_elem(embargo_object_map(object, "notes"), &zero, &notes, BPF_ANY))
		return embargo_diagnostic_what(diagnostic, -errno, "cannot set the clock: %s",
					       strerror(errno));
	return 0;
}

/* Attaches the pinned program @name and pins the link, both in @folder. */
static int attach(const char *folder, const char *name, struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int program = -1, link = -1;
	char path[256];

	program = bpf_obj_get(embargo_pins_path(path, sizeof(path), folder, "progs", name));
	if (program >= 0)
		link = bpf_link_create(program, 0, BPF_LSM_MAC, NULL);
	if (link >= 0 &&
	    !bpf_obj_pin(link, embargo_pins_path(path, sizeof(path), folder, "links", name)))
		return 0;
	embargo_diagnostic_remedy(diagnostic, "see embargo doctor");
	return embargo_diagnostic_what(diagnostic, -errno, "cannot attach the program %s: %s", name,
				       strerror(errno));
}

static bool is_pinned(const char *folder, const char *kind, const char *name)
{
	char path[256];

	return !access(embargo_pins_path(path, sizeof(path), folder, kind, name), F_OK);
}

/* Is @form still to be attached for @head? Not where this kernel has no such hook. */
static bool is_lacking(const char *folder, const struct embargo_hook_form *form,
		       const struct embargo_generation *head)
{
	return embargo_hook_needed(form, head) && !is_pinned(folder, "links", form->name) &&
	       ((!form->optional && !form->kernels) || is_pinned(folder, "progs", form->name));
}

/* Attaches what @head needs and has not. */
static int attach_needed(const char *folder, const struct embargo_generation *head,
			 struct embargo_diagnostic *diagnostic)
{
	int error = 0;

	for (size_t i = 0; !error && i < embargo_hook_count; i++) {
		const struct embargo_hook_form *form = &embargo_hook_forms[i];

		if (is_lacking(folder, form, head))
			error = attach(folder, form->name, diagnostic);
	}
	return error;
}

static void detach_unneeded(const char *folder, const struct embargo_generation *head)
{
	char path[256];

	for (size_t i = 0; i < embargo_hook_count; i++) {
		const struct embargo_hook_form *form = &embargo_hook_forms[i];

		if (!form->guards && !embargo_hook_needed(form, head))
			unlink(embargo_pins_path(path, sizeof(path), folder, "links", form->name));
	}
}

static void tell_coming(const struct embargo_load *load, const char *folder, int current)
{
	struct stat status;
	__u64 number;
	__u32 zero = 0;

	if (load->coming && !stat(folder, &status) && !bpf_map_lookup_elem(current, &zero, &number))
		load->coming(load->keeper, status.st_ino, number + 1);
}

static void tell_settled(const struct embargo_load *load)
{
	if (load->settled)
		load->settled(load->keeper);
}

static int start_new(const struct embargo_tables *tables, const struct embargo_load *load,
		     struct embargo_diagnostic *diagnostic)
{
	_cleanup_(cleanup_object) struct embargo_object *object = NULL;
	struct embargo_generation_maps maps;
	int error;

	error = embargo_object_load(&object, diagnostic);
	if (!error)
		error = embargo_trial_judge(tables, embargo_object_try_digest(object), diagnostic);
	if (!error)
		error = set_clock(object, load, diagnostic);
	if (error)
		return error;
	embargo_object_maps(object, &maps);
	error = embargo_pins_create(diagnostic);
	if (!error)
		error = embargo_object_pin(object, diagnostic);
	if (!error)
		error = attach_needed(EMBARGO_PIN_NEW, &tables->head, diagnostic);
	/* A rename does not change the inode. */
	if (!error)
		tell_coming(load, EMBARGO_PIN_NEW, maps.current);
	/* Until there is a generation no hook decides: who is killed before leaves nothing in
	 * force, and not the half of it. */
	if (!error)
		error = embargo_generation_install(&maps, tables, diagnostic);
	if (!error)
		error = embargo_pins_install(diagnostic);
	if (error)
		embargo_pins_remove(EMBARGO_PIN_NEW);
	return error;
}

/*
 * A first start that was killed when all was in force, and before it put the pins in their place:
 * they are what enforces, and are taken over from as any other. What never came into force is not.
 */
static void adopt(void)
{
	char path[256];
	_cleanup_close_ int map = -1;
	__u64 number = 0;
	__u32 zero = 0;

	if (!access(EMBARGO_PIN_DIR, F_OK))
		return;
	map = bpf_obj_get(
		embargo_pins_path(path, sizeof(path), EMBARGO_PIN_NEW, "maps", "current"));
	if (map >= 0 && !bpf_map_lookup_elem(map, &zero, &number) && number)
		rename(EMBARGO_PIN_NEW, EMBARGO_PIN_DIR);
}

int embargo_enforcement_start(const struct embargo_tables *tables, const struct embargo_load *load,
			      struct embargo_diagnostic *diagnostic)
{
	uint64_t began = milliseconds();
	_cleanup_close_ int lock = -1;
	int error = embargo_pins_lock(&lock, diagnostic);
	bool first;

	if (error)
		return error;
	first = access(EMBARGO_PIN_DIR, F_OK) != 0;
	adopt();
	error = start_new(tables, load, diagnostic);
	tell_settled(load);
	if (error)
		return error;
	embargo_record_write(load, milliseconds() - began, first);
	return 0;
}

bool embargo_enforcement_unfinished(void)
{
	return embargo_pins_are_left();
}

/* The maps that a generation is installed in. Without the first nothing enforces: what it answers
 * comes before what others do. */
#define AT(map) offsetof(struct embargo_generation_maps, map)
static const struct {
	const char *pin;
	size_t offset;
} installed[] = {
	{ "current", AT(current) },
	{ "digests", AT(digests) },
	{ "sizes", AT(sizes) },
	{ "paths", AT(paths) },
	{ "signers", AT(signers) },
	{ "timelines", AT(timelines) },
	{ "reasons", AT(reasons) },
	{ "waived", AT(waived) },
	{ "waiver_sets", AT(waiver_sets) },
	{ "waivers", AT(waivers) },
	{ "parts", AT(parts) },
	{ "generations", AT(generations) },
	{ "sight_key", AT(sight_key) },
};
_Static_assert(ARRAY_SIZE(installed) * sizeof(int) == sizeof(struct embargo_generation_maps),
	       "a pin for each map");

static int *descriptor(struct embargo_generation_maps *maps, size_t index)
{
	return (int *)((char *)maps + installed[index].offset);
}

static void close_maps(struct embargo_generation_maps *maps)
{
	for (size_t i = 0; i < ARRAY_SIZE(installed); i++)
		if (*descriptor(maps, i) >= 0)
			close(*descriptor(maps, i));
}

/* Not one of them may be missing: the others would be filled for nothing. */
static int open_maps(struct embargo_generation_maps *maps)
{
	int fd, error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(installed); i++) {
		fd = embargo_pins_open("maps", installed[i].pin);
		*descriptor(maps, i) = fd;
		if (fd < 0 && !error)
			error = fd;
	}
	return error;
}

/* Raises the floor to @issued and to the time that has passed, and keeps it over a reboot; it never
 * falls. */
static void keep_floor(int64_t issued)
{
	_cleanup_close_ int map = embargo_pins_open("maps", "clock");
	struct embargo_clock clock;
	struct embargo_floor floor;
	struct timespec boot;
	bool behind;
	__u32 zero = 0;

	if (map < 0 || read_clock_in_force(&clock, &behind) || clock_gettime(CLOCK_BOOTTIME, &boot))
		return;
	if (issued > clock.base + boot.tv_sec * 1000000000LL)
		clock.base = issued - boot.tv_sec * 1000000000LL;
	embargo_floor_read(&floor);
	floor.behind |= behind;
	embargo_clock_refresh(&clock, &floor);
	bpf_map_update_elem(map, &zero, &clock, BPF_ANY);
	embargo_floor_write(&floor);
}

/* What the start found out holds as long as the kernel does; anything else is tried again. */
static int try_pinned_digest(void)
{
	struct embargo_probe probe;
	__u32 zero = 0;
	_cleanup_close_ int program = embargo_pins_open("progs", "try_digest");
	_cleanup_close_ int map = embargo_pins_open("maps", "probe");

	if (program < 0 || map < 0)
		return program < 0 ? program : map;
	if (!bpf_map_lookup_elem(map, &zero, &probe) && probe.algorithm == EMBARGO_ALGORITHM_SHA256)
		return probe.algorithm;
	return embargo_trial_digest(program, map);
}

/* What was learned in the generation before is void, and in the way. */
static void forget_learned(void)
{
	struct embargo_learned *learned;

	if (embargo_learned_open(&learned))
		return;
	embargo_learned_sweep(learned);
	embargo_learned_close(learned);
}

static int replace(const struct embargo_tables *tables, const struct embargo_load *load,
		   uint64_t began, struct embargo_diagnostic *diagnostic)
{
	_cleanup_(close_maps) struct embargo_generation_maps maps;
	int error = open_maps(&maps), unguarded;

	if (error)
		return embargo_pins_refuse(error, diagnostic);
	error = embargo_trial_judge(tables, try_pinned_digest(), diagnostic);
	if (!error)
		error = attach_needed(EMBARGO_PIN_DIR, &tables->head, diagnostic);
	if (error)
		return error;
	tell_coming(load, EMBARGO_PIN_DIR, maps.current);
	error = embargo_generation_install(&maps, tables, diagnostic);
	tell_settled(load);
	if (error)
		return error;
	unguarded = embargo_guard_objects_renew();
	keep_floor(load->issued);
	detach_unneeded(EMBARGO_PIN_DIR, &tables->head);
	embargo_generation_release(&maps);
	forget_learned();
	embargo_record_write(load, milliseconds() - began, false);
	if (!unguarded)
		return 0;
	return embargo_diagnostic_what(diagnostic, unguarded,
				       "the new tables are in force, and the guard does not know "
				       "them: %s",
				       strerror(-unguarded));
}

int embargo_enforcement_reload(const struct embargo_tables *tables, const struct embargo_load *load,
			       struct embargo_diagnostic *diagnostic)
{
	uint64_t began = milliseconds();
	_cleanup_close_ int lock = -1;
	int error = embargo_pins_lock(&lock, diagnostic);

	if (error)
		return error;
	adopt();
	embargo_pins_remove(EMBARGO_PIN_NEW); /* of a start that was killed, it decides too */
	return replace(tables, load, began, diagnostic);
}

int embargo_enforcement_stop(struct embargo_diagnostic *diagnostic)
{
	_cleanup_close_ int lock = -1;
	int error = embargo_pins_lock(&lock, diagnostic);

	if (error)
		return error;
	adopt();
	embargo_pins_remove(EMBARGO_PIN_NEW);
	if (access(EMBARGO_PIN_DIR, F_OK)) {
		error = -errno;
		if (error == -ENOENT)
			embargo_record_remove(); /* of a stop that was killed */
		return embargo_pins_refuse(error, diagnostic);
	}
	keep_floor(INT64_MIN);
	error = embargo_pins_remove(EMBARGO_PIN_DIR);
	embargo_record_remove();
	if (error)
		embargo_diagnostic_what(diagnostic, error, "cannot remove " EMBARGO_PIN_DIR ": %s",
					strerror(-error));
	return error;
}
