#include "engine/task_list.h"

void task_list_append(struct task_list *list, struct task *task)
{
	task->next = NULL;
	task->previous = list->last;
	if (list->last) {
		list->last->next = task;
	} else {
		list->first = task;
	}
	list->last = task;
}

void task_list_prepend(struct task_list *list, struct task *task)
{
	task->previous = NULL;
	task->next = list->first;
	if (list->first) {
		list->first->previous = task;
	} else {
		list->last = task;
	}
	list->first = task;
}

void task_list_remove(struct task_list *list, struct task *task)
{
	if (task->previous) {
		task->previous->next = task->next;
	} else {
		list->first = task->next;
	}
	if (task->next) {
		task->next->previous = task->previous;
	} else {
		list->last = task->previous;
	}
	task->next = NULL;
	task->previous = NULL;
}
