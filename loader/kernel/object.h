/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF object: loaded, told of this kernel, its programs not yet attached. */
#ifndef EMBARGO_KERNEL_OBJECT_H
#define EMBARGO_KERNEL_OBJECT_H

#include "loader/base/diagnostic.h"
#include "loader/kernel/generation.h"

struct embargo_object;

/*
 * Opens and loads the object. -ENOTSUP: the kernel does not do BPF LSM programs, or does not call
 * them; the diagnostic says what to turn on.
 */
int embargo_object_load(struct embargo_object **object, struct embargo_diagnostic *diagnostic);
void embargo_object_free(struct embargo_object *object);

/* The maps of a generation; the descriptors stay the object's. */
void embargo_object_maps(const struct embargo_object *object, struct embargo_generation_maps *maps);

/* A map by its name, as a descriptor that stays the object's; -ENOENT. */
int embargo_object_map(const struct embargo_object *object, const char *name);

/* A program by its name, as a descriptor that stays the object's; -ENOENT: also where it is left
 * out, as this kernel has no such hook. */
int embargo_object_program(const struct embargo_object *object, const char *name);

/* What IMA answers here when it is asked for a digest: an algorithm (4 is SHA-256), or -errno. */
int embargo_object_try_digest(const struct embargo_object *object);

/* Pins maps and programs in the folder EMBARGO_PIN_NEW. */
int embargo_object_pin(struct embargo_object *object, struct embargo_diagnostic *diagnostic);

#endif
