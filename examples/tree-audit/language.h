/*
 * Languages by the names of files: what the filter on `lang` and the checks
 * mean by "c" and "sh".
 */
#ifndef TREE_AUDIT_LANGUAGE_H
#define TREE_AUDIT_LANGUAGE_H

#include "inventory.h"

/* The name ends in .c or .h. */
bool language_is_c(const struct file *file);

/* The name ends in .sh. */
bool language_is_sh(const struct file *file);

#endif
