// What belongs to the process or a device as a whole: threads, generators, CUDA, determinism.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <stdexcept>

#include "native.h"

namespace supernet {
namespace {

ct_status generator_new(int64_t packed, uint64_t seed, ct_generator *out) {
    return guarded([&] {
        const c10::Device device = unpack_device(packed);
        at::Generator made = device.is_cpu()
            ? at::globalContext().defaultGenerator(device).clone()
            : at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
        made.set_current_seed(seed);
        *out = reinterpret_cast<ct_generator>(new at::Generator(std::move(made)));
    });
}

ct_status throw_for_test(int32_t kind) {
    return guarded([&] {
        switch (kind) {
            case 0: TORCH_CHECK(false, "a libtorch error");
            case 1: TORCH_CHECK_WITH(OutOfMemoryError, false, "a device out of memory");
            case 2: TORCH_CHECK_NOT_IMPLEMENTED(false, "no kernel");
            case 3: throw std::bad_alloc();
            case 4: throw std::length_error("a standard error");
            case 5: throw 42;
            // NOLINTNEXTLINE: a text, not an exception class, is the point.
            case 6: throw "bare text";
            default: return;
        }
    });
}

}  // namespace

void fill_process(ct_api &api) {
    api.generator_new = generator_new;
    api.generator_release = [](ct_generator handle) { delete reinterpret_cast<at::Generator *>(handle); };
    api.generator_state = [](ct_generator handle, ct_tensor *out) {
        return guarded([&] { *out = release(generator(handle).get_state()); });
    };
    api.generator_set_state = [](ct_generator handle, ct_tensor state) {
        return guarded([&] {
            at::Generator shared = generator(handle);
            shared.set_state(share(state));
        });
    };
    api.take_memory_mark = take_memory_mark;
    api.trim_memory = trim_memory;
    api.thread_count = [] { return static_cast<int32_t>(at::get_num_threads()); };
    api.set_thread_count = [](int32_t count) { return guarded([&] { at::set_num_threads(count); }); };
    api.cuda_device_count = [] {
        int32_t count = 0;
        (void)guarded([&] { count = at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().deviceCount()) : 0; });
        return count;
    };
    api.synchronize = [](int64_t packed) {
        return guarded([&] {
            const c10::Device device = unpack_device(packed);
            if (!device.is_cpu()) c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
        });
    };
    api.set_deterministic = [](bool enabled) {
        return guarded([&] { at::globalContext().setDeterministicAlgorithms(enabled, /*warn_only=*/false); });
    };
    api.build_summary = [] {
        static const std::string text = at::show_config();
        return text.c_str();
    };
    api.throw_for_test = throw_for_test;
}

}  // namespace supernet
