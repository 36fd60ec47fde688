# tutti_add_plugin(NAME [CHECK] source...)
#
# One plugin in all its forms. The sources are compiled once, into NAME_objects,
# with hidden visibility; from the same objects come
#
#   NAME         the module NAME.so, to be loaded by the orchestrator or by a
#                process of its own
#   NAME_plugin  the program, to be named under `exec:` or started by hand
#
# With CHECK, and when tests are enabled, `tutti plugin check` of both becomes
# the tests plugin.NAME.so and plugin.NAME.program. Libraries that the plugin
# needs: target_link_libraries(NAME_objects PUBLIC ...).
#
# TUTTI_PLUGIN_FLAGS: targets whose options everything is built with.

function(tutti_add_plugin name)
	cmake_parse_arguments(PLUGIN "CHECK" "" "" ${ARGN})
	add_library(${name}_objects OBJECT ${PLUGIN_UNPARSED_ARGUMENTS})
	set_target_properties(${name}_objects PROPERTIES
		POSITION_INDEPENDENT_CODE ON
		C_VISIBILITY_PRESET hidden
		CXX_VISIBILITY_PRESET hidden)
	target_link_libraries(${name}_objects
		PUBLIC tutti::sdk Threads::Threads
		PRIVATE ${TUTTI_PLUGIN_FLAGS})

	add_library(${name} MODULE)
	target_link_libraries(${name} PRIVATE ${name}_objects
		${TUTTI_PLUGIN_FLAGS})
	set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so")
	# What is missing is to be found out now, not when it is loaded; only
	# sanitizers leave symbols to the program.
	if(NOT TUTTI_SANITIZE AND NOT
			"${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
		target_link_options(${name} PRIVATE -Wl,-z,defs -Wl,-z,now)
	endif()

	add_executable(${name}_plugin)
	target_link_libraries(${name}_plugin PRIVATE ${name}_objects
		tutti::plugin_main ${TUTTI_PLUGIN_FLAGS})
	if(PLUGIN_CHECK AND CMAKE_TESTING_ENABLED)
		add_test(NAME plugin.${name}.so COMMAND tutti::tutti
			plugin check $<TARGET_FILE:${name}>)
		add_test(NAME plugin.${name}.program COMMAND tutti::tutti
			plugin check $<TARGET_FILE:${name}_plugin>)
	endif()
endfunction()
