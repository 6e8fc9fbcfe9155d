// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzzing: any bytes as a request of the control socket, as the packets of an answer, and as what a
 * reload answers. Build with libFuzzer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loader/control/answer.h"
#include "loader/control/request.h"
#include "loader/steward/steward.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was taken says what the bytes say: written again, they are the same. */
static void read_request(const uint8_t *data, size_t size, size_t descriptors)
{
	uint8_t bytes[EMBARGO_CONTROL_REQUEST_SIZE];
	struct embargo_control_request request;

	if (embargo_control_request_read(data, size, descriptors, &request))
		return;
	embargo_control_request_write(&request, bytes);
	if (size != sizeof(bytes) || memcmp(bytes, data, size))
		abort();
}

/* Packets, each with two bytes of its length before it. */
static void read_answer(const uint8_t *data, size_t size)
{
	struct embargo_control_answer answer = { .document = NULL };
	uint8_t bytes[EMBARGO_CONTROL_PACKET];
	int got = 0;

	while (size > 2 && !got) {
		size_t length = (size_t)(data[0] | data[1] << 8);

		length = length < size - 2 ? length : size - 2;
		got = embargo_control_answer_take(&answer, data + 2, length);
		if (got > 0 && (embargo_control_answer_end(answer.error, &answer.diagnostic,
							   bytes) != length ||
				memcmp(bytes, data + 2, length)))
			abort();
		data += 2 + length;
		size -= 2 + length;
	}
	if (answer.size > EMBARGO_CONTROL_DOCUMENT ||
	    (answer.document && answer.document[answer.size]))
		abort();
	embargo_control_answer_free(&answer);
}

static void read_enacted(const uint8_t *data, size_t size)
{
	uint8_t bytes[EMBARGO_STEWARD_ENACTED_SIZE];
	struct embargo_enacted enacted;

	if (embargo_steward_enacted_read(data, size, &enacted))
		return;
	embargo_steward_enacted_write(&enacted, bytes);
	if (size != sizeof(bytes) || memcmp(bytes, data, size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_request(data, size, 0);
	read_request(data, size, 1);
	read_answer(data, size);
	read_enacted(data, size);
	return 0;
}
