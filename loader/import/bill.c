// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing CycloneDX 1.5, component by component, so that nothing of it is held in memory. */
#include "loader/import/bill.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "loader/base/hex.h"
#include "loader/json/json.h"

/* "urn:uuid:" and a version 4 UUID (RFC 9562): each document is another one. */
static int make_serial(char serial[static 64])
{
	unsigned char bytes[16];
	char hex[EMBARGO_HEX_SIZE(sizeof(bytes))];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	embargo_hex_format(bytes, sizeof(bytes), hex);
	snprintf(serial, 64, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
	return 0;
}

static int put(struct embargo_bill *bill, json_t *value)
{
	return json_dumpf(value, bill->out, JSON_COMPACT) ? -EIO : 0;
}

int embargo_bill_begin(struct embargo_bill *bill, int64_t now)
{
	_cleanup_json_ json_t *metadata = json_object();
	json_t *tool = json_object();
	char serial[64];
	int error = make_serial(serial);

	if (error)
		return error;
	if (embargo_json_set_time(metadata, "timestamp", now) |
	    embargo_json_set_text(tool, "vendor", "embargo") |
	    embargo_json_set_text(tool, "name", "embargo") |
	    embargo_json_set_text(tool, "version", EMBARGO_VERSION) |
	    embargo_json_set(metadata, "tools", json_pack("[o]", tool)))
		return -ENOMEM;
	fprintf(bill->out,
		"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"serialNumber\":\"%s\","
		"\"version\":1,\n\"metadata\":",
		serial);
	error = put(bill, metadata);
	fputs(",\n\"components\":[", bill->out);
	return error;
}

/* Adds { name, value } to @properties where there is a value. */
static int add_property(json_t *properties, const char *name, const char *value)
{
	json_t *property;

	if (!value)
		return 0;
	property = json_object();
	return embargo_json_set_text(property, "name", name) |
			       embargo_json_set_text(property, "value", value) |
			       json_array_append_new(properties, property)
		       ? -ENOMEM
		       : 0;
}

static int fill_properties(json_t *properties, const struct embargo_import_entry *entry,
			   const struct embargo_bill_place *place)
{
	char size[32];
	int failed = add_property(properties, "embargo:policy", place->policy);

	failed |= add_property(properties, "embargo:rule", place->rule);
	failed |= add_property(properties, "embargo:vendor", place->vendor);
	failed |= add_property(properties, "embargo:list", place->list);
	if (entry->kind != EMBARGO_KIND_UNKNOWN)
		failed |= add_property(properties, "embargo:of", embargo_kind_name(entry->kind));
	snprintf(size, sizeof(size), "%" PRIu64, entry->size);
	if (entry->sized)
		failed |= add_property(properties, EMBARGO_BILL_SIZE, size);
	return failed;
}

static int fill_component(json_t *component, size_t number,
			  const struct embargo_import_entry *entry,
			  const struct embargo_bill_place *place)
{
	json_t *hash = json_object(), *supplier = json_object(), *properties = json_array();
	char reference[32];
	int failed = embargo_json_set_text(component, "type", "file");

	snprintf(reference, sizeof(reference), "digest-%zu", number);
	failed |= embargo_json_set_text(component, "bom-ref", reference);
	failed |= embargo_json_set_text(component, "name", entry->name);
	failed |= embargo_json_set_text(supplier, "name", entry->supplier);
	failed |= embargo_json_set(component, "supplier", supplier);
	failed |= embargo_json_set_text(hash, "alg", "SHA-256");
	failed |= embargo_json_set_hex(hash, "content", entry->digest.bytes, EMBARGO_SHA256_SIZE);
	failed |= embargo_json_set(component, "hashes", json_pack("[o]", hash));
	failed |= fill_properties(properties, entry, place);
	failed |= embargo_json_set(component, "properties", properties);
	return failed ? -ENOMEM : 0;
}

int embargo_bill_add(struct embargo_bill *bill, const struct embargo_import_entry *entry,
		     const struct embargo_bill_place *place)
{
	_cleanup_json_ json_t *component = json_object();
	int error = fill_component(component, ++bill->count, entry, place);

	if (error)
		return error;
	fputs(bill->count > 1 ? ",\n" : "\n", bill->out);
	return put(bill, component);
}

int embargo_bill_end(struct embargo_bill *bill)
{
	fputs("\n]}\n", bill->out);
	return ferror(bill->out) ? -EIO : 0;
}
