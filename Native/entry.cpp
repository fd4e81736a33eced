// The one exported symbol: checks that this library fits its caller, the libtorch it found and the processor, then
// hands over the table.
#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/headeronly/version.h>

#include <c10/util/Logging.h>

#include <cstdio>
#include <cstdlib>

#include "native.h"

namespace supernet {

std::string &error_text() {
    thread_local std::string text;
    return text;
}

namespace {

const char *missing_processor_feature() {
    __builtin_cpu_init();
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#ifdef __FMA__
    if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#ifdef __AVX512F__
    if (!__builtin_cpu_supports("avx512f")) return "AVX-512";
#endif
#ifdef __AVX512VL__
    if (!__builtin_cpu_supports("avx512vl")) return "AVX-512VL";
#endif
#ifdef __AVX512BF16__
    if (!__builtin_cpu_supports("avx512bf16")) return "AVX-512 BF16";
#endif
    return nullptr;
}

}  // namespace
}  // namespace supernet

extern "C" __attribute__((visibility("default"))) const ct_api *ct_native_api(
    uint32_t abi_version, char *message, size_t capacity) {
    using namespace supernet;
    const char *remedy = "rebuild it with Scripts/build-native (make setup does)";
    if (abi_version != CT_ABI_VERSION) {
        std::snprintf(
            message, capacity, "the C++ side has interface version %d, this program wants %u: %s", CT_ABI_VERSION,
            abi_version, remedy);
        return nullptr;
    }
    const uint64_t found = aoti_torch_abi_version();
    if (found != TORCH_ABI_VERSION) {
        std::snprintf(
            message, capacity, "the C++ side was built for libtorch %s, but libtorch %d.%d.%d was loaded: %s",
            TORCH_VERSION, int(found >> 56), int(found >> 48 & 255), int(found >> 40 & 255), remedy);
        return nullptr;
    }
    if (const char *feature = missing_processor_feature()) {
        std::snprintf(
            message, capacity, "the C++ side was built for a processor with %s, which this one lacks: %s", feature,
            remedy);
        return nullptr;
    }
    static ct_api api{};
    static const ct_status status = guarded([] {
        api.abi_version = CT_ABI_VERSION;
        api.compiled_version = TORCH_VERSION;
        // What TORCH_CPP_LOG_LEVEL says.
        c10::initLogging();
        fill_dispatch(api);
        fill_tensors(api);
        fill_autograd(api);
        fill_process(api);
        fill_processes(api);
        if (!std::getenv("SUPERNET_NO_BLOCK_CACHE")) install_allocator();
        register_operators();
    });
    if (status != CT_OK) {
        std::snprintf(message, capacity, "the C++ side could not start: %s", error_text().c_str());
        return nullptr;
    }
    return &api;
}
