/*
 * What every plugin of this example does with a task.
 */
#ifndef IT_WORKED_H
#define IT_WORKED_H

#include <tutti/plugin.h>

/*
 * Handler: says "It worked" and what the plugin was handed, in the log, and
 * gives both back as the task's output:
 *
 *	{"said": "It worked", "message": {"phase": "pre", "run": {...},
 *	 "attributes": {...}}}
 */
int32_t it_worked(void *self, const struct tutti_task *task);

#endif
