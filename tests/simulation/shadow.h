/*
 * Would a restart now give the same as going on? A second engine is filled from
 * the disk, hands out nothing, and is compared with the one that lives.
 */
#ifndef SIMULATION_SHADOW_H
#define SIMULATION_SHADOW_H

struct sim;

/* An action. */
void shadow_compare(struct sim *sim);

#endif
