// What a handle can be asked without a dispatch: shape, type, place, memory.
#include <ATen/ops/from_blob.h>
#include <ATen/ops/item.h>

#include <cstring>

#include "native.h"

namespace supernet {
namespace {

const at::TensorImpl &impl(ct_tensor handle) { return *reinterpret_cast<const at::TensorImpl *>(handle); }

}  // namespace

void fill_tensors(ct_api &api) {
    api.tensor_retain = [](ct_tensor handle) { return release(share(handle)); };
    api.tensor_release = [](ct_tensor handle) {
        c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(reinterpret_cast<at::TensorImpl *>(handle));
    };
    api.tensor_rank = [](ct_tensor handle) { return static_cast<int32_t>(impl(handle).dim()); };
    api.tensor_sizes = [](ct_tensor handle) { return impl(handle).sizes().data(); };
    api.tensor_strides = [](ct_tensor handle, int64_t *out) {
        return guarded([&] {
            const auto strides = impl(handle).strides();
            std::memcpy(out, strides.data(), strides.size() * sizeof(int64_t));
        });
    };
    api.tensor_element_count = [](ct_tensor handle) { return impl(handle).numel(); };
    api.tensor_dtype = [](ct_tensor handle) {
        return static_cast<int32_t>(c10::typeMetaToScalarType(impl(handle).dtype()));
    };
    api.tensor_device = [](ct_tensor handle) { return pack_device(impl(handle).device()); };
    api.tensor_is_contiguous = [](ct_tensor handle, int32_t format) {
        return impl(handle).is_contiguous(static_cast<at::MemoryFormat>(format));
    };
    api.tensor_data = [](ct_tensor handle, void **out) {
        return guarded([&] { *out = Borrowed(handle)->mutable_data_ptr(); });
    };
    api.tensor_storage = [](ct_tensor handle, const void **out) {
        return guarded([&] { *out = Borrowed(handle)->storage().unsafeGetStorageImpl(); });
    };
    api.tensor_from_memory = [](void *memory, const int64_t *sizes, const int64_t *strides, int32_t rank,
                                int32_t dtype, ct_release release_memory, void *context, ct_tensor *out) {
        const ct_status status = guarded([&] {
            const auto options = at::TensorOptions(static_cast<at::ScalarType>(dtype));
            const at::IntArrayRef shape(sizes, rank);
            auto done = [release_memory, context](void *) {
                if (release_memory) release_memory(context);
            };
            *out = release(
                strides ? at::from_blob(memory, shape, at::IntArrayRef(strides, rank), done, options)
                        : at::from_blob(memory, shape, done, options));
        });
        return status;
    };
    api.tensor_item_double = [](ct_tensor handle, double *out) {
        return guarded([&] { *out = Borrowed(handle)->item().toDouble(); });
    };
    api.tensor_item_int = [](ct_tensor handle, int64_t *out) {
        return guarded([&] { *out = Borrowed(handle)->item().toLong(); });
    };
}

}  // namespace supernet
