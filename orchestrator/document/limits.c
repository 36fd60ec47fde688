#include "document/limits.h"

#include "base/limits.h"

const struct document_limits document_limits_default = {
	.size = (size_t)LIMIT_DOCUMENT,
	.depth = LIMIT_DOCUMENT_DEPTH,
	.nodes = LIMIT_DOCUMENT_NODES,
};

const struct document_limits document_limits_config = {
	.size = (size_t)LIMIT_CONFIG_FILE,
	.depth = LIMIT_CONFIG_DEPTH,
	.nodes = LIMIT_CONFIG_NODES,
};
