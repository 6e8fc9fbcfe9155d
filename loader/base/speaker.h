/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines for people, handed to whoever carries them on. */
#ifndef EMBARGO_BASE_SPEAKER_H
#define EMBARGO_BASE_SPEAKER_H

struct embargo_speaker {
	void (*say)(void *context, int priority, const char *text); /* @priority as in syslog.h */
	void *context;
};

/* Cuts off what is longer than two paths and a sentence. */
__attribute__((format(printf, 3, 4))) void embargo_speaker_say(
	const struct embargo_speaker *speaker, int priority, const char *format, ...);

#endif
