/*
 * Lists of tasks, linked through the tasks: a task is in one at a time.
 */
#ifndef ENGINE_TASK_LIST_H
#define ENGINE_TASK_LIST_H

#include "engine/run.h"

void task_list_append(struct task_list *list, struct task *task);
void task_list_prepend(struct task_list *list, struct task *task);
void task_list_remove(struct task_list *list, struct task *task);

#endif
