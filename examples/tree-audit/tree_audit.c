#include "tree_audit.h"

TUTTI_MODULE(&snapshot_plugin, &classify_plugin, &lines_plugin, &largest_plugin,
	     &duplicates_plugin, &includes_plugin, &report_plugin,
	     &clean_plugin);
