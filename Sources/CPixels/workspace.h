#ifndef CPIXELS_WORKSPACE_H
#define CPIXELS_WORKSPACE_H

#include <stddef.h>

#include "CPixels.h"

enum { PX_SLOTS = 8 };

struct px_workspace {
    void *slots[PX_SLOTS];
    size_t sizes[PX_SLOTS];
};

/// At least `bytes` bytes, 64-byte aligned, valid until the same slot is asked for more; NULL when memory is out.
void *px_scratch(px_workspace *workspace, int slot, size_t bytes);

#endif
