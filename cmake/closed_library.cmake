# tutti_closed_library(NAME SOURCES file... ROOMS room... [LIBRARIES lib...])
#
# libNAME.a for people outside: the sources and what they need of the rooms,
# linked into one object of which only symbols with default visibility can be
# seen. A plugin may so have a log_line() of its own. ROOMS names all rooms,
# also those that others use. LIBRARIES are what a program needs besides, as
# words for the linker.
#
# Sanitizers keep tables that do not survive this: there NAME is a plain
# library, for use in this tree only.

function(tutti_closed_library name)
	cmake_parse_arguments(CLOSED "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
	if(TUTTI_SANITIZE)
		add_library(${name} STATIC ${CLOSED_SOURCES})
		target_link_libraries(${name} PUBLIC ${CLOSED_ROOMS}
			PRIVATE tutti_flags)
		return()
	endif()
	add_library(${name}_open OBJECT ${CLOSED_SOURCES})
	target_link_libraries(${name}_open PRIVATE ${CLOSED_ROOMS} tutti_flags)
	set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
	set(library ${CMAKE_CURRENT_BINARY_DIR}/lib${name}.a)
	# Only members that somebody asks for are taken from the archives.
	list(TRANSFORM CLOSED_ROOMS REPLACE "(.+)" "$<TARGET_FILE:\\1>"
		OUTPUT_VARIABLE archives)
	add_custom_command(OUTPUT ${library}
		COMMAND ${CMAKE_LINKER} -r -o ${object}
			$<TARGET_OBJECTS:${name}_open>
			--start-group ${archives} --end-group
		COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}
		COMMAND ${CMAKE_COMMAND} -E rm -f ${library}
		COMMAND ${CMAKE_AR} rcs ${library} ${object}
		DEPENDS ${name}_open $<TARGET_OBJECTS:${name}_open> ${archives}
		COMMAND_EXPAND_LISTS VERBATIM)
	add_custom_target(${name}_archive ALL DEPENDS ${library})
	add_library(${name} INTERFACE)
	add_dependencies(${name} ${name}_archive)
	target_link_libraries(${name} INTERFACE ${library} ${CLOSED_LIBRARIES}
		Threads::Threads)
	install(FILES ${library} DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()
