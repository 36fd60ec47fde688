# tutti_add_plugin(), the same as plugin authors get, with this tree's flags.

set(TUTTI_PLUGIN_FLAGS tutti_flags)
include(${CMAKE_CURRENT_LIST_DIR}/../sdk/cmake/tutti_add_plugin.cmake)
