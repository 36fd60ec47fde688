/*
 * What the dynamic linker would see in a file, without loading it. Nothing in
 * the file is believed. 64-bit only, as is the host.
 */
#ifndef CHECK_ELF_FILE_H
#define CHECK_ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct elf_file {
	char *bytes;
	size_t size;
	const Elf64_Phdr *headers;
	size_t header_count;
	const Elf64_Shdr *sections;
	size_t section_count;
};

int elf_file_open(const char *path, struct elf_file *ret_file,
		  struct err *reterr);
void elf_file_close(struct elf_file *file);

/* A shared object, and no program that can be run? */
bool elf_file_is_module(const struct elf_file *file);

bool elf_file_has_executable_stack(const struct elf_file *file);
bool elf_file_has_text_relocations(const struct elf_file *file);

/* The index-th name that it defines for others; false beyond the last. `weak`:
 * a copy that any other of the name may stand in for, as C++ makes them. */
bool elf_file_export(const struct elf_file *file, size_t index,
		     const char **ret_name, bool *ret_weak);

#endif
