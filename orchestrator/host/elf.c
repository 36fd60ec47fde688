/*
 * Just enough of a shared object to see where it looks for its libraries.
 * Nothing in the file is believed: every offset is checked.
 */
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/slice.h"
#include "host/image.h"

/* `size` bytes at a place in the file, or NULL. */
static const void *at(struct slice file, uint64_t offset, uint64_t size)
{
	if (offset > file.len || size > file.len - offset) {
		return NULL;
	}
	return file.ptr + offset;
}

static bool read_header(struct slice file, const Elf64_Ehdr *header,
			uint16_t index, Elf64_Phdr *ret_segment)
{
	const void *there =
	    at(file, header->e_phoff + (uint64_t)index * sizeof(*ret_segment),
	       sizeof(*ret_segment));

	if (there) {
		memcpy(ret_segment, there, sizeof(*ret_segment));
	}
	return there != NULL;
}

/* Where in the file the byte is that will be at this address. */
static uint64_t place_of(struct slice file, const Elf64_Ehdr *header,
			 uint64_t address)
{
	Elf64_Phdr segment;

	for (uint16_t i = 0; i < header->e_phnum; i++) {
		if (read_header(file, header, i, &segment) &&
		    segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
		    address - segment.p_vaddr < segment.p_filesz) {
			return address - segment.p_vaddr + segment.p_offset;
		}
	}
	return UINT64_MAX;
}

/* The value of the first entry with this tag, or 0. */
static uint64_t find_tag(struct slice table, int64_t tag)
{
	Elf64_Dyn entry;

	for (size_t i = 0; i + sizeof(entry) <= table.len; i += sizeof(entry)) {
		memcpy(&entry, table.ptr + i, sizeof(entry));
		if (entry.d_tag == tag) {
			return entry.d_un.d_val;
		}
	}
	return 0;
}

static bool says_origin(struct slice file, uint64_t place)
{
	const char *text = at(file, place, 1);

	if (!text) {
		return false;
	}
	size_t len = strnlen(text, file.len - place);

	return memmem(text, len, "$ORIGIN", 7) ||
	       memmem(text, len, "${ORIGIN}", 9);
}

static bool table_needs_origin(struct slice file, const Elf64_Ehdr *header,
			       struct slice table)
{
	uint64_t texts = place_of(file, header, find_tag(table, DT_STRTAB));
	Elf64_Dyn entry;

	for (size_t i = 0; i + sizeof(entry) <= table.len; i += sizeof(entry)) {
		memcpy(&entry, table.ptr + i, sizeof(entry));
		if (entry.d_tag == DT_NULL) {
			break;
		}
		if ((entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH ||
		     entry.d_tag == DT_NEEDED) &&
		    texts < file.len && entry.d_un.d_val < file.len &&
		    says_origin(file, texts + entry.d_un.d_val)) {
			return true;
		}
	}
	return false;
}

static bool file_needs_origin(struct slice file)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (file.len < sizeof(header)) {
		return false;
	}
	memcpy(&header, file.ptr, sizeof(header));
	for (uint16_t i = 0; i < header.e_phnum; i++) {
		if (!read_header(file, &header, i, &segment) ||
		    segment.p_type != PT_DYNAMIC) {
			continue;
		}
		const void *table =
		    at(file, segment.p_offset, segment.p_filesz);

		if (table && table_needs_origin(
				 file, &header,
				 (struct slice){ table, segment.p_filesz })) {
			return true;
		}
	}
	return false;
}

bool host_elf_needs_origin(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || status.st_size <= 0) {
		return false;
	}
	size_t len = (size_t)status.st_size;
	void *map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED) {
		return false;
	}
	bool needs = file_needs_origin((struct slice){ map, len });

	(void)munmap(map, len);
	return needs;
}
