# Debian packages, each justified in docs/dependencies.md.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nng CONFIG REQUIRED)
find_package(msgpack CONFIG REQUIRED)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(MD REQUIRED IMPORTED_TARGET libmd)
# Into the program: the shared library brings the one of C++ along, a sixth of
# what `tutti ls` takes. Where allocations are to fail (tests/faults), it is needed.
if(TUTTI_SHARED_HEAP)
	find_library(JEMALLOC_SHARED jemalloc REQUIRED)
	set(JEMALLOC ${JEMALLOC_SHARED})
else()
	find_library(JEMALLOC_STATIC libjemalloc_pic.a REQUIRED)
	set(JEMALLOC ${JEMALLOC_STATIC})
endif()
