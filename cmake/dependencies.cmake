# Debian packages, each justified in docs/dependencies.md.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nng CONFIG REQUIRED)
find_package(msgpack CONFIG REQUIRED)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(MD REQUIRED IMPORTED_TARGET libmd)
# Without its shared library, which brings the one of C++ along: a sixth of what
# `tutti ls` takes. A debug build has the shared one, whose place a library that is
# preloaded can take (tests/faults).
if(CMAKE_BUILD_TYPE STREQUAL Debug)
	find_library(JEMALLOC jemalloc REQUIRED)
else()
	find_library(JEMALLOC libjemalloc_pic.a REQUIRED)
endif()
