// Gradients, and the two thread-local modes that decide whether and in which type they are recorded.
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include "native.h"

namespace supernet {
namespace {

ct_status backward(
    const ct_tensor *outputs, const ct_tensor *seeds, int32_t count, bool retain_graph, bool create_graph) {
    return guarded([&] {
        torch::autograd::backward(
            share(outputs, count), seeds ? share(seeds, count) : std::vector<at::Tensor>{}, retain_graph,
            create_graph);
    });
}

ct_status gradients(
    const ct_tensor *outputs, const ct_tensor *seeds, int32_t output_count, const ct_tensor *inputs,
    int32_t input_count, bool retain_graph, bool create_graph, bool allow_unused, ct_tensor *results) {
    return guarded([&] {
        auto found = torch::autograd::grad(
            share(outputs, output_count), share(inputs, input_count),
            seeds ? share(seeds, output_count) : std::vector<at::Tensor>{}, retain_graph, create_graph, allow_unused);
        for (int32_t i = 0; i < input_count; ++i) results[i] = release(std::move(found[i]));
    });
}

}  // namespace

void fill_autograd(ct_api &api) {
    api.tensor_requires_grad = [](ct_tensor handle) { return Borrowed(handle)->requires_grad(); };
    api.tensor_set_requires_grad = [](ct_tensor handle, bool value) {
        return guarded([&] { Borrowed(handle)->set_requires_grad(value); });
    };
    api.tensor_is_leaf = [](ct_tensor handle) { return Borrowed(handle)->is_leaf(); };
    api.tensor_grad = [](ct_tensor handle, ct_tensor *out) {
        return guarded([&] { *out = release(Borrowed(handle)->grad()); });
    };
    api.tensor_set_grad = [](ct_tensor handle, ct_tensor grad) {
        return guarded([&] { Borrowed(handle)->mutable_grad() = share(grad); });
    };
    api.backward = backward;
    api.gradients = gradients;
    api.grad_mode = [] { return c10::GradMode::is_enabled(); };
    api.set_grad_mode = [](bool enabled) { c10::GradMode::set_enabled(enabled); };
    api.autocast_get = [](int32_t type, bool *enabled, int32_t *dtype) {
        return guarded([&] {
            const auto device = static_cast<at::DeviceType>(type);
            *enabled = at::autocast::is_autocast_enabled(device);
            *dtype = static_cast<int32_t>(at::autocast::get_autocast_dtype(device));
        });
    };
    api.autocast_set = [](int32_t type, bool enabled, int32_t dtype) {
        return guarded([&] {
            const auto device = static_cast<at::DeviceType>(type);
            at::autocast::set_autocast_enabled(device, enabled);
            at::autocast::set_autocast_dtype(device, static_cast<at::ScalarType>(dtype));
        });
    };
    api.autocast_enter = [] { return static_cast<int32_t>(at::autocast::increment_nesting()); };
    api.autocast_leave = [] {
        return guarded([] {
            if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        });
    };
}

}  // namespace supernet
