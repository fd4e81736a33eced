// Registers this library's operators with the dispatcher, so that they are called like any other.
#include <torch/library.h>

#include "native.h"
#include "operators.h"

namespace supernet {

void register_operators() {
    static torch::Library library(torch::Library::DEF, "supernet", std::nullopt, __FILE__, __LINE__);
    library.def(
        "batch_norm_act(Tensor x, Tensor? weight, Tensor? bias, Tensor? residual, Tensor(a!)? running_mean, "
        "Tensor(b!)? running_var, bool training, float momentum, float eps, bool relu, str group=\"\") -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(batch_norm_act)));
    library.def(
        "split_pool(Tensor x, int radix) -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(split_pool)));
    library.def(
        "split_combine(Tensor x, Tensor attention, int radix) -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(split_combine)));
    library.def(
        "dilated_conv2d(Tensor x, Tensor weight, Tensor? bias, int dilation) -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(dilated_conv2d)));
    library.def(
        "roi_align(Tensor x, Tensor boxes, float scale, int height, int width, int samples, bool aligned) -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(roi_align)));
    library.def(
        "nms(Tensor boxes, Tensor scores, Tensor? groups, float threshold) -> Tensor",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(nms)));
    library.def(
        "pixel_cross_entropy(Tensor logits, Tensor labels, int ignored) -> (Tensor, Tensor)",
        torch::dispatch(c10::DispatchKey::CompositeImplicitAutograd, TORCH_FN(pixel_cross_entropy)));
}

}  // namespace supernet
