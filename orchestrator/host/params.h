/*
 * Parameters of a plugin: what it declared, what the config gives, and the
 * typed values that come of both. Constant once read; any thread may look.
 */
#ifndef HOST_PARAMS_H
#define HOST_PARAMS_H

#include <tutti/plugin.h>

#include "base/err.h"
#include "document/value.h"

struct host_params {
	const struct tutti_param *declared; /* borrowed from the module */
	struct tutti_value *values;         /* one for each declared */
	size_t count;
};

/* "bool", "int", "double", "string", "duration", as authors write them. */
const char *host_param_type_name(int32_t type);

/* Is the declaration sound? E_INVALID with a sentence for the author. */
int host_params_check(const struct tutti_param *declared, size_t count,
		      struct err *reterr);

/*
 * Values for `count` checked parameters out of `config`, a map or NULL.
 * Members that are not declared are passed over: host_params_unknown() finds
 * them. E_INVALID with a sentence that names the parameter.
 */
int host_params_read(const struct tutti_param *declared, size_t count,
		     const struct value *config, struct host_params *ret_params,
		     struct err *reterr);

/* Releases and leaves it empty. */
void host_params_fini(struct host_params *params);

/* TUTTI_OK or TUTTI_ENOTFOUND. */
int32_t host_params_get(const struct host_params *params, struct slice name,
			struct tutti_value *ret_value);

/*
 * Is every member of `config` declared by one of the plugins that share it?
 * E_INVALID with the nearest name otherwise.
 */
int host_params_unknown(const struct tutti_plugin *plugins, size_t count,
			const struct value *config, struct err *reterr);

#endif
