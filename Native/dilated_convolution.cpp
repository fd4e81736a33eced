// The convolution with a 3x3 window whose weights lie far apart, as in atrous spatial pyramids: where most of the window lies
// in the padding, libtorch's gradient of the weights takes up to ten times as long as it has to. Here it is one matrix
// product for each of the nine weights, over the positions at which the weight sees the image. Forward and the gradient of
// the input are libtorch's.
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "operators.h"

namespace supernet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Of a window of three, the positions of a side at which one of its weights sees the image, and how far away it looks.
struct Reach {
    int64_t first, length, shift;

    Reach(int64_t side, int64_t tap, int64_t dilation) : shift((tap - 1) * dilation) {
        first = std::min(std::max<int64_t>(0, -shift), side);
        length = std::max<int64_t>(std::min(side, side - shift) - first, 0);
    }
};

/// The share of the products of window and image that are not with padding, at most 1.
double share(const at::Tensor &x, int64_t dilation) {
    double shares[2] = {0, 0};
    for (int64_t axis = 0; axis < 2; ++axis) {
        for (int64_t tap = 0; tap < 3; ++tap) {
            const int64_t side = x.size(2 + axis);
            shares[axis] += static_cast<double>(Reach(side, tap, dilation).length) / (3.0 * static_cast<double>(side));
        }
    }
    return shares[0] * shares[1];
}

/// The gradient of the weights, [O, C, 3, 3] channels last, from x [N, C, H, W] and the gradient of the output.
at::Tensor weight_gradient(const at::Tensor &x, const at::Tensor &grad, int64_t dilation) {
    const at::Tensor rows = x.permute({0, 2, 3, 1}), upstream = grad.permute({0, 2, 3, 1});
    const int64_t inputs = x.size(1), outputs = grad.size(1);
    at::Tensor result = at::zeros({outputs, 3, 3, inputs}, x.options());
    for (int64_t i = 0; i < 3; ++i) {
        const Reach down(x.size(2), i, dilation);
        for (int64_t j = 0; j < 3; ++j) {
            const Reach across(x.size(3), j, dilation);
            if (down.length == 0 || across.length == 0) continue;
            auto seen = [&](const at::Tensor &map, bool shifted) {
                return map.narrow(1, down.first + (shifted ? down.shift : 0), down.length)
                    .narrow(2, across.first + (shifted ? across.shift : 0), across.length)
                    .reshape({-1, map.size(3)});
            };
            result.select(1, i).select(1, j).copy_(at::mm(seen(upstream, false).t(), seen(rows, true)));
        }
    }
    return result.permute({0, 3, 1, 2});
}

class DilatedConvolution : public torch::autograd::Function<DilatedConvolution> {
public:
    static at::Tensor forward(
        AutogradContext *ctx, const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
        int64_t dilation) {
        ctx->saved_data["dilation"] = dilation;
        ctx->saved_data["bias"] = bias.has_value() && bias->defined();
        ctx->save_for_backward({x, weight});
        return at::conv2d(x, weight, bias, 1, dilation, dilation, 1);
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const auto saved = ctx->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[1];
        const int64_t dilation = ctx->saved_data["dilation"].toInt();
        const bool has_bias = ctx->saved_data["bias"].toBool();
        const at::Tensor grad = upstream[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        at::Tensor grad_x, grad_weight, grad_bias;
        if (ctx->needs_input_grad(0)) {
            grad_x = std::get<0>(at::convolution_backward(
                grad, x, weight, c10::nullopt, {1, 1}, {dilation, dilation}, {dilation, dilation}, false, {0, 0}, 1,
                {true, false, false}));
        }
        if (ctx->needs_input_grad(1)) grad_weight = weight_gradient(x, grad, dilation);
        if (has_bias && ctx->needs_input_grad(2)) grad_bias = grad.sum({0, 2, 3});
        return {grad_x, grad_weight, grad_bias, {}};
    }
};

}  // namespace

at::Tensor dilated_conv2d(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, int64_t dilation) {
    const bool casts = at::autocast::is_autocast_enabled(at::kCPU) && x.is_cpu();
    const at::ScalarType type = casts ? at::autocast::get_autocast_dtype(at::kCPU) : x.scalar_type();
    auto cast = [&](const at::Tensor &tensor) {
        return casts ? at::autocast::cached_cast(type, tensor, at::kCPU) : tensor;
    };
    const bool fits = x.dim() == 4 && weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3 && dilation > 0 &&
        weight.size(1) == x.size(1) && at::GradMode::is_enabled() && weight.requires_grad();
    // Above this share of true products one convolution is as fast as nine matrix products.
    if (fits && is_dense_rows(x) && share(x, dilation) < 0.6) {
        return DilatedConvolution::apply(
            cast(x), cast(weight), bias.has_value() ? std::optional<at::Tensor>(cast(*bias)) : std::nullopt, dilation);
    }
    return at::conv2d(x, weight, bias, 1, dilation, dilation, 1);
}

}  // namespace supernet
