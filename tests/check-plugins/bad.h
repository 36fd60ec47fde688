/*
 * What every deliberately bad plugin has in common: it is good in everything
 * but what its file is named after.
 */
#ifndef BAD_H
#define BAD_H

#include <tutti/plugin.h>

/* A good handler. */
static inline int32_t bad_handle_well(void *self, const struct tutti_task *task)
{
	(void)self;
	return tutti_succeed(task, "{}");
}

#define BAD_BASICS                                                          \
	.size = sizeof(struct tutti_plugin), .name = "bad", .version = "1", \
	.help = "Breaks one rule."

/* BAD_PLUGIN(.handle = handle, .init = init) */
#define BAD_PLUGIN(...)                                             \
	static const struct tutti_plugin plugin = { BAD_BASICS,     \
						    .max_tasks = 4, \
						    __VA_ARGS__ };  \
	TUTTI_MODULE(&plugin)

#endif
