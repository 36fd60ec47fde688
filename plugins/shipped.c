#include "shipped.h"

/* Each is some plugin's tutti_plugin_v1(), renamed when it was compiled. */
const struct tutti_module *tutti_shipped_echo(void);
const struct tutti_module *tutti_shipped_exec(void);
const struct tutti_module *tutti_shipped_wait(void);

const struct shipped_plugin shipped_plugins[] = {
	{ "echo", tutti_shipped_echo },
	{ "exec", tutti_shipped_exec },
	{ "wait", tutti_shipped_wait },
	{ NULL, NULL },
};
