/* The embedded driver, by the suite and by what its rows are to be. */
#include "conformance.h"
#include "embedded_rows.h"

static const struct driver_under_test embedded = {
	.name = "embedded",
	.driver = &embedded_driver,
};

int main(void)
{
	return conformance_run(&embedded, embedded_rows);
}
