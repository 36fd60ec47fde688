# tutti_add_plugin(NAME source...)
#
# A plugin module NAME.so: hidden visibility, no undefined symbols, no prefix.

function(tutti_add_plugin name)
	add_library(${name} MODULE ${ARGN})
	set_target_properties(${name} PROPERTIES PREFIX "")
	target_link_libraries(${name} PRIVATE tutti_sdk tutti_flags
		Threads::Threads)
	if(NOT TUTTI_SANITIZE)
		target_link_options(${name} PRIVATE -Wl,-z,defs)
	endif()
endfunction()
