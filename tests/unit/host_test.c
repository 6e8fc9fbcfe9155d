// SPDX-License-Identifier: GPL-2.0-or-later
/* What a host's file systems say of its kernel, read from trees made here. */
#include "loader/host/host.h"

#include "tests/unit/tree_fixture.h"

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

/* What the host says, with the files of a kernel that decompresses modules unseen. */
static enum embargo_from_memory from_memory(void)
{
	struct embargo_host host;

	embargo_host_read(root, &host);
	return host.modules_from_memory;
}

static void modules_from_memory_and_ima(void **state)
{
	static const char policy[] = "sys/kernel/security/ima/policy";

	(void)state;
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_UNKNOWN);
	put("sys/kernel/security/lsm", "capability,bpf");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN); /* no IMA */
	put("sys/kernel/security/ima/ascii_runtime_measurements", "");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_UNKNOWN); /* a policy, and gone */
	put(policy, "measure func=MODULE_CHECK\nappraise func=KEXEC_KERNEL_CHECK\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put(policy, "dont_measure fsmagic=1\n  appraise uid=0 func=MODULE_CHECK "
		    "appraise_type=imasig\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_IMA);
	put("sys/module/module/parameters/sig_enforce", "Y\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put("sys/module/module/parameters/sig_enforce", "N\n");
	put(policy, "");
	put("proc/cmdline", "ima_policy=\"appraise_tcb|secure_boot\" ima_policy=tcb\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_IMA);
	put("proc/cmdline", "ima_policy=tcb\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put("proc/sys/kernel/osrelease", "6.12.1\n");
	put("boot/config-6.12.1", "#\nCONFIG_IMA_APPRAISE_REQUIRE_MODULE_SIGS=y\n# end\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_IMA);
}

/* Where the kernel hides its policy, what systemd gave it tells. */
static void modules_from_memory_and_a_hidden_policy(void **state)
{
	(void)state;
	put("sys/kernel/security/lsm", "capability,bpf");
	put("sys/kernel/security/ima/ascii_runtime_measurements", "");
	put("etc/ima/ima-policy", "measure func=BPRM_CHECK\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put("etc/ima/ima-policy", "appraise func=MODULE_CHECK\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_IMA);
}

static void modules_from_memory_and_loadpin(void **state)
{
	(void)state;
	put("sys/kernel/security/lsm", "capability,loadpinned,bpf");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put("sys/kernel/security/lsm", "capability,loadpin,bpf");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_LOADPIN);
	put("proc/sys/kernel/loadpin/enforce", "1\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_LOADPIN);
	put("sys/module/loadpin/parameters/exclude", "firmware,kernel-module\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
	put("sys/module/loadpin/parameters/exclude", "firmware\n");
	put("proc/sys/kernel/loadpin/enforce", "0\n");
	assert_int_equal(from_memory(), EMBARGO_FROM_MEMORY_TAKEN);
}

static void compressed_modules_are_handed_back_before_6_19(void **state)
{
	static const struct {
		const char *release;
		enum embargo_answer decompressed;
		bool back;
	} rows[] = {
		{ "6.1.0-50-amd64", EMBARGO_ANSWER_NO, false },
		{ "6.12.117+deb13", EMBARGO_ANSWER_YES, true },
		{ "6.18", EMBARGO_ANSWER_UNKNOWN, true },
		{ "6.19.0", EMBARGO_ANSWER_YES, false },
		{ "7.0.1", EMBARGO_ANSWER_YES, false },
		{ "", EMBARGO_ANSWER_YES, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct embargo_host host = { .modules_decompressed = rows[i].decompressed };

		strcpy(host.release, rows[i].release);
		assert_int_equal(embargo_host_hands_back(&host), rows[i].back);
	}
}

static void contents_are_judged_at_open_from_6_11_on(void **state)
{
	static const struct {
		const char *release;
		bool judged;
	} rows[] = {
		{ "6.1.0-50-amd64", false }, { "6.10.9", false }, { "6.11.0", true },
		{ "6.12.117+deb13", true },  { "7.0.1", true },	  { "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct embargo_host host = { .btf = EMBARGO_ANSWER_UNKNOWN };

		strcpy(host.release, rows[i].release);
		assert_int_equal(embargo_host_judges_opened(&host), rows[i].judged);
	}
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
		cmocka_unit_test_setup_teardown(modules_from_memory_and_ima, set_up, tear_down),
		cmocka_unit_test_setup_teardown(modules_from_memory_and_a_hidden_policy, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(modules_from_memory_and_loadpin, set_up, tear_down),
		cmocka_unit_test(compressed_modules_are_handed_back_before_6_19),
		cmocka_unit_test(contents_are_judged_at_open_from_6_11_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
