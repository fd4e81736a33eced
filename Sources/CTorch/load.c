#define _GNU_SOURCE
#include "ctorch.h"

#include <dlfcn.h>
#include <stdio.h>

const ct_api *ct_table = NULL;

bool ct_load(const char *path, char *message, size_t capacity) {
    if (ct_table != NULL) return true;
    // RTLD_GLOBAL: libtorch finds its CUDA half, and operators registered by further libraries, by global symbols.
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        snprintf(message, capacity, "%s", dlerror());
        return false;
    }
    ct_native_entry entry = (ct_native_entry)dlsym(library, "ct_native_api");
    if (entry == NULL) {
        snprintf(message, capacity, "%s is not this project's library: it has no ct_native_api", path);
        dlclose(library);
        return false;
    }
    // The library stays open even if it refuses: libtorch does not survive being unloaded.
    const ct_api *table = entry(CT_ABI_VERSION, message, capacity);
    if (table == NULL) return false;
    __atomic_store_n(&ct_table, table, __ATOMIC_RELEASE);
    return true;
}
