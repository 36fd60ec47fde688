#include "check/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map_file(const char *path, struct elf_file *file, struct err *reterr)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		int failure = fd < 0 ? errno : EINVAL;

		if (fd >= 0) {
			(void)close(fd);
		}
		return err_set(reterr, failure == ENOENT ? E_NOT_FOUND : E_IO,
			       "cannot read it: %s", strerror(failure));
	}
	file->size = (size_t)status.st_size;
	file->bytes =
	    file->size ? mmap(NULL, file->size, PROT_READ, MAP_PRIVATE, fd, 0)
		       : MAP_FAILED;
	(void)close(fd);
	if (file->bytes == MAP_FAILED) {
		return err_set(reterr, E_INVALID, "it is empty");
	}
	return 0;
}

/* `count` things of `size` bytes at `offset`, or NULL. */
static const void *part(const struct elf_file *file, uint64_t offset,
			uint64_t count, uint64_t size)
{
	if (offset % 8 || offset > file->size || count > file->size ||
	    count * size > file->size - offset) {
		return NULL;
	}
	return file->bytes + offset;
}

int elf_file_open(const char *path, struct elf_file *ret_file,
		  struct err *reterr)
{
	struct elf_file file = { 0 };
	int rc = map_file(path, &file, reterr);

	if (rc < 0) {
		return rc;
	}
	const Elf64_Ehdr *head = part(&file, 0, 1, sizeof(*head));

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64) {
		elf_file_close(&file);
		return err_set(reterr, E_INVALID, "it is no ELF file");
	}
	file.headers =
	    part(&file, head->e_phoff, head->e_phnum, sizeof(Elf64_Phdr));
	file.header_count = file.headers ? head->e_phnum : 0;
	file.sections =
	    part(&file, head->e_shoff, head->e_shnum, sizeof(Elf64_Shdr));
	file.section_count = file.sections ? head->e_shnum : 0;
	*ret_file = file;
	return 0;
}

void elf_file_close(struct elf_file *file)
{
	if (file->bytes) {
		(void)munmap(file->bytes, file->size);
	}
	*file = (struct elf_file){ 0 };
}

static const Elf64_Phdr *find_header(const struct elf_file *file, uint32_t type)
{
	for (size_t i = 0; i < file->header_count; i++) {
		if (file->headers[i].p_type == type) {
			return &file->headers[i];
		}
	}
	return NULL;
}

/* The value of a tag of the dynamic section; false when it is not there. */
static bool dynamic(const struct elf_file *file, int64_t tag,
		    uint64_t *ret_value)
{
	const Elf64_Phdr *header = find_header(file, PT_DYNAMIC);
	size_t count = header ? header->p_filesz / sizeof(Elf64_Dyn) : 0;
	const Elf64_Dyn *entries =
	    count ? part(file, header->p_offset, count, sizeof(*entries))
		  : NULL;

	for (size_t i = 0; entries && i < count; i++) {
		if (entries[i].d_tag == tag) {
			*ret_value = entries[i].d_un.d_val;
			return true;
		}
	}
	return false;
}

bool elf_file_is_module(const struct elf_file *file)
{
	const Elf64_Ehdr *head = (const void *)file->bytes;
	uint64_t flags = 0;

	(void)dynamic(file, DT_FLAGS_1, &flags);
	return head->e_type == ET_DYN && !(flags & DF_1_PIE) &&
	       !find_header(file, PT_INTERP);
}

/* Without the header the kernel assumes the worst. */
bool elf_file_has_executable_stack(const struct elf_file *file)
{
	const Elf64_Phdr *header = find_header(file, PT_GNU_STACK);

	return !header || (header->p_flags & PF_X);
}

bool elf_file_has_text_relocations(const struct elf_file *file)
{
	uint64_t flags = 0;
	uint64_t unused;

	(void)dynamic(file, DT_FLAGS, &flags);
	return (flags & DF_TEXTREL) || dynamic(file, DT_TEXTREL, &unused);
}

static const Elf64_Shdr *symbol_section(const struct elf_file *file)
{
	for (size_t i = 0; i < file->section_count; i++) {
		if (file->sections[i].sh_type == SHT_DYNSYM &&
		    file->sections[i].sh_link < file->section_count) {
			return &file->sections[i];
		}
	}
	return NULL;
}

static const char *name_at(const struct elf_file *file,
			   const Elf64_Shdr *strings, uint32_t at)
{
	if (strings->sh_offset > file->size ||
	    strings->sh_size > file->size - strings->sh_offset ||
	    at >= strings->sh_size) {
		return NULL;
	}
	const char *name = file->bytes + strings->sh_offset + at;

	return memchr(name, '\0', strings->sh_size - at) ? name : NULL;
}

static bool is_export(const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);
	unsigned visibility = ELF64_ST_VISIBILITY(symbol->st_other);

	return symbol->st_shndx != SHN_UNDEF &&
	       ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
	       (type == STT_FUNC || type == STT_OBJECT ||
		type == STT_GNU_IFUNC || type == STT_TLS) &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

bool elf_file_export(const struct elf_file *file, size_t index,
		     const char **ret_name, bool *ret_weak)
{
	const Elf64_Shdr *section = symbol_section(file);
	size_t count = section ? section->sh_size / sizeof(Elf64_Sym) : 0;
	const Elf64_Sym *symbols =
	    count ? part(file, section->sh_offset, count, sizeof(*symbols))
		  : NULL;

	for (size_t i = 0; symbols && i < count; i++) {
		const Elf64_Shdr *strings = &file->sections[section->sh_link];
		const char *name = name_at(file, strings, symbols[i].st_name);

		if (name && is_export(&symbols[i]) && index-- == 0) {
			*ret_name = name;
			*ret_weak =
			    ELF64_ST_BIND(symbols[i].st_info) != STB_GLOBAL;
			return true;
		}
	}
	return false;
}
