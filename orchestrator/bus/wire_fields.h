/*
 * The codec below wire.h: a message is a C struct and a table that names, for
 * each key of its map, the type and the place in the struct. The same table
 * writes, reads and frees, so that the three cannot disagree. Inside this room
 * only. Any thread.
 */
#ifndef BUS_WIRE_FIELDS_H
#define BUS_WIRE_FIELDS_H

#include "base/buf.h"
#include "base/err.h"
#include "document/value.h"

struct pack_item;

enum wire_type {
	FIELD_TEXT,      /* struct slice, at most `max` bytes */
	FIELD_CUT,       /* the same; longer ones are cut at a character */
	FIELD_HEX,       /* struct slice, exactly `max` lower-case digits */
	FIELD_BYTES,     /* struct slice, at most `max` bytes */
	FIELD_BOOL,      /* bool */
	FIELD_INT,       /* int */
	FIELD_UINT,      /* uint32_t */
	FIELD_INT64,     /* int64_t */
	FIELD_UINT64,    /* uint64_t */
	FIELD_DOUBLE,    /* double */
	FIELD_ID,        /* struct id, as its text */
	FIELD_WORD,      /* int or enum, as one of `words` */
	FIELD_CHOICE,    /* bool, as the first or second of `words` */
	FIELD_CODE,      /* int E_*, as its name; unknown names: E_INVALID */
	FIELD_VALUE,     /* struct value, any document */
	FIELD_MAP,       /* a struct of `shape` */
	FIELD_LIST,      /* pointer and count of structs of `shape` */
	FIELD_TEXTS,     /* pointer and count of struct slice */
	FIELD_PROTOCOL,  /* nothing in the struct: WIRE_PROTOCOL */
	FIELD_PROTOCOLS, /* the same, one of an array */
};

enum wire_presence {
	FIELD_OPTIONAL, /* absent and nil are zero; zero is not written */
	FIELD_REQUIRED,
	FIELD_NULLABLE, /* texts: absent is ptr NULL, "" is a text */
};

struct wire_field {
	const char *key;
	enum wire_type type;
	enum wire_presence presence;
	unsigned kinds; /* bits of the kinds that have it; 0: all */
	size_t offset;
	size_t count_offset;      /* FIELD_LIST, FIELD_TEXTS */
	size_t max;               /* bytes of a text, elements of a list */
	const char *const *words; /* NULL at the end */
	const struct wire_shape *shape;
};

/* Fields of a shape, at most. */
#define WIRE_FIELDS_MAX 32

struct wire_shape {
	size_t size;
	bool twins; /* a key stands in the table more than once */
	bool plain; /* no lists, maps and values: nothing to release */
	/* key NULL at the end. When messages of several kinds share the
	 * struct, the first field is the FIELD_WORD that says which. */
	const struct wire_field *fields;
};

#define WIRE_KIND(kind) (1u << (kind))

/* Appends the struct at `from` as a map. */
void wire_fields_put(struct buf *out, const struct wire_shape *shape,
		     const void *from);

/* The pieces of it, for what is put together from parts. A text that is not
 * UTF-8 is mended. */
void wire_put_map_head(struct buf *out, size_t len);
void wire_put_array_head(struct buf *out, size_t len);
void wire_put_text(struct buf *out, struct slice text);

/* Fills the zeroed struct at `into` from the map at `*at`, in bytes that
 * pack_check() has accepted, and moves on behind it. Texts are borrowed from
 * there. To be released with wire_fields_fini() also after a failure.
 * E_INVALID, E_TOO_BIG, E_VERSION, E_NO_MEMORY. */
int wire_fields_get(const char **at, const struct wire_shape *shape, void *into,
		    struct err *reterr);
void wire_fields_fini(const struct wire_shape *shape, void *at);

/* The same from bytes of which nothing is known yet, within the limits of a
 * frame; *ret_document, to be freed, is the copy that texts borrow from. */
int wire_read_map(struct slice bytes, const struct wire_shape *shape,
		  void *into, char **ret_document, struct err *reterr);

/* Room for what wire_fields_find() finds. */
#define WIRE_FIELDS_FOUND (WIRE_FIELDS_MAX + 1)

/* Where the values of the shape's keys are, by the place of the field in the
 * shape; the last place is for what has none. Returns where the last value is,
 * of whatever key; NULL if there is none. */
const char *wire_fields_find(const struct pack_item *map,
			     const struct wire_shape *shape,
			     const char *found[WIRE_FIELDS_FOUND]);

/* Of lists of the shape, only the elements whose first field is that text. */
struct wire_only {
	const struct wire_shape *shape; /* NULL at the end */
	struct slice text;
};

/*
 * The same for who wants little of much: elements that are left out are looked
 * at only as far as it takes to get past them. Texts are borrowed from `bytes`.
 */
int wire_read_only(struct slice bytes, const struct wire_shape *shape,
		   const struct wire_only *only, void *into,
		   struct err *reterr);

/* {run, ..., members}: in mail and in publications. */
extern const struct wire_shape wire_work_shape;

/* One of those members. */
extern const struct wire_shape wire_member_shape;

/* One plugin of a hello. */
extern const struct wire_shape wire_plugin_shape;

#endif
