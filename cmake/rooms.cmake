# tutti_room(NAME [USES room...] [LIBRARIES target...])
#
# A room is one folder, one static library and one include path. The include
# path holds nothing but a link to the folder, so `#include "store/x.h"`
# compiles only in rooms that name `store` under USES: an arrow that is not
# drawn here is an error of the compiler.

function(tutti_room name)
	cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	add_library(${name} STATIC ${sources})
	set(door ${CMAKE_BINARY_DIR}/rooms/${name})
	file(MAKE_DIRECTORY ${door})
	file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${door}/${name} SYMBOLIC)
	target_include_directories(${name} PUBLIC ${door})
	target_link_libraries(${name} PUBLIC ${ROOM_USES}
		PRIVATE ${ROOM_LIBRARIES} tutti_flags)
endfunction()
