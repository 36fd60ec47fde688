/*
 * Events about plugins and their instances: see engine.h.
 */
#ifndef ENGINE_PLUGINS_H
#define ENGINE_PLUGINS_H

#include "engine/state.h"

int plugin_registered(struct engine *engine, const struct event *event,
		      struct err *reterr);
int plugin_removed(struct engine *engine, const struct event *event,
		   struct err *reterr);
int plugin_quarantined(struct engine *engine, const struct event *event,
		       struct err *reterr);
int instance_joined(struct engine *engine, const struct event *event,
		    struct err *reterr);
int instance_drained(struct engine *engine, const struct event *event,
		     struct err *reterr);
int instance_gone(struct engine *engine, const struct event *event,
		  struct err *reterr);
void plugins_expected(struct engine *engine, const struct event *event);

#endif
