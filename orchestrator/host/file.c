#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/loader.h"

/* Newer than this system's headers: without it some systems deny execution. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE 0 /* the dynamic linker will tell */
#endif

static int missing(const char *path, int failure, struct err *reterr)
{
	if (failure == ENOENT || failure == ENOTDIR) {
		return err_set(reterr, E_NOT_FOUND,
			       "there is no such file: build it, or correct "
			       "the path");
	}
	if (failure == EACCES) {
		return err_set(reterr, E_DENIED,
			       "this process may not read it: check its owner "
			       "and mode, and those of the folders above");
	}
	return err_set(reterr, E_INVALID, "cannot use the path '%.80s': %s",
		       path, strerror(failure));
}

static int check_folder(const char *path, struct err *reterr)
{
	size_t len = (size_t)(strrchr(path, '/') - path);
	char *folder = slice_dup((struct slice){ path, len ? len : 1 });
	struct stat status;
	int rc = 0;

	if (stat(folder, &status) == 0 && (status.st_mode & S_IWOTH) &&
	    !(status.st_mode & S_ISVTX)) {
		rc = err_set(reterr, E_DENIED,
			     "everybody may write to its folder and so run "
			     "code here: chmod o-w '%s'",
			     folder);
	}
	free(folder);
	return rc;
}

/* Who can write to it can run code as this process. */
static int check_mode(const char *path, const struct stat *file,
		      struct err *reterr)
{
	if (!S_ISREG(file->st_mode)) {
		return err_set(reterr, E_INVALID, "it is no regular file");
	}
	if (file->st_mode & S_IWOTH) {
		return err_set(reterr, E_DENIED,
			       "everybody may write to it and so run code "
			       "here: chmod o-w '%s'",
			       path);
	}
	return check_folder(path, reterr);
}

static const char *elf_mistake(const Elf64_Ehdr *header, ssize_t len)
{
	if (len < (ssize_t)sizeof(*header) ||
	    memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
		return "it is no shared object: a plugin module is a .so file, "
		       "made with cc -shared -fPIC";
	}
	if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    (MACHINE && header->e_machine != MACHINE)) {
		return "it was built for another kind of machine: build it on "
		       "this one";
	}
	if (header->e_type != ET_DYN) {
		return "it is an ELF file but no shared object: link it with "
		       "cc -shared -fPIC";
	}
	return NULL;
}

/* A file in memory, or -1 where there is none to be had. */
static int open_copy(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	char label[200]; /* as maps and debuggers show it */

	(void)snprintf(label, sizeof(label), "%.190s", name);
	int copy = memfd_create(label, flags | MFD_EXEC);

	return copy < 0 && errno == EINVAL ? memfd_create(label, flags) : copy;
}

/* Without the copy the module is loaded by its path: not an error. */
static void put_block(int *copy, const char *block, size_t len)
{
	while (*copy >= 0 && len) {
		ssize_t put = write(*copy, block, len);

		if (put < 0 && errno != EINTR) {
			(void)close(*copy);
			*copy = -1;
		} else if (put > 0) {
			block += put;
			len -= (size_t)put;
		}
	}
}

static void finish_hash(SHA2_CTX *sha, char hash[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256Final(digest, sha);
	for (size_t i = 0; i < sizeof(digest); i++) {
		hash[2 * i] = digits[digest[i] >> 4];
		hash[2 * i + 1] = digits[digest[i] & 15];
	}
	hash[64] = '\0';
}

/* What is checked, hashed and copied are the same bytes. */
static int read_content(int fd, char hash[65], int *copy, struct err *reterr)
{
	char block[16384] = { 0 };
	Elf64_Ehdr header;
	SHA2_CTX sha;
	ssize_t len = read(fd, block, sizeof(block));

	memcpy(&header, block, sizeof(header));
	const char *mistake = elf_mistake(&header, len);

	if (mistake) {
		return err_set(reterr, E_INVALID, "%s", mistake);
	}
	SHA256Init(&sha);
	while (len > 0) {
		SHA256Update(&sha, (const uint8_t *)block, (size_t)len);
		put_block(copy, block, (size_t)len);
		len = read(fd, block, sizeof(block));
	}
	if (len < 0) {
		return err_set(reterr, E_IO, "cannot read it: %s",
			       strerror(errno));
	}
	finish_hash(&sha, hash);
	return 0;
}

static int read_open(int fd, struct host_file *file, struct err *reterr)
{
	struct stat status;

	if (fstat(fd, &status) < 0) {
		return missing(file->path, errno, reterr);
	}
	int rc = check_mode(file->path, &status, reterr);

	if (rc == 0) {
		file->copy = open_copy(file->path);
		rc = read_content(fd, file->hash, &file->copy, reterr);
	}
	if (rc == 0 && file->copy >= 0) {
		(void)fcntl(file->copy, F_ADD_SEALS,
			    F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
				F_SEAL_SEAL);
	}
	return rc;
}

void host_file_fini(struct host_file *file)
{
	if (file->copy >= 0) {
		(void)close(file->copy);
	}
	free(file->path);
	*file = (struct host_file){ .copy = -1 };
}

int host_file_read(const char *path, struct host_file *ret_file,
		   struct err *reterr)
{
	struct host_file file = { .copy = -1 };
	int fd = -1;

	if (!path[0]) {
		return err_set(reterr, E_INVALID, "the path is empty");
	}
	file.path = realpath(path, NULL);
	if (file.path) {
		/* A FIFO must not hold us up before it is found out. */
		fd = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0) {
		int failure = errno;

		free(file.path);
		return missing(path, failure, reterr);
	}
	int rc = read_open(fd, &file, reterr);

	(void)close(fd);
	if (rc < 0) {
		host_file_fini(&file);
		return rc;
	}
	*ret_file = file;
	return 0;
}
