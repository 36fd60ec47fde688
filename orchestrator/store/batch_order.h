/*
 * The order in which the operations of a batch are applied: by table and key,
 * so that those which meet in a page follow one another, and of several on one
 * key in the order they were asked for. Pure.
 */
#ifndef STORE_BATCH_ORDER_H
#define STORE_BATCH_ORDER_H

#include "store/batch.h"

/* <0, 0, >0: by table, then as LMDB compares keys. */
int batch_compare(const struct batch *batch, const struct operation *a,
		  const struct operation *b);

/*
 * The operations from `begin` to before `end`, as indices, in *ret_order, which
 * the caller frees. What is in order already costs one comparison each.
 */
void batch_order(const struct batch *batch, size_t begin, size_t end,
		 size_t **ret_order);

#endif
