/*
 * Plugins as the orchestrator knows them: registrations, and the copies that
 * come, drain, die, and lose their connection.
 */
#ifndef SIMULATION_COPIES_H
#define SIMULATION_COPIES_H

#include <stdint.h>

struct copy;
struct sim;

extern const char *const plugin_names[];

void copies_register(struct sim *sim, uint32_t plugin);
void copies_add(struct sim *sim, uint32_t plugin);
/* EVENT_GONE; a copy that lives goes on in the dark. */
void copies_gone(struct sim *sim, struct copy *copy, const char *died);

/* With the process: those inside are no more, the others know nothing yet. */
void copies_crash(struct sim *sim);

/* Everything is registered, and one copy of each takes tasks. */
void copies_mend(struct sim *sim);

/* Actions. */
void copies_join(struct sim *sim);
void copies_drain(struct sim *sim);
void copies_leave(struct sim *sim);
void copies_die(struct sim *sim);
void copies_unplug(struct sim *sim);
void copies_register_any(struct sim *sim);
void copies_remove(struct sim *sim);
void copies_quarantine(struct sim *sim);

#endif
