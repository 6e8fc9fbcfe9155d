// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps a file again and again while another thread switches O_DIRECT on and off on the descriptor.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "helper.h"

#define USAGE                                                                                  \
	"usage: flip FILE ROUNDS\n"                                                            \
	"  maps FILE executable ROUNDS times, and says \"mapped=N refused=N\". FILE is held\n" \
	"  open for writing, so that its digest is taken anew each time\n"

static int fd;
static atomic_bool over;

static void *flip(void *unused)
{
	while (!over) {
		fcntl(fd, F_SETFL, O_DIRECT);
		fcntl(fd, F_SETFL, 0);
	}
	return unused;
}

int main(int argc, char **argv)
{
	int mapped = 0, refused = 0;
	struct stat status;
	pthread_t other;

	if (argc != 3) {
		fputs(USAGE, stderr);
		return 2;
	}
	open_or_refuse(argv[1], O_RDWR);
	fd = open_or_refuse(argv[1], O_RDONLY);
	if (fcntl(fd, F_SETFL, O_DIRECT))
		refuse("O_DIRECT");
	if (fstat(fd, &status) || pthread_create(&other, NULL, flip, NULL))
		refuse("start");
	for (int i = atoi(argv[2]); i > 0; i--) {
		void *memory =
			mmap(NULL, status.st_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

		if (memory == MAP_FAILED) {
			refused++;
			continue;
		}
		mapped++;
		munmap(memory, status.st_size);
	}
	over = true;
	pthread_join(other, NULL);
	printf("mapped=%d refused=%d\n", mapped, refused);
	return 0;
}
