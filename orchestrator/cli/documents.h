/*
 * Attributes, input and uid of a run as the command line gives them.
 */
#ifndef CLI_DOCUMENTS_H
#define CLI_DOCUMENTS_H

#include "base/buf.h"
#include "cli/options.h"
#include "document/value.h"

/* Option table entries of the verbs that take attributes. */
#define ATTRIBUTE_OPTIONS                                                   \
	{                                                                   \
		.name = "attr",                                             \
		.kind = OPTION_REPEATED,                                    \
		.argument = "K=V",                                          \
		.help = "an attribute; V is JSON if it parses, else text",  \
	},                                                                  \
	{                                                                   \
		.name = "attrs", .kind = OPTION_VALUE, .argument = "FILE",  \
		.help = "a file, - for stdin, or JSON; --attr goes on top", \
	}

/* And of those that start runs. */
#define DOCUMENT_OPTIONS                                                      \
	{                                                                     \
		.name = "uid",                                                \
		.kind = OPTION_VALUE,                                         \
		.argument = "UID",                                            \
		.help = "the caller's key: names at most one run",            \
	},                                                                    \
	    ATTRIBUTE_OPTIONS,                                                \
	    {                                                                 \
		    .name = "input",                                          \
		    .kind = OPTION_VALUE,                                     \
		    .argument = "FILE",                                       \
		    .help = "the input: a file, - for stdin, or JSON itself", \
	    },                                                                \
	    {                                                                 \
		    .name = "resume",                                         \
		    .kind = OPTION_FLAG,                                      \
		    .help = "when the uid's run has ended: let it go on",     \
	    },                                                                \
	{                                                                     \
		.name = "override", .kind = OPTION_FLAG,                      \
		.help = "its attributes and input may be others",             \
	}

/* What a new run is started with. */
struct documents {
	struct value attributes; /* a map */
	struct value input;      /* null: none given */
	struct slice uid;        /* borrowed from the options */
	bool has_uid;
	bool resume;
	bool override;
};

/* E_INVALID, E_TOO_BIG, E_NOT_FOUND (no such file), E_IO. */
int documents_read(const struct options *options, struct documents *ret,
		   struct err *reterr);
void documents_fini(struct documents *documents);

/* A map of --attrs and --attr. Of keys that are there twice the last one
 * counts, in the document and on the command line. */
int documents_read_attributes(const struct options *options,
			      struct value *ret_attributes, struct err *reterr);

/* The text of a file, or of standard input ("-"), of at most LIMIT_DOCUMENT
 * bytes. */
int documents_read_file(const char *path, struct buf *out, struct err *reterr);

/* What to call that in a sentence. */
const char *documents_name(const char *path);

/* Two of these options (each may be NULL) cannot both be "-". E_INVALID. */
int documents_check_stdin(const char *one, const char *other,
			  struct err *reterr);

/* One "K=V" into a map. E_INVALID. */
int documents_add_attribute(struct value *map, const char *text,
			    struct err *reterr);

/* Text of the command line must be UTF-8; `what` names it. E_INVALID. */
int documents_check_text(struct slice text, const char *what,
			 struct err *reterr);

#endif
