// What the files of the C++ side share: handles, the exception barrier, and the parts of the table.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/TensorBase.h>
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "ctorch.h"

namespace supernet {

/// The calling thread's last error text.
std::string &error_text();

/// Runs `body` and turns whatever it throws into a status: the only place where an exception ends.
template <typename Body>
ct_status guarded(Body &&body) noexcept {
    // Storing the text may itself throw when memory has run out; then the status alone must do.
    auto fail = [](ct_status status, const char *text) noexcept {
        try {
            error_text() = text;
        } catch (...) {
            error_text().clear();
        }
        return status;
    };
    try {
        body();
        return CT_OK;
    } catch (const c10::OutOfMemoryError &e) {
        return fail(CT_ERROR_OUT_OF_MEMORY, e.what_without_backtrace());
    } catch (const c10::NotImplementedError &e) {
        return fail(CT_ERROR_NOT_IMPLEMENTED, e.what_without_backtrace());
    } catch (const c10::Error &e) {
        // The CPU allocator reports exhaustion as an ordinary error; its text is the only mark.
        const char *text = e.what_without_backtrace();
        const bool memory = std::string_view(text).find("can't allocate memory") != std::string_view::npos;
        return fail(memory ? CT_ERROR_OUT_OF_MEMORY : CT_ERROR_TORCH, text);
    } catch (const std::bad_alloc &e) {
        return fail(CT_ERROR_OUT_OF_MEMORY, e.what());
    } catch (const std::exception &e) {
        return fail(CT_ERROR_STANDARD, e.what());
    } catch (...) {
        return fail(CT_ERROR_UNKNOWN, "something that is not a std::exception was thrown");
    }
}

inline ct_tensor release(at::Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    return reinterpret_cast<ct_tensor>(tensor.unsafeReleaseTensorImpl());
}

/// A tensor over a handle that stays the caller's: no reference is counted, up or down.
class Borrowed {
public:
    explicit Borrowed(ct_tensor handle)
        : tensor_(handle ? at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
                               reinterpret_cast<at::TensorImpl *>(handle)))
                         : at::Tensor()) {}
    ~Borrowed() {
        if (tensor_.defined()) (void)tensor_.unsafeReleaseTensorImpl();
    }
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    const at::Tensor &operator*() const { return tensor_; }
    const at::Tensor *operator->() const { return &tensor_; }

private:
    at::Tensor tensor_;
};

/// A counted copy of a handle.
inline at::Tensor share(ct_tensor handle) {
    if (!handle) return {};
    return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::unsafe_reclaim_from_nonowning(
        reinterpret_cast<at::TensorImpl *>(handle)));
}

inline std::vector<at::Tensor> share(const ct_tensor *handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; ++i) tensors.push_back(share(handles[i]));
    return tensors;
}

inline const at::Generator &generator(ct_generator handle) {
    return *reinterpret_cast<const at::Generator *>(handle);
}

inline c10::Device unpack_device(int64_t packed) {
    return c10::Device(static_cast<c10::DeviceType>(packed >> 8), static_cast<c10::DeviceIndex>((packed & 255) - 1));
}

inline int64_t pack_device(c10::Device device) {
    return (static_cast<int64_t>(device.type()) << 8) | (static_cast<int64_t>(device.index()) + 1);
}

// The parts of the table, one file each.
void fill_dispatch(ct_api &api);
void fill_tensors(ct_api &api);
void fill_autograd(ct_api &api);
void fill_process(ct_api &api);
void fill_processes(ct_api &api);

/// The number of processes of a group that this one has joined.
int64_t group_size(const std::string &name);

/// Puts the block cache under libtorch's CPU tensors, unless SUPERNET_NO_BLOCK_CACHE is set.
void install_allocator();
int64_t take_memory_mark();
void trim_memory();

/// Registers the operators under `supernet::`; after the version check, so that a mismatch cannot crash in it.
void register_operators();

}  // namespace supernet
