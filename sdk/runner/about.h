/*
 * What this process says of its plugins: the contents of `hello`.
 */
#ifndef RUNNER_ABOUT_H
#define RUNNER_ABOUT_H

#include "bus/wire.h"
#include "runner/runner.h"

/* Texts are borrowed from the module, the options and the environment. */
struct runner_about {
	struct wire_hello hello;
	struct host_plugin_info *plugins;
	char hash[65]; /* of the module's file, or of this program */
};

/* E_* of host_load() and of filters that are no JSON. */
int runner_about_init(struct runner_about *about,
		      const struct runner_options *options, struct err *reterr);
void runner_about_fini(struct runner_about *about);

#endif
