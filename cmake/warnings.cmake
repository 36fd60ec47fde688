# One interface target, linked by everything of ours: warnings, hardening and
# the sanitizers of the chosen preset. Sanitizers must cover host and plugins
# together, which is why they are set here and not per target.

add_library(tutti_flags INTERFACE)
target_compile_definitions(tutti_flags INTERFACE _GNU_SOURCE)
target_compile_options(tutti_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-align -Wcast-qual
	-Wpointer-arith -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough
	-Wdouble-promotion
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
	$<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
	$<$<COMPILE_LANGUAGE:C>:-Wold-style-definition>
	$<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wlogical-op>
	$<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wduplicated-cond>
	$<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wduplicated-branches>
	$<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wjump-misses-init>)
if(TUTTI_WERROR)
	target_compile_options(tutti_flags INTERFACE -Werror)
endif()

target_compile_options(tutti_flags INTERFACE
	-fstack-protector-strong -fno-strict-aliasing
	$<$<CONFIG:Release>:-fstack-clash-protection>
	$<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
target_link_options(tutti_flags INTERFACE -Wl,-z,relro -Wl,-z,now)

if(TUTTI_SANITIZE)
	# There are hundreds of programs to link; gold takes half the time.
	include(CheckLinkerFlag)
	check_linker_flag(C -fuse-ld=gold TUTTI_GOLD)
	if(TUTTI_GOLD)
		target_link_options(tutti_flags INTERFACE -fuse-ld=gold)
	endif()
	target_compile_options(tutti_flags INTERFACE
		-fsanitize=${TUTTI_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	target_link_options(tutti_flags INTERFACE -fsanitize=${TUTTI_SANITIZE})
	# Their tables are full of addresses: fixed when a program is linked,
	# and not each of the thousand times that tests start it.
	target_link_options(tutti_flags INTERFACE
		$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
endif()
