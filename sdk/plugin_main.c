/*
 * main() of plugin programs: the author's object file with TUTTI_MODULE in it
 * and libtutti_plugin_main.a make a program.
 */
#include "runner/runner.h"

__attribute__((visibility("default"))) int main(int argc, char **argv)
{
	return runner_main(argc, argv, tutti_plugin_v1);
}
