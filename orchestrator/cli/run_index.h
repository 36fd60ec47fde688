/*
 * The tasks of a run by activity and phase, without those that were taken back,
 * each list in the order of creation, which for pre and post is that of
 * running. Pure.
 */
#ifndef CLI_RUN_INDEX_H
#define CLI_RUN_INDEX_H

#include "store/view.h"

struct task_list {
	const struct task_record *const *tasks;
	size_t len;
};

struct run_index {
	const struct task_record **tasks; /* all, sorted */
	size_t *starts; /* of each (activity, phase), and one beyond */
	const struct task_record **first_open; /* of each; NULL: none */
	size_t activities;
};

/* Borrows the view, which must outlive the index. */
void run_index_init(struct run_index *index, const struct run_view *run);
void run_index_fini(struct run_index *index);

struct task_list run_index_phase(const struct run_index *index, size_t activity,
				 enum phase_kind phase);

/* The first task of the phase that has not ended, or NULL. */
const struct task_record *run_index_first_open(const struct run_index *index,
					       size_t activity,
					       enum phase_kind phase);

/* All three phases. */
struct task_list run_index_activity(const struct run_index *index,
				    size_t activity);

/* What the run's definition says of the task; NULL: nothing, the plugin
 * subscribes itself. */
const struct binding *run_task_binding(const struct run_view *run,
				       const struct task_record *task);

/* The activity's name; "?" for an index that the definition lacks. */
const char *run_activity_name(const struct run_view *run, size_t activity);

#endif
