#include "config/keys.h"

const struct config_mapping *const config_mappings[CONFIG_MAPPINGS] = {
	&config_file_mapping,     &config_plugin_mapping,
	&config_override_mapping, &config_restart_mapping,
	&config_activity_mapping, &config_binding_mapping,
	&config_retry_mapping,    &config_workflow_mapping,
	&config_step_mapping,     &config_retain_mapping,
	&config_queue_mapping,
};
