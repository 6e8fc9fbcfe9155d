// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs the first instructions of a program that is never executed nor mapped: read, and put where
 * another's are. */
#include <elf.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "helper.h"

/* All that `tiny` is made of. */
#define CODE_SIZE 32

/* What lies at the entry of the static program @path. */
static void read_code(const char *path, char *code)
{
	size_t size;
	char *bytes = read_whole(path, &size);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)bytes;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(bytes + header->e_phoff);

	for (int i = 0; i < header->e_phnum; i++, segment++) {
		size_t place = header->e_entry - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && place < segment->p_filesz)
			memcpy(code, bytes + segment->p_offset + place, CODE_SIZE);
	}
	free(bytes);
}

/* A child that has just executed @program and stands at its first instruction. */
static pid_t stopped_at_entry(char *program)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(program, program, NULL);
		refuse(program);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		refuse("the child did not stop");
	return child;
}

static unsigned long place_of(pid_t child)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, child, NULL, &registers))
		refuse("PTRACE_GETREGS");
	return registers.rip;
}

static void write_by_ptrace(pid_t child, const char *code)
{
	unsigned long place = place_of(child), word;

	for (size_t i = 0; i < CODE_SIZE; i += sizeof(word)) {
		memcpy(&word, code + i, sizeof(word));
		if (ptrace(PTRACE_POKETEXT, child, place + i, word))
			refuse("PTRACE_POKETEXT");
	}
}

static void write_by_memory(pid_t child, const char *code)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	fd = open_or_refuse(path, O_RDWR);
	if (pwrite(fd, code, CODE_SIZE, place_of(child)) != CODE_SIZE)
		refuse("pwrite");
	close(fd);
}

/* Anonymous memory of its own: this process becomes the program. */
static void __attribute__((noreturn)) become(const char *code)
{
	void *memory = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		refuse("mmap");
	memcpy(memory, code, CODE_SIZE);
	((void (*)(void))memory)();
	_exit(REFUSED);
}

int main(int argc, char **argv)
{
	char code[CODE_SIZE] = { 0 };
	int status;
	pid_t child;

	if (argc < 3 || (strcmp(argv[1], "anonymous") && argc < 4)) {
		fprintf(stderr, "usage: implant anonymous CODE\n"
				"       implant ptrace|memory CODE PROGRAM\n");
		return 2;
	}
	read_code(argv[2], code);
	if (argc < 4)
		become(code);
	child = stopped_at_entry(argv[3]);
	if (!strcmp(argv[1], "ptrace"))
		write_by_ptrace(child, code);
	else
		write_by_memory(child, code);
	ptrace(PTRACE_DETACH, child, NULL, NULL);
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		refuse("the child did not end");
	return WEXITSTATUS(status);
}
