#include "CPixels.h"
#include "kernel_table.h"

#include <stdatomic.h>

static const px_kernels *kernels_of(px_level level) {
#if defined(__x86_64__)
    if (level == PX_AVX512) return &px_kernels_avx512;
    if (level == PX_AVX2) return &px_kernels_avx2;
#endif
    (void)level;
    return &px_kernels_portable;
}

px_level px_best_level(void) {
#if defined(__x86_64__)
    // Asks the operating system too, which must save the wide registers.
    if (__builtin_cpu_supports("x86-64-v4")) return PX_AVX512;
    if (__builtin_cpu_supports("x86-64-v3")) return PX_AVX2;
#endif
    return PX_PORTABLE;
}

static _Atomic(const px_kernels *) current;

px_level px_use_level(px_level level) {
    const px_level best = px_best_level();
    const px_level taken = level < best ? level : best;
    atomic_store_explicit(&current, kernels_of(taken), memory_order_release);
    return taken;
}

const px_kernels *px_current(void) {
    const px_kernels *kernels = atomic_load_explicit(&current, memory_order_acquire);
    if (kernels) return kernels;
    // Two threads that come here at once store the same pointer.
    kernels = kernels_of(px_best_level());
    atomic_store_explicit(&current, kernels, memory_order_release);
    return kernels;
}
