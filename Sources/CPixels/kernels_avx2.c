#include "kernel_table.h"

#include <string.h>

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define PX_TABLE px_kernels_avx2
#include "kernels.h"
#pragma clang attribute pop
#endif
