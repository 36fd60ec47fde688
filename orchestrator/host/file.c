#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/loader.h"

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

static int hash_rest(int fd, SHA2_CTX *sha, char hash[65])
{
	unsigned char block[16384];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	ssize_t len;

	while ((len = read(fd, block, sizeof(block))) > 0) {
		SHA256Update(sha, block, (size_t)len);
	}
	if (len < 0) {
		return -errno;
	}
	SHA256Final(digest, sha);
	for (size_t i = 0; i < sizeof(digest); i++) {
		static const char digits[] = "0123456789abcdef";

		hash[2 * i] = digits[digest[i] >> 4];
		hash[2 * i + 1] = digits[digest[i] & 15];
	}
	hash[64] = '\0';
	return 0;
}

static int check_content(int fd, char hash[65], struct err *reterr)
{
	Elf64_Ehdr header;
	SHA2_CTX sha;
	ssize_t len = read(fd, &header, sizeof(header));
	const char *mistake = elf_mistake(&header, len);

	if (mistake) {
		return err_set(reterr, E_INVALID, "%s", mistake);
	}
	SHA256Init(&sha);
	SHA256Update(&sha, (const uint8_t *)&header, sizeof(header));
	int failure = hash_rest(fd, &sha, hash);

	if (failure) {
		return err_set(reterr, E_IO, "cannot read it: %s",
			       strerror(-failure));
	}
	return 0;
}

static int check_open(int fd, const char *path, char hash[65],
		      struct err *reterr)
{
	struct stat file;

	if (fstat(fd, &file) < 0) {
		return missing(path, errno, reterr);
	}
	int rc = check_mode(path, &file, reterr);

	return rc < 0 ? rc : check_content(fd, hash, reterr);
}

int host_file_check(const char *path, char **ret_path, char hash[65],
		    struct err *reterr)
{
	char *real = path[0] ? realpath(path, NULL) : NULL;
	int fd = -1;

	if (!path[0]) {
		return err_set(reterr, E_INVALID, "the path is empty");
	}
	if (real) {
		/* A FIFO must not hold us up before it is found out. */
		fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0) {
		int failure = errno;

		free(real);
		return missing(path, failure, reterr);
	}
	int rc = check_open(fd, real, hash, reterr);

	(void)close(fd);
	if (rc < 0) {
		free(real);
		return rc;
	}
	*ret_path = real;
	return 0;
}
