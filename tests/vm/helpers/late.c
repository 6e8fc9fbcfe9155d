// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes one byte whose system call began before the file was mapped and hashed, and ends while
 * that goes on. */
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helper.h"

#define PAGE   4096
#define OFFSET 48 /* e_flags of an ELF file, which mean nothing on x86 */
#define BEGUN                                                                              \
	150000 /* microseconds, by which the hash has read the first page but not the last \
		*/

struct target {
	int writer;
	int reader;
	const char *byte; /* in a page that is not there yet: the kernel waits for it */
	volatile int is_mapped;
	volatile int was_refused;
};

static void *write_byte(void *argument)
{
	struct target *target = argument;

	if (pwrite(target->writer, target->byte, 1, OFFSET) != 1)
		refuse("pwrite");
	return NULL;
}

static void *map_code(void *argument)
{
	struct target *target = argument;

	target->was_refused = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, target->reader,
				   0) == MAP_FAILED;
	target->is_mapped = 1;
	return NULL;
}

/* A page that comes when we say so; returns the descriptor to say it by. */
static int absent_page(const char **page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fault = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fault < 0 || memory == MAP_FAILED || ioctl(fault, UFFDIO_API, &api))
		refuse("userfaultfd");
	area.range.start = (unsigned long)memory;
	area.range.len = PAGE;
	if (ioctl(fault, UFFDIO_REGISTER, &area))
		refuse("UFFDIO_REGISTER");
	*page = memory;
	return fault;
}

static void provide_page(int fault, const char *page, char byte)
{
	static char content[PAGE];
	struct uffdio_copy copy = { .dst = (unsigned long)page,
				    .src = (unsigned long)content,
				    .len = PAGE };

	content[0] = byte;
	if (ioctl(fault, UFFDIO_COPY, &copy))
		refuse("UFFDIO_COPY");
}

int main(int argc, char **argv)
{
	struct target target = { 0 };
	pthread_t writer, mapper;
	struct uffd_msg message;
	int fault, was_mapped;

	if (argc != 3) {
		fprintf(stderr, "usage: late TARGET BYTE\n");
		return 2;
	}
	fault = absent_page(&target.byte);
	target.writer = open_or_refuse(argv[1], O_WRONLY);
	target.reader = open_or_refuse(argv[1], O_RDONLY);
	if (pthread_create(&writer, NULL, write_byte, &target) ||
	    read(fault, &message, sizeof(message)) != sizeof(message))
		refuse("fault");
	if (pthread_create(&mapper, NULL, map_code, &target))
		refuse("thread");
	usleep(BEGUN);
	provide_page(fault, target.byte, argv[2][0]);
	pthread_join(writer, NULL);
	close(target.writer);
	was_mapped = target.is_mapped;
	pthread_join(mapper, NULL);
	printf("overlapped=%d refused=%d\n", !was_mapped, target.was_refused);
	return 0;
}
