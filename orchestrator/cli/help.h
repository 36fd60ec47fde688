/*
 * Help, made from the table of verbs. Pure.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/verb.h"

/* All verbs in their groups, and the options of every verb. */
void help_put_overview(struct buf *out);

/* One verb: summary, usage, text, options. */
void help_put_verb(struct buf *out, const struct verb *verb);

/* A word that is no verb and begins some of two words: the only one's help, or
 * which they are. False: it begins none. */
bool help_put_first_word(struct buf *out, struct slice word);

/* "usage: tutti start [options] [WORKFLOW]" and a newline. */
void help_put_usage(struct buf *out, const struct verb *verb);

#endif
