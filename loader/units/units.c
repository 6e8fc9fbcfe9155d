// SPDX-License-Identifier: GPL-2.0-or-later
/* Services by systemd's own answers over the bus: no unit file is parsed here. */
#include "loader/units/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "loader/base/cleanup.h"

#define SYSTEMD	      "org.freedesktop.systemd1"
#define MANAGER_PATH  "/org/freedesktop/systemd1"
#define MANAGER	      SYSTEMD ".Manager"
#define SERVICE	      SYSTEMD ".Service"
#define COMMANDS_TYPE "(sasbttttuii)"

struct units {
	sd_bus *bus;
	char **names; /* each once; sorted when they are asked about */
	size_t count, room;
	int (*each)(void *context, const struct embargo_unit *unit);
	void *context;
};

static void clean_up(struct units *units)
{
	for (size_t i = 0; i < units->count; i++)
		free(units->names[i]);
	free(units->names);
	sd_bus_flush_close_unref(units->bus);
}

static void unref(sd_bus_message **message)
{
	sd_bus_message_unref(*message);
}

static int add_name(struct units *units, const char *name)
{
	size_t room = units->room ? 2 * units->room : 256;
	size_t length = strlen(name);
	char **grown;

	if (length > 9 && !strncmp(name + length - 9, "@.service", 9))
		return 0;
	if (units->count == units->room) {
		grown = reallocarray(units->names, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		units->names = grown;
		units->room = room;
	}
	units->names[units->count] = strdup(name);
	return units->names[units->count] ? (units->count++, 0) : -ENOMEM;
}

/* The first string of each element (a struct of @fields), behind its last slash. */
static int add_names(struct units *units, const char *method, const char *element,
		     const char *fields)
{
	_cleanup_(unref) sd_bus_message *answer = NULL;
	int error = sd_bus_call_method(units->bus, SYSTEMD, MANAGER_PATH, MANAGER, method, NULL,
				       &answer, "asas", 0, 1, "*.service");

	if (error >= 0)
		error = sd_bus_message_enter_container(answer, 'a', element);
	while (error >= 0) {
		const char *name, *slash;

		error = sd_bus_message_enter_container(answer, 'r', fields);
		if (error <= 0)
			break;
		error = sd_bus_message_read(answer, "s", &name);
		if (error < 0)
			break;
		slash = strrchr(name, '/');
		error = add_name(units, slash ? slash + 1 : name);
		if (error >= 0)
			error = sd_bus_message_skip(answer, fields + 1);
		if (error >= 0)
			error = sd_bus_message_exit_container(answer);
	}
	return error < 0 ? error : 0;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The programs of one property; @answer holds the paths. */
static int read_commands(struct units *units, const char *object, const char *property,
			 struct embargo_unit *unit, sd_bus_message **answer)
{
	int error = sd_bus_get_property(units->bus, SYSTEMD, object, SERVICE, property, NULL,
					answer, "a" COMMANDS_TYPE);

	if (error >= 0)
		error = sd_bus_message_enter_container(*answer, 'a', COMMANDS_TYPE);
	while (error >= 0 && unit->count < EMBARGO_UNIT_COMMANDS) {
		struct embargo_unit_command *command = &unit->commands[unit->count];

		error = sd_bus_message_enter_container(*answer, 'r', "sasbttttuii");
		if (error <= 0)
			break;
		command->property = property;
		error = sd_bus_message_read(*answer, "s", &command->path);
		if (error >= 0)
			error = sd_bus_message_skip(*answer, "asbttttuii");
		if (error >= 0)
			error = sd_bus_message_exit_container(*answer);
		unit->count += error >= 0;
	}
	return error < 0 ? error : 0;
}

/* A unit that systemd cannot load starts nothing. */
static int ask(struct units *units, const char *name)
{
	static const char *const properties[] = { "ExecCondition", "ExecStartPre", "ExecStart",
						  "ExecStartPost" };
	_cleanup_(unref) sd_bus_message *loaded = NULL;
	sd_bus_message *answers[ARRAY_SIZE(properties)] = { NULL };
	struct embargo_unit unit = { .name = name };
	const char *object;
	uint32_t process = 0;
	int error = 0;

	if (sd_bus_call_method(units->bus, SYSTEMD, MANAGER_PATH, MANAGER, "LoadUnit", NULL,
			       &loaded, "s", name) < 0 ||
	    sd_bus_message_read(loaded, "o", &object) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(properties) && !error; i++)
		error = read_commands(units, object, properties[i], &unit, &answers[i]);
	if (!error)
		error = sd_bus_get_property_trivial(units->bus, SYSTEMD, object, SERVICE, "MainPID",
						    NULL, 'u', &process);
	unit.process = (pid_t)process;
	if (error >= 0)
		error = units->each(units->context, &unit);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		sd_bus_message_unref(answers[i]);
	return error;
}

int embargo_units_each(int (*each)(void *context, const struct embargo_unit *unit), void *context)
{
	_cleanup_(clean_up) struct units units = { .each = each, .context = context };
	int error;

	if (access("/run/systemd/system", F_OK))
		return -ENOENT;
	error = sd_bus_open_system(&units.bus);
	if (error >= 0)
		error = add_names(&units, "ListUnitsByPatterns", "(ssssssouso)", "ssssssouso");
	if (error >= 0)
		error = add_names(&units, "ListUnitFilesByPatterns", "(ss)", "ss");
	if (error < 0)
		return error;
	qsort(units.names, units.count, sizeof(*units.names), by_name);
	error = 0;
	for (size_t i = 0; i < units.count && !error; i++)
		if (!i || strcmp(units.names[i - 1], units.names[i]))
			error = ask(&units, units.names[i]);
	return error;
}

void embargo_unit_of(pid_t pid, char *name, size_t size)
{
	char *unit = NULL;

	name[0] = '\0';
	if (sd_pid_get_unit(pid, &unit) < 0)
		return;
	snprintf(name, size, "%s", unit);
	free(unit);
}
