/*
 * The states of plugins and instances, as the daemon names them. Pure.
 */
#ifndef CLI_PLUGIN_STATE_H
#define CLI_PLUGIN_STATE_H

#include "cli/style.h"

enum tone plugin_state_tone(struct slice state);

#endif
