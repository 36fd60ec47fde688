/*
 * The plugins of this module, each in a file of its own. None subscribes
 * itself: the config binds them, so that it shows the whole audit.
 *
 * What they hand on: `snapshot` writes the list of files into the work folder
 * and puts `tree` and `work` into the stash; `classify` puts `lists` there; the
 * checks give their figures as outputs; `report` reads all of them.
 */
#ifndef TREE_AUDIT_H
#define TREE_AUDIT_H

#include <tutti/plugin.h>

extern const struct tutti_plugin snapshot_plugin;
extern const struct tutti_plugin classify_plugin;
extern const struct tutti_plugin lines_plugin;
extern const struct tutti_plugin largest_plugin;
extern const struct tutti_plugin duplicates_plugin;
extern const struct tutti_plugin includes_plugin;
extern const struct tutti_plugin report_plugin;
extern const struct tutti_plugin clean_plugin;

#endif
