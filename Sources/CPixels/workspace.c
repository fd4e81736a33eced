#define _POSIX_C_SOURCE 200112L
#include "workspace.h"

#include <stdlib.h>

void *px_allocate(size_t bytes) {
    void *memory = NULL;
    return posix_memalign(&memory, 64, bytes ? bytes : 64) == 0 ? memory : NULL;
}

void px_release(void *memory) { free(memory); }

px_workspace *px_workspace_create(void) { return calloc(1, sizeof(px_workspace)); }

void px_workspace_destroy(px_workspace *workspace) {
    if (!workspace) return;
    for (int slot = 0; slot < PX_SLOTS; ++slot) free(workspace->slots[slot]);
    free(workspace);
}

void *px_scratch(px_workspace *workspace, int slot, size_t bytes) {
    if (workspace->sizes[slot] >= bytes && workspace->slots[slot]) return workspace->slots[slot];
    // Half as much again, so that crops of random sizes settle after a few images.
    const size_t wanted = bytes + bytes / 2 + 64;
    void *memory = px_allocate(wanted);
    if (!memory) return NULL;
    free(workspace->slots[slot]);
    workspace->slots[slot] = memory;
    workspace->sizes[slot] = wanted;
    return memory;
}
