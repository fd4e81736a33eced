// Batch normalisation over a group of processes by libtorch's own operators, for what the fused loops do not take: a GPU's tensors,
// and those of another layout or type. Statistics and the sums of the backward pass are those of all members, as there.
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include "native.h"
#include "operators.h"

namespace supernet {

at::Tensor gathered_rows(const at::Tensor &own, const std::string &group) {
    auto call = [](const char *name, std::vector<c10::IValue> arguments) {
        torch::jit::Stack stack(std::move(arguments));
        c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(stack);
        return stack.at(0).toTensor();
    };
    const int64_t members = group_size(group);
    const at::Tensor all = call("_c10d_functional::all_gather_into_tensor", {own, members, group});
    return call("_c10d_functional::wait_tensor", {all}).reshape({members, -1});
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class SharedBatchNorm : public torch::autograd::Function<SharedBatchNorm> {
    /// [C] as it stands beside [N, C, ...].
    static at::Tensor beside(const at::Tensor &channels, const at::Tensor &x) {
        std::vector<int64_t> shape(x.dim(), 1);
        shape[1] = -1;
        return channels.reshape(shape);
    }

    static std::vector<int64_t> all_but_channels(const at::Tensor &x) {
        std::vector<int64_t> dims;
        for (int64_t d = 0; d < x.dim(); ++d) {
            if (d != 1) dims.push_back(d);
        }
        return dims;
    }

public:
    static at::Tensor forward(
        AutogradContext *ctx, const at::Tensor &x_, const std::optional<at::Tensor> &weight_,
        const std::optional<at::Tensor> &bias_, const std::optional<at::Tensor> &residual_,
        const std::optional<at::Tensor> &running_mean_, const std::optional<at::Tensor> &running_var_,
        double momentum, double eps, bool relu, const std::string &group) {
        const at::Tensor weight = weight_.value_or(at::Tensor()), bias = bias_.value_or(at::Tensor()),
                         residual = residual_.value_or(at::Tensor());
        const at::Tensor running_mean = running_mean_.value_or(at::Tensor()),
                         running_var = running_var_.value_or(at::Tensor());
        const at::Tensor x = at::isReducedFloatingType(x_.scalar_type()) ? x_.to(at::kFloat) : x_;
        const auto dims = all_but_channels(x);
        const int64_t channels = x.size(1), rows = x.numel() / channels;
        const at::Tensor own = at::cat(
            {at::full({1}, static_cast<double>(rows), x.options().dtype(at::kDouble)), x.mean(dims).to(at::kDouble),
             x.var(dims, false).to(at::kDouble)});
        const at::Tensor all = gathered_rows(own, group);
        const at::Tensor counts = all.slice(1, 0, 1), means = all.slice(1, 1, 1 + channels);
        const double all_rows = counts.sum().item<double>();
        const at::Tensor mean = (counts * means).sum(0) / all_rows;
        const at::Tensor variance =
            (counts * (all.slice(1, 1 + channels) + (means - mean).square())).sum(0) / all_rows;
        const at::Tensor inverse = (variance + eps).rsqrt().to(x.scalar_type());
        const at::Tensor centre = mean.to(x.scalar_type());
        at::Tensor y = (x - beside(centre, x)) * beside(inverse, x);
        if (weight.defined()) y = y * beside(weight, x) + beside(bias, x);
        if (residual.defined()) y = y + residual;
        if (relu) y = at::relu(y);
        if (running_mean.defined()) running_mean.lerp_(mean.to(running_mean.scalar_type()), momentum);
        if (running_var.defined() && all_rows > 1) {
            running_var.lerp_((variance * (all_rows / (all_rows - 1))).to(running_var.scalar_type()), momentum);
        }
        y = y.to(x_.scalar_type());
        ctx->saved_data["rows"] = all_rows;
        ctx->saved_data["group"] = group;
        ctx->saved_data["residual"] = residual.defined();
        ctx->save_for_backward({x_, weight, centre, inverse, relu ? y : at::Tensor()});
        return y;
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const auto saved = ctx->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[1], &centre = saved[2], &inverse = saved[3], &y = saved[4];
        const double all_rows = ctx->saved_data["rows"].toDouble();
        const std::string group = ctx->saved_data["group"].toStringRef();
        const auto dims = all_but_channels(x);
        at::Tensor grad = upstream[0].to(centre.scalar_type());
        if (y.defined()) grad = grad * (y > 0);
        const at::Tensor normal = (x.to(centre.scalar_type()) - beside(centre, x)) * beside(inverse, x);
        const at::Tensor sum = grad.sum(dims), product = (grad * normal).sum(dims);
        const at::Tensor all = gathered_rows(at::cat({sum, product}).to(at::kDouble), group).sum(0).div(all_rows);
        const int64_t channels = x.size(1);
        const at::Tensor first = all.slice(0, 0, channels).to(centre.scalar_type());
        const at::Tensor second = all.slice(0, channels).to(centre.scalar_type());
        const at::Tensor slope = weight.defined() ? weight * inverse : inverse;
        const at::Tensor grad_x =
            beside(slope, x) * (grad - beside(first, x) - normal * beside(second, x));
        const bool has_residual = ctx->saved_data["residual"].toBool();
        return {
            grad_x.to(x.scalar_type()), weight.defined() ? product.to(weight.scalar_type()) : at::Tensor(),
            weight.defined() ? sum.to(weight.scalar_type()) : at::Tensor(),
            has_residual ? grad.to(x.scalar_type()) : at::Tensor(), {}, {}, {}, {}, {}, {}};
    }
};

}  // namespace

at::Tensor shared_batch_norm(
    const at::Tensor &x, const std::optional<at::Tensor> &weight, const std::optional<at::Tensor> &bias,
    const std::optional<at::Tensor> &residual, const std::optional<at::Tensor> &running_mean,
    const std::optional<at::Tensor> &running_var, double momentum, double eps, bool relu, const std::string &group) {
    return SharedBatchNorm::apply(
        x, weight, bias, residual, running_mean, running_var, momentum, eps, relu, group);
}

}  // namespace supernet
