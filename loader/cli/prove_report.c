// SPDX-License-Identifier: GPL-2.0-or-later
/* A proof in words and as JSON. */
#include "loader/cli/prove_report.h"

#include <errno.h>
#include <string.h>

#include "loader/cli/options.h"
#include "loader/json/json.h"
#include "loader/model/names.h"

/* How many ways went like that; @known: of those that are known to be open, or of the others. */
static size_t count(const struct embargo_proof *proof, enum embargo_outcome outcome, bool known)
{
	size_t found = 0;

	for (size_t i = 0; i < proof->count; i++)
		found += proof->ways[i].outcome == outcome && !proof->ways[i].way->open == !known;
	return found;
}

void embargo_prove_report_text(const struct embargo_proof *proof, FILE *out)
{
	for (size_t i = 0; i < proof->count; i++) {
		const struct embargo_proof_way *way = &proof->ways[i];

		fprintf(out, "%-7s  %-18s  %s", embargo_outcome_name(way->outcome), way->way->name,
			way->way->what);
		if (way->because[0])
			fprintf(out, "\n%29s%s because %s", "", embargo_outcome_name(way->outcome),
				way->because);
		fputc('\n', out);
	}
	fprintf(out,
		"\n%zu closed, %zu open that should be closed, %zu only audited, "
		"%zu known to be open, %zu absent here, %zu that could not be tried\n",
		count(proof, EMBARGO_OUTCOME_CLOSED, false),
		count(proof, EMBARGO_OUTCOME_OPEN, false),
		count(proof, EMBARGO_OUTCOME_AUDITED, false),
		count(proof, EMBARGO_OUTCOME_OPEN, true),
		count(proof, EMBARGO_OUTCOME_ABSENT, false),
		count(proof, EMBARGO_OUTCOME_UNTRIED, false));
}

static json_t *list_cases(const char *cases)
{
	json_t *list = json_array();

	while (list && *cases) {
		size_t length = strcspn(cases, " ");

		json_array_append_new(list, json_stringn(cases, length));
		cases += length + strspn(cases + length, " ");
	}
	return list;
}

static json_t *describe(const struct embargo_proof_way *way)
{
	json_t *object = json_object();

	if (!object)
		return NULL;
	embargo_json_set_text(object, "name", way->way->name);
	embargo_json_set_text(object, "what", way->way->what);
	embargo_json_set_text(object, "operation", embargo_operation_name(way->way->operation));
	embargo_json_set_text(object, "outcome", embargo_outcome_name(way->outcome));
	embargo_json_set_text(object, "because", way->because[0] ? way->because : NULL);
	embargo_json_set(object, "known", json_boolean(way->way->open));
	embargo_json_set(object, "cases", list_cases(way->way->cases));
	return object;
}

int embargo_prove_report_json(const struct embargo_proof *proof, FILE *out)
{
	_cleanup_json_ json_t *array = json_array();

	if (!array)
		return -ENOMEM;
	for (size_t i = 0; i < proof->count; i++)
		if (json_array_append_new(array, describe(&proof->ways[i])))
			return -ENOMEM;
	return embargo_json_print(array, out);
}

int embargo_prove_report_exit(const struct embargo_proof *proof)
{
	switch (embargo_proof_worst(proof)) {
	case EMBARGO_OUTCOME_CLOSED:
		return EMBARGO_EXIT_YES;
	case EMBARGO_OUTCOME_OPEN:
		return EMBARGO_EXIT_NO;
	default:
		return EMBARGO_EXIT_FAILURE;
	}
}
