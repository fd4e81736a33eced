#include "kernel_table.h"

#include <string.h>

#define PX_TABLE px_kernels_portable
#include "kernels.h"
