/*
 * Bad programs have a main() of their own, most of them the usual one.
 */
#ifndef BAD_PROGRAM_H
#define BAD_PROGRAM_H

#include "bad.h"
#include "runner/runner.h"

#define BAD_MAIN                                                 \
	int main(int argc, char **argv)                          \
	{                                                        \
		return runner_main(argc, argv, tutti_plugin_v1); \
	}                                                        \
	int main(int argc, char **argv)

#endif
