#include "cli/form.h"

#include <assert.h>

#include "base/buf.h"
#include "base/near.h"

static const char *const names[FORMS] = {
	[FORM_TEXT] = "text",   [FORM_WIDE] = "wide", [FORM_JSON] = "json",
	[FORM_JSONL] = "jsonl", [FORM_CSV] = "csv",   [FORM_NAME] = "name",
	[FORM_YAML] = "yaml",
};

const char *form_name(enum form form)
{
	assert(form < FORMS);
	return names[form];
}

static int refuse(struct slice name, unsigned allowed, struct err *reterr)
{
	struct near near = { 0 };
	struct buf list = { 0 };

	for (unsigned i = 0; i < FORMS; i++) {
		if (allowed & FORM_BIT(i)) {
			near_try(&near, name, names[i]);
			buf_printf(&list, "%s%s", list.len ? ", " : "",
				   names[i]);
		}
	}
	struct slice forms = buf_slice(&list);
	int rc = near.best ? err_set(reterr, E_INVALID,
				     "unknown form '%.*s'; did you mean '%s'?",
				     SLICE_ARG(name), near.best)
			   : err_set(reterr, E_INVALID,
				     "there is no form '%.*s' here, only: %.*s",
				     SLICE_ARG(name), SLICE_ARG(forms));

	buf_fini(&list);
	return rc;
}

int form_parse(struct slice name, unsigned allowed, enum form *ret_form,
	       struct err *reterr)
{
	for (unsigned i = 0; i < FORMS; i++) {
		if ((allowed & FORM_BIT(i)) && slice_is(name, names[i])) {
			*ret_form = (enum form)i;
			return 0;
		}
	}
	return refuse(name, allowed, reterr);
}
