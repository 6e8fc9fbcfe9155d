// SPDX-License-Identifier: GPL-2.0-or-later
/* YAML as a tree, from libyaml's events. Its document API would resolve aliases and keep duplicate
 * keys without a word, and takes time quadratic in the depth. */
#include "loader/policy/tree.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

#include "loader/base/cleanup.h"
#include "loader/policy/source.h"

struct builder {
	const char *file;
	struct embargo_arena *arena;
	struct embargo_diagnostic *diagnostic;
	struct embargo_node *open[EMBARGO_POLICY_DEPTH]; /* the nodes that surround the next one */
	size_t depth;
	struct embargo_node *root;
	bool done; /* the document has ended */
};

static struct embargo_mark mark_of(const yaml_mark_t *mark)
{
	return (struct embargo_mark) { .line = (unsigned int)mark->line + 1,
				       .column = (unsigned int)mark->column + 1 };
}

static int refuse(const struct builder *builder, struct embargo_mark mark, int error,
		  const char *what, const char *remedy)
{
	embargo_diagnostic_at(builder->diagnostic, builder->file, mark.line, mark.column);
	embargo_diagnostic_remedy(builder->diagnostic, "%s", remedy);
	return embargo_diagnostic_what(builder->diagnostic, error, "%s", what);
}

static int refuse_yaml(const struct builder *builder, const yaml_parser_t *parser)
{
	struct embargo_mark mark = mark_of(&parser->problem_mark);

	if (parser->error == YAML_MEMORY_ERROR)
		return embargo_diagnostic_what(builder->diagnostic, -ENOMEM, "out of memory");
	embargo_diagnostic_at(builder->diagnostic, builder->file, mark.line, mark.column);
	embargo_diagnostic_remedy(builder->diagnostic,
				  "correct the indentation, brackets or quotes here");
	return embargo_diagnostic_what(builder->diagnostic, -EINVAL, "is not YAML: %s",
				       parser->problem ? parser->problem : "unreadable");
}

static int refuse_duplicate(const struct builder *builder, const struct embargo_node *key,
			    const struct embargo_node *first)
{
	embargo_diagnostic_at(builder->diagnostic, builder->file, key->mark.line, key->mark.column);
	embargo_diagnostic_remedy(builder->diagnostic, "keep one of the two");
	return embargo_diagnostic_what(builder->diagnostic, -EINVAL,
				       "key '%.64s' a second time; the first is in line %u",
				       key->text, first->mark.line);
}

/* Is @node, about to join @parent, a key? Then it must be a word, and a new one. */
static int check_key(const struct builder *builder, const struct embargo_node *parent,
		     const struct embargo_node *node)
{
	const struct embargo_node *other = parent->first;

	if (parent->kind != EMBARGO_NODE_MAPPING || parent->count % 2)
		return 0;
	if (node->kind != EMBARGO_NODE_SCALAR)
		return refuse(builder, node->mark, -EINVAL, "a key that is not a word",
			      "write KEY: VALUE");
	if (parent->count / 2 == EMBARGO_POLICY_KEYS)
		return refuse(builder, node->mark, -E2BIG, "more than 1024 keys in one mapping",
			      "divide the policy");
	for (; other; other = other->next->next)
		if (!strcmp(other->text, node->text))
			return refuse_duplicate(builder, node, other);
	return 0;
}

static int add(struct builder *builder, struct embargo_node *node)
{
	struct embargo_node *parent;
	int error;

	if (!builder->depth) {
		builder->root = node;
		return 0;
	}
	parent = builder->open[builder->depth - 1];
	error = check_key(builder, parent, node);
	if (error)
		return error;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->count++;
	return 0;
}

static int refuse_decoration(const struct builder *builder, struct embargo_mark mark,
			     const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return refuse(builder, mark, -EINVAL, "an anchor (&)", "write the value out");
	if (tag)
		return refuse(builder, mark, -EINVAL, "a tag (!)", "write the value without it");
	return 0;
}

static struct embargo_node *make_node(struct builder *builder, enum embargo_node_kind kind,
				      struct embargo_mark mark)
{
	struct embargo_node *node = embargo_arena_take(builder->arena, 1, sizeof(*node));

	if (!node) {
		embargo_diagnostic_what(builder->diagnostic, -ENOMEM, "out of memory");
		return NULL;
	}
	node->kind = kind;
	node->mark = mark;
	return node;
}

/* A NUL would end the value for us, and not for who wrote it; the rest writes on terminals. */
static int check_scalar(const struct builder *builder, struct embargo_mark mark, const char *text,
			size_t length)
{
	size_t used;

	for (size_t at = 0; at < length; at += used) {
		const char *what = embargo_source_forbidden(text + at, length - at, &used);

		if (!what)
			continue;
		embargo_diagnostic_at(builder->diagnostic, builder->file, mark.line, mark.column);
		embargo_diagnostic_remedy(
			builder->diagnostic,
			"write the value as text in one line; >- folds a long one");
		return embargo_diagnostic_what(builder->diagnostic, -EINVAL,
					       "a value with %s in it (0x%02x)", what,
					       (unsigned char)text[at]);
	}
	return 0;
}

static int add_scalar(struct builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct embargo_mark mark = mark_of(&event->start_mark);
	size_t length = event->data.scalar.length;
	struct embargo_node *node;
	int error;

	error = refuse_decoration(builder, mark, event->data.scalar.anchor, event->data.scalar.tag);
	if (!error)
		error = check_scalar(builder, mark, text, length);
	if (error)
		return error;
	node = make_node(builder, EMBARGO_NODE_SCALAR, mark);
	if (!node)
		return -ENOMEM;
	node->text = embargo_arena_copy(builder->arena, text, length);
	if (!node->text)
		return embargo_diagnostic_what(builder->diagnostic, -ENOMEM, "out of memory");
	return add(builder, node);
}

static int open_node(struct builder *builder, const yaml_event_t *event,
		     enum embargo_node_kind kind, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct embargo_mark mark = mark_of(&event->start_mark);
	struct embargo_node *node;
	int error;

	error = refuse_decoration(builder, mark, anchor, tag);
	if (error)
		return error;
	if (builder->depth == EMBARGO_POLICY_DEPTH)
		return refuse(builder, mark, -E2BIG, "nested more than 16 deep",
			      "no part of the grammar goes so deep: look at the brackets");
	node = make_node(builder, kind, mark);
	if (!node)
		return -ENOMEM;
	error = add(builder, node);
	if (error)
		return error;
	builder->open[builder->depth++] = node;
	return 0;
}

static int take_event(struct builder *builder, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return add_scalar(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(builder, event, EMBARGO_NODE_SEQUENCE,
				 event->data.sequence_start.anchor, event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_node(builder, event, EMBARGO_NODE_MAPPING,
				 event->data.mapping_start.anchor, event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		builder->depth--;
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(builder, mark_of(&event->start_mark), -EINVAL, "an alias (*)",
			      "write the value out");
	case YAML_DOCUMENT_START_EVENT:
		if (builder->root)
			return refuse(builder, mark_of(&event->start_mark), -EINVAL,
				      "a second document", "put it into a file of its own");
		return 0;
	case YAML_STREAM_END_EVENT:
		builder->done = true;
		return 0;
	default:
		return 0;
	}
}

static int take_events(struct builder *builder, yaml_parser_t *parser)
{
	while (!builder->done) {
		yaml_event_t event;
		int error;

		if (!yaml_parser_parse(parser, &event))
			return refuse_yaml(builder, parser);
		error = take_event(builder, &event);
		yaml_event_delete(&event);
		if (error)
			return error;
	}
	return 0;
}

int embargo_tree_read(const char *file, const char *text, size_t length,
		      struct embargo_arena *arena, struct embargo_node **root,
		      struct embargo_diagnostic *diagnostic)
{
	struct builder builder = { .file = file, .arena = arena, .diagnostic = diagnostic };
	_cleanup_(yaml_parser_delete) yaml_parser_t parser;
	int error;

	if (!yaml_parser_initialize(&parser))
		return embargo_diagnostic_what(diagnostic, -ENOMEM, "out of memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	error = take_events(&builder, &parser);
	if (error)
		return error;
	if (!builder.root)
		return refuse(&builder, (struct embargo_mark) { 1, 1 }, -ENODATA,
			      "no YAML document in it", "see embargo-policy(5) for an example");
	*root = builder.root;
	return 0;
}
