// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers: from packets and to packets. */
#include "loader/control/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/base/cursor.h"

static const char magic[4] = { 'E', 'M', 'B', 'A' };

enum packet { PACKET_PIECE = 1, PACKET_END = 2 };

/* errno(3) ends there, in the kernel's own count. */
#define ERROR_MOST 4095

static int take_piece(struct embargo_control_answer *answer, struct embargo_cursor *cursor)
{
	size_t left = embargo_cursor_left(cursor);
	char *grown;

	if (!left)
		return -EPROTO;
	if (left > EMBARGO_CONTROL_DOCUMENT - answer->size)
		return -EFBIG;
	grown = realloc(answer->document, answer->size + left + 1);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + answer->size, embargo_cursor_take(cursor, left), left);
	answer->document = grown;
	answer->size += left;
	grown[answer->size] = '\0';
	return 0;
}

static void take_text(struct embargo_cursor *cursor, char text[static EMBARGO_DIAGNOSTIC_TEXT])
{
	uint16_t length = embargo_cursor_u16(cursor);
	const uint8_t *bytes = NULL;

	if (length < EMBARGO_DIAGNOSTIC_TEXT)
		bytes = embargo_cursor_take(cursor, length);
	else
		cursor->failed = true;
	if (!bytes || memchr(bytes, '\0', length)) {
		cursor->failed = true;
		return;
	}
	memcpy(text, bytes, length);
	text[length] = '\0';
}

static int take_end(struct embargo_control_answer *answer, struct embargo_cursor *cursor)
{
	struct embargo_diagnostic diagnostic = { .line = 0 };
	uint32_t error = embargo_cursor_u32(cursor);

	diagnostic.line = embargo_cursor_u32(cursor);
	diagnostic.column = embargo_cursor_u32(cursor);
	take_text(cursor, diagnostic.file);
	take_text(cursor, diagnostic.what);
	take_text(cursor, diagnostic.remedy);
	if (cursor->failed || embargo_cursor_left(cursor) || error > ERROR_MOST)
		return -EPROTO;
	answer->error = -(int)error;
	answer->diagnostic = diagnostic;
	return 1;
}

int embargo_control_answer_take(struct embargo_control_answer *answer, const void *bytes,
				size_t size)
{
	struct embargo_cursor cursor = embargo_cursor_make(bytes, size);

	if (!embargo_cursor_starts(&cursor, magic, sizeof(magic)))
		return -EPROTO;
	embargo_cursor_seek(&cursor, sizeof(magic));
	switch (embargo_cursor_u32(&cursor)) {
	case PACKET_PIECE:
		return take_piece(answer, &cursor);
	case PACKET_END:
		return take_end(answer, &cursor);
	}
	return -EPROTO;
}

void embargo_control_answer_free(struct embargo_control_answer *answer)
{
	free(answer->document);
	answer->document = NULL;
	answer->size = 0;
}

static size_t put(uint8_t *bytes, uint32_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	return size;
}

static size_t put_head(uint8_t *bytes, enum packet packet)
{
	memcpy(bytes, magic, sizeof(magic));
	return sizeof(magic) + put(bytes + sizeof(magic), packet, 4);
}

static size_t put_text(uint8_t *bytes, const char *text)
{
	size_t length = strnlen(text, EMBARGO_DIAGNOSTIC_TEXT - 1);

	put(bytes, (uint32_t)length, 2);
	memcpy(bytes + 2, text, length);
	return 2 + length;
}

size_t embargo_control_answer_piece(uint8_t bytes[static EMBARGO_CONTROL_PACKET])
{
	return put_head(bytes, PACKET_PIECE);
}

size_t embargo_control_answer_end(int error, const struct embargo_diagnostic *diagnostic,
				  uint8_t bytes[static EMBARGO_CONTROL_PACKET])
{
	size_t at = put_head(bytes, PACKET_END);

	at += put(bytes + at, (uint32_t)-error, 4);
	at += put(bytes + at, diagnostic->line, 4);
	at += put(bytes + at, diagnostic->column, 4);
	at += put_text(bytes + at, diagnostic->file);
	at += put_text(bytes + at, diagnostic->what);
	return at + put_text(bytes + at, diagnostic->remedy);
}
