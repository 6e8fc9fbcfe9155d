// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host's file systems say of its kernel, read from trees made here. */
#include "loader/base/cleanup.h"
#include "loader/host/host.h"

#include "tests/unit/unit.h"

static char root[] = "/tmp/embargo-host-XXXXXX";

static void run(const char *format, const char *argument)
{
	char command[512];

	snprintf(command, sizeof(command), format, root, argument);
	assert_int_equal(system(command), 0);
}

/* Writes @text into @path below the root, folders and all. */
static void put(const char *path, const char *text)
{
	_cleanup_fclose_ FILE *file = NULL;
	char name[256];

	snprintf(name, sizeof(name), "%s/%s", root, path);
	run("mkdir -p \"$(dirname '%s/%s')\"", path);
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(text, file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	run("rm -rf '%s%s'", "");
	return 0;
}

static void empty_tree_is_unknown(void **state)
{
	struct embargo_host host;

	(void)state;
	embargo_host_read(root, &host);
	assert_int_equal(host.bpf_listed, EMBARGO_ANSWER_UNKNOWN);
	assert_int_equal(host.unprivileged_bpf, EMBARGO_ANSWER_UNKNOWN);
	assert_string_equal(host.release, "");
	assert_string_equal(host.lsm_boot, "");
	embargo_host_read("/nowhere/at/all", &host);
	assert_int_equal(host.btf, EMBARGO_ANSWER_UNKNOWN);
}

static void stock_kernel_has_bpf(void **state)
{
	struct embargo_host host;

	(void)state;
	put("sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf");
	put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put("sys/kernel/security/ima/ascii_runtime_measurements",
	    "10 4f38ef8f82bbc2a73f2169c57ff5c76e14ce353d ima-sig sha256:00 boot_aggregate \n");
	put("proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
	put("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
	put("boot/config-6.1.0-50-amd64", "#\nCONFIG_BPF_LSM=y\n# CONFIG_FS_VERITY is not set\n");
	embargo_host_read(root, &host);
	assert_int_equal(host.bpf_listed, EMBARGO_ANSWER_YES);
	assert_int_equal(host.bpf_built, EMBARGO_ANSWER_YES);
	assert_int_equal(host.fsverity, EMBARGO_ANSWER_NO);
	assert_int_equal(host.unprivileged_bpf, EMBARGO_ANSWER_NO);
	assert_string_equal(host.lsm_boot, "");
	assert_string_equal(host.lockdown, "none");
	assert_string_equal(host.ima_hash, "sha256");
	assert_string_equal(host.release, "6.1.0-50-amd64");
}

static void missing_bpf_names_the_whole_parameter(void **state)
{
	struct embargo_host host;

	(void)state;
	put("sys/kernel/security/lsm", "lockdown,capability,yama,bpfilter,ebpf\n");
	embargo_host_read(root, &host);
	assert_int_equal(host.bpf_listed, EMBARGO_ANSWER_NO);
	assert_string_equal(host.lsm_boot, "lockdown,yama,bpfilter,ebpf,bpf");
	put("sys/kernel/security/lsm", "capability");
	embargo_host_read(root, &host);
	assert_string_equal(host.lsm_boot, "bpf");
}

static void ima_hash_of_the_command_line_wins(void **state)
{
	struct embargo_host host;

	(void)state;
	put("sys/kernel/security/lsm", "bpf");
	put("sys/kernel/security/ima/ascii_runtime_measurements", "10 0 ima-ng sha256:00 b\n");
	put("proc/cmdline", "quiet xima_hash=md5 ima_hash=sha1\n");
	embargo_host_read(root, &host);
	assert_string_equal(host.ima_hash, "sha1");
	put("proc/cmdline", "quiet\n");
	put("sys/kernel/security/ima/ascii_runtime_measurements", "10 nonsense\n");
	embargo_host_read(root, &host);
	assert_string_equal(host.ima_hash, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_tree_is_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stock_kernel_has_bpf, set_up, tear_down),
		cmocka_unit_test_setup_teardown(missing_bpf_names_the_whole_parameter, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(ima_hash_of_the_command_line_wins, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
