// Batch normalisation fused with the addition of a residual and with ReLU, forward and backward.
//
// A residual network's time outside its convolutions goes into memory traffic: normalise, add and clamp each read and
// write the whole activation. Here the forward pass reads it twice and writes it once, the backward pass reads it
// twice and writes once. Sums run over fixed row chunks, combined in order in double precision: the result does not
// depend on the number of threads.
//
// The fast path takes dense channels-last activations (or N x C) in float or bfloat16 on the CPU; anything else goes
// through libtorch's own operators, with the same result.
//
// With a group of processes, the statistics are those of all members' rows, merged in the order of ranks in double
// precision (Chan et al., 1979), and so are the sums of the backward pass; the gradients of scale and shift stay a
// member's own, as those of other parameters do until they are averaged.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <numeric>

#include "lanes.h"
#include "native.h"
#include "operators.h"

namespace supernet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The activation as rows of channels. Where sixteen does not divide the channels, several rows are seen as one wider
/// row, so that every load and store is a whole vector: 24 channels become 48, two rows at a time.
struct Rows {
    int64_t real_rows, real_channels;
    /// Real rows in one row.
    int64_t fold;
    int64_t rows, channels;
    /// Rows in a chunk, about 32 KiB of floats, so that a chunk's second look at its rows finds them in cache.
    int64_t chunk, chunks;

    explicit Rows(const at::Tensor &x) : real_rows(x.numel() / x.size(1)), real_channels(x.size(1)), fold(1) {
        const int64_t wanted = kLanes / std::gcd(real_channels, kLanes);
        if (real_rows % wanted == 0) fold = wanted;
        rows = real_rows / fold;
        channels = real_channels * fold;
        chunk = std::clamp<int64_t>(8192 / channels, 16, 512);
        chunks = (rows + chunk - 1) / chunk;
    }

    /// Runs `body(chunk, first row, end row)` over all chunks, in parallel.
    template <typename Body>
    void each_chunk(const Body &body) const {
        const int64_t grain = std::max<int64_t>(1, 32768 / (chunk * channels));
        at::parallel_for(0, chunks, grain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) body(i, i * chunk, std::min(rows, (i + 1) * chunk));
        });
    }

    /// Values of the real channels, repeated for the wider row.
    std::vector<float> repeated(const std::vector<float> &values) const {
        std::vector<float> wide(channels);
        for (int64_t c = 0; c < channels; ++c) wide[c] = values[c % real_channels];
        return wide;
    }

    /// Adds the chunks' partial sums, [chunks, 2, channels], in order: two sums for each real channel.
    void combine(const std::vector<float> &partial, std::vector<double> &first, std::vector<double> &second) const {
        first.assign(real_channels, 0);
        second.assign(real_channels, 0);
        for (int64_t i = 0; i < chunks; ++i) {
            const float *a = partial.data() + 2 * i * channels;
            const float *b = a + channels;
            for (int64_t j = 0; j < channels; j += real_channels) {
                for (int64_t c = 0; c < real_channels; ++c) {
                    first[c] += a[j + c];
                    second[c] += b[j + c];
                }
            }
        }
    }
};

/// Mean and biased variance of each channel. Values are shifted by the first row before they are squared, which keeps
/// the difference of squares from cancelling.
template <typename T>
void statistics(const T *x, const Rows &r, std::vector<double> &mean, std::vector<double> &variance) {
    std::vector<float> first(r.real_channels);
    for (int64_t c = 0; c < r.real_channels; ++c) first[c] = static_cast<float>(x[c]);
    const std::vector<float> shifts = r.repeated(first);
    std::vector<float> partial(2 * r.chunks * r.channels);
    r.each_chunk([&](int64_t index, int64_t begin, int64_t end) {
        float *sums = partial.data() + 2 * index * r.channels;
        each_lanes(r.channels, [&](int64_t c, auto n) {
            const Lanes shift = load(shifts.data() + c, n);
            // Four independent accumulators hide the latency of the additions.
            Lanes sum[4] = {}, square[4] = {};
            auto add = [&](int64_t row, int lane) {
                const Lanes d = load(x + row * r.channels + c, n) - shift;
                sum[lane] += d;
                square[lane] += d * d;
            };
            int64_t row = begin;
            for (; row + 4 <= end; row += 4) {
                add(row, 0);
                add(row + 1, 1);
                add(row + 2, 2);
                add(row + 3, 3);
            }
            for (; row < end; ++row) add(row, 0);
            store(sums + c, (sum[0] + sum[1]) + (sum[2] + sum[3]), n);
            store(sums + r.channels + c, (square[0] + square[1]) + (square[2] + square[3]), n);
        });
    });
    r.combine(partial, mean, variance);
    for (int64_t c = 0; c < r.real_channels; ++c) {
        const double offset = mean[c] / r.real_rows;
        mean[c] = first[c] + offset;
        const double difference = variance[c] / r.real_rows - offset * offset;
        // Rounding may leave less than nothing; NaN, which is not less, stays.
        variance[c] = difference <= 0 ? 0 : difference;
    }
}

/// The values of all members of a group, [members, values], in the order of ranks.
at::Tensor gathered(const std::vector<double> &values, const std::string &group) {
    return gathered_rows(at::tensor(values, at::kDouble), group);
}

/// Replaces the mean and the biased variance of own rows by those of all members', and gives the number of all rows.
double merge_statistics(
    int64_t own_rows, std::vector<double> &mean, std::vector<double> &variance, const std::string &group) {
    const size_t channels = mean.size();
    std::vector<double> own{static_cast<double>(own_rows)};
    own.insert(own.end(), mean.begin(), mean.end());
    for (double v : variance) own.push_back(v * own_rows);
    const at::Tensor all = gathered(own, group);
    const int64_t members = all.size(0), width = all.size(1);
    const double *values = all.const_data_ptr<double>();
    double rows = 0;
    for (int64_t i = 0; i < members; ++i) rows += values[i * width];
    for (size_t c = 0; c < channels; ++c) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < members; ++i) sum += values[i * width] * values[i * width + 1 + c];
        mean[c] = sum / rows;
        for (int64_t i = 0; i < members; ++i) {
            const double offset = values[i * width + 1 + c] - mean[c];
            squares += values[i * width + 1 + channels + c] + values[i * width] * offset * offset;
        }
        variance[c] = squares / rows;
    }
    return rows;
}

/// The sums over all members of two sums for each channel.
void merge_sums(std::vector<double> &first, std::vector<double> &second, const std::string &group) {
    std::vector<double> own = first;
    own.insert(own.end(), second.begin(), second.end());
    const at::Tensor all = gathered(own, group).sum(0);
    const double *values = all.const_data_ptr<double>();
    std::copy(values, values + first.size(), first.begin());
    std::copy(values + first.size(), values + 2 * first.size(), second.begin());
}

/// y = x * scale + shift (+ residual), clamped at zero if `relu`.
template <typename T, bool add, bool relu>
void apply(const T *x, const T *residual, const float *scale, const float *shift, T *y, const Rows &r) {
    r.each_chunk([&](int64_t, int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const int64_t base = row * r.channels;
            each_lanes(r.channels, [&](int64_t c, auto n) {
                Lanes v = load(x + base + c, n) * load(scale + c, n) + load(shift + c, n);
                if constexpr (add) v += load(residual + base + c, n);
                if constexpr (relu) v = positive_part(v);
                store(y + base + c, v, n);
            });
        }
    });
}

template <typename T>
at::Tensor apply(
    const at::Tensor &x, const at::Tensor &residual, const std::vector<float> &real_scale,
    const std::vector<float> &real_shift, bool relu, const Rows &r) {
    const std::vector<float> scale = r.repeated(real_scale), shift = r.repeated(real_shift);
    at::Tensor y = at::empty_like(x);
    const T *in = x.const_data_ptr<T>();
    const T *extra = residual.defined() ? residual.const_data_ptr<T>() : nullptr;
    T *out = y.mutable_data_ptr<T>();
    if (extra && relu) apply<T, true, true>(in, extra, scale.data(), shift.data(), out, r);
    else if (extra) apply<T, true, false>(in, extra, scale.data(), shift.data(), out, r);
    else if (relu) apply<T, false, true>(in, extra, scale.data(), shift.data(), out, r);
    else apply<T, false, false>(in, extra, scale.data(), shift.data(), out, r);
    return y;
}

/// The gradient that reaches the normalised value: zero where ReLU clamped.
template <typename T, bool relu, typename Count>
inline Lanes masked(const T *grad, const T *y, int64_t at, Count n) {
    const Lanes g = load(grad + at, n);
    if constexpr (relu) return passes(load(y + at, n)) ? g : zero();
    return g;
}

template <typename T, bool relu>
void backward_rows(
    const T *x, const T *y, const T *grad, const float *weight, const float *mean, const float *inverse_deviation,
    T *grad_x, T *grad_residual, float *grad_weight, float *grad_bias, double all_rows, const std::string &group,
    const Rows &r) {
    const std::vector<float> means = r.repeated({mean, mean + r.real_channels});
    std::vector<float> partial(2 * r.chunks * r.channels);
    r.each_chunk([&](int64_t index, int64_t begin, int64_t end) {
        float *sums = partial.data() + 2 * index * r.channels;
        each_lanes(r.channels, [&](int64_t c, auto n) {
            const Lanes m = load(means.data() + c, n);
            Lanes sum[2] = {}, product[2] = {};
            auto add = [&](int64_t row, int lane) {
                const int64_t at = row * r.channels + c;
                const Lanes g = masked<T, relu>(grad, y, at, n);
                sum[lane] += g;
                product[lane] += g * (load(x + at, n) - m);
            };
            int64_t row = begin;
            for (; row + 2 <= end; row += 2) {
                add(row, 0);
                add(row + 1, 1);
            }
            for (; row < end; ++row) add(row, 0);
            store(sums + c, sum[0] + sum[1], n);
            store(sums + r.channels + c, product[0] + product[1], n);
        });
    });
    std::vector<double> sum, product;
    r.combine(partial, sum, product);
    for (int64_t c = 0; c < r.real_channels; ++c) {
        grad_weight[c] = static_cast<float>(product[c] * inverse_deviation[c]);
        grad_bias[c] = static_cast<float>(sum[c]);
    }
    if (!group.empty()) merge_sums(sum, product, group);
    // dx = w/s * (g - mean(g) - (x - m) / s^2 * mean(g (x - m))) is a * g + b * x + c for each channel.
    std::vector<float> slope(r.real_channels), along(r.real_channels), constant(r.real_channels);
    for (int64_t c = 0; c < r.real_channels; ++c) {
        const double s = inverse_deviation[c];
        const double w = weight ? weight[c] : 1.0;
        const double b = -w * s * s * s * product[c] / all_rows;
        slope[c] = static_cast<float>(w * s);
        along[c] = static_cast<float>(b);
        constant[c] = static_cast<float>(-w * s * sum[c] / all_rows - b * mean[c]);
    }
    const std::vector<float> a = r.repeated(slope), b = r.repeated(along), k = r.repeated(constant);
    r.each_chunk([&](int64_t, int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const int64_t base = row * r.channels;
            each_lanes(r.channels, [&](int64_t c, auto n) {
                const Lanes g = masked<T, relu>(grad, y, base + c, n);
                if (grad_residual) store(grad_residual + base + c, g, n);
                const Lanes rest = load(b.data() + c, n) * load(x + base + c, n) + load(k.data() + c, n);
                store(grad_x + base + c, load(a.data() + c, n) * g + rest, n);
            });
        }
    });
}

template <typename T>
at::Tensor forward_training(
    const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, const at::Tensor &residual,
    const at::Tensor &running_mean, const at::Tensor &running_var, double momentum, double eps, bool relu,
    const std::string &group, at::Tensor &mean_out, at::Tensor &inverse_out, double &all_rows) {
    const Rows r(x);
    std::vector<double> mean, variance;
    statistics(x.const_data_ptr<T>(), r, mean, variance);
    all_rows = static_cast<double>(r.real_rows);
    if (!group.empty()) all_rows = merge_statistics(r.real_rows, mean, variance, group);
    mean_out = at::empty({r.real_channels}, at::kFloat);
    inverse_out = at::empty({r.real_channels}, at::kFloat);
    float *saved_mean = mean_out.mutable_data_ptr<float>();
    float *saved_inverse = inverse_out.mutable_data_ptr<float>();
    const float *w = weight.defined() ? weight.const_data_ptr<float>() : nullptr;
    const float *b = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
    float *moving_mean = running_mean.defined() ? running_mean.mutable_data_ptr<float>() : nullptr;
    float *moving_var = running_var.defined() ? running_var.mutable_data_ptr<float>() : nullptr;
    std::vector<float> scale(r.real_channels), shift(r.real_channels);
    const double unbiased = all_rows > 1 ? all_rows / (all_rows - 1) : 1.0;
    for (int64_t c = 0; c < r.real_channels; ++c) {
        const double inverse = 1 / std::sqrt(variance[c] + eps);
        const double slope = (w ? w[c] : 1.0) * inverse;
        scale[c] = static_cast<float>(slope);
        shift[c] = static_cast<float>((b ? b[c] : 0.0) - slope * mean[c]);
        saved_mean[c] = static_cast<float>(mean[c]);
        saved_inverse[c] = static_cast<float>(inverse);
        if (moving_mean) moving_mean[c] += static_cast<float>(momentum * (mean[c] - moving_mean[c]));
        if (moving_var) moving_var[c] += static_cast<float>(momentum * (variance[c] * unbiased - moving_var[c]));
    }
    return apply<T>(x, residual, scale, shift, relu, r);
}

at::Tensor some(const std::optional<at::Tensor> &tensor) { return tensor.value_or(at::Tensor()); }

class FusedBatchNorm : public torch::autograd::Function<FusedBatchNorm> {
public:
    static at::Tensor forward(
        AutogradContext *ctx, const at::Tensor &x, const std::optional<at::Tensor> &weight_,
        const std::optional<at::Tensor> &bias_, const std::optional<at::Tensor> &residual_,
        const std::optional<at::Tensor> &running_mean_, const std::optional<at::Tensor> &running_var_,
        double momentum, double eps, bool relu, const std::string &group) {
        const at::Tensor weight = some(weight_), bias = some(bias_), residual = some(residual_);
        const at::Tensor running_mean = some(running_mean_), running_var = some(running_var_);
        at::Tensor mean, inverse;
        double all_rows = 0;
        const at::Tensor y = x.scalar_type() == at::kFloat
            ? forward_training<float>(
                  x, weight, bias, residual, running_mean, running_var, momentum, eps, relu, group, mean, inverse,
                  all_rows)
            : forward_training<at::BFloat16>(
                  x, weight, bias, residual, running_mean, running_var, momentum, eps, relu, group, mean, inverse,
                  all_rows);
        ctx->saved_data["rows"] = all_rows;
        ctx->saved_data["group"] = group;
        ctx->save_for_backward({x, weight, mean, inverse, relu ? y : at::Tensor()});
        ctx->saved_data["relu"] = relu;
        ctx->saved_data["residual"] = residual.defined();
        return y;
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const auto saved = ctx->get_saved_variables();
        const at::Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &inverse = saved[3], &y = saved[4];
        const bool relu = ctx->saved_data["relu"].toBool();
        const bool has_residual = ctx->saved_data["residual"].toBool();
        const double all_rows = ctx->saved_data["rows"].toDouble();
        const std::string group = ctx->saved_data["group"].toStringRef();
        const Rows r(x);
        const at::Tensor grad = upstream[0].to(x.scalar_type()).contiguous(dense_format(x));
        at::Tensor grad_x = at::empty_like(x);
        // Without ReLU the residual's gradient is the incoming one itself.
        at::Tensor grad_residual = has_residual ? (relu ? at::empty_like(x) : grad) : at::Tensor();
        at::Tensor grad_weight = at::empty({r.real_channels}, at::kFloat), grad_bias = at::empty({r.real_channels}, at::kFloat);
        auto run = [&](auto type, auto clamp) {
            using T = decltype(type);
            backward_rows<T, decltype(clamp)::value>(
                x.const_data_ptr<T>(), clamp ? y.const_data_ptr<T>() : nullptr, grad.const_data_ptr<T>(),
                weight.defined() ? weight.const_data_ptr<float>() : nullptr, mean.const_data_ptr<float>(),
                inverse.const_data_ptr<float>(), grad_x.mutable_data_ptr<T>(),
                has_residual && relu ? grad_residual.mutable_data_ptr<T>() : nullptr,
                grad_weight.mutable_data_ptr<float>(), grad_bias.mutable_data_ptr<float>(), all_rows, group, r);
        };
        auto run_type = [&](auto type) { relu ? run(type, std::true_type()) : run(type, std::false_type()); };
        x.scalar_type() == at::kFloat ? run_type(float()) : run_type(at::BFloat16());
        return {
            grad_x, weight.defined() ? grad_weight : at::Tensor(), weight.defined() ? grad_bias : at::Tensor(),
            grad_residual, {}, {}, {}, {}, {}, {}};
    }
};

/// libtorch's own operators, one after another.
at::Tensor composed(
    const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, const at::Tensor &residual,
    const at::Tensor &running_mean, const at::Tensor &running_var, bool training, double momentum, double eps,
    bool relu) {
    at::Tensor y = at::batch_norm(
        x, weight, bias, running_mean, running_var, training, momentum, eps, at::globalContext().userEnabledCuDNN());
    if (residual.defined()) y = y + residual;
    return relu ? at::relu(y) : y;
}

template <typename T>
at::Tensor forward_running(
    const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, const at::Tensor &residual,
    const at::Tensor &running_mean, const at::Tensor &running_var, double eps, bool relu) {
    const Rows r(x);
    std::vector<float> scale(r.real_channels), shift(r.real_channels);
    const float *mean = running_mean.const_data_ptr<float>(), *variance = running_var.const_data_ptr<float>();
    for (int64_t c = 0; c < r.real_channels; ++c) {
        const double slope =
            (weight.defined() ? weight.const_data_ptr<float>()[c] : 1.0) / std::sqrt(double(variance[c]) + eps);
        scale[c] = static_cast<float>(slope);
        shift[c] = static_cast<float>((bias.defined() ? bias.const_data_ptr<float>()[c] : 0.0) - slope * mean[c]);
    }
    return apply<T>(x, residual, scale, shift, relu, r);
}

bool plain_floats(const at::Tensor &t, int64_t channels) {
    return !t.defined() || (t.scalar_type() == at::kFloat && t.is_contiguous() && t.numel() == channels);
}

}  // namespace

at::Tensor batch_norm_act(
    const at::Tensor &x_, const std::optional<at::Tensor> &weight_, const std::optional<at::Tensor> &bias_,
    const std::optional<at::Tensor> &residual_, const std::optional<at::Tensor> &running_mean_,
    const std::optional<at::Tensor> &running_var_, bool training, double momentum, double eps, bool relu,
    c10::string_view group) {
    const bool shared = training && !group.empty();
    const at::Tensor x = shared && x_.dim() >= 2 ? x_.contiguous(dense_format(x_)) : x_;
    const at::Tensor weight = some(weight_), bias = some(bias_);
    const at::Tensor running_mean = some(running_mean_), running_var = some(running_var_);
    at::Tensor residual = some(residual_);
    TORCH_CHECK(x.dim() >= 2, "batch_norm_act: input must be [N, C, ...], got ", x.sizes());
    TORCH_CHECK(
        !residual.defined() || residual.sizes() == x.sizes(), "batch_norm_act: residual ", residual.sizes(),
        " must have the shape of the input ", x.sizes());
    TORCH_CHECK(
        training || (running_mean.defined() && running_var.defined()),
        "batch_norm_act: running statistics are needed when batch statistics are not used");
    // The unbiased variance of one value is 0 / 0: it would stay in the running statistics for good.
    TORCH_CHECK(
        !training || shared || !running_var.defined() || x.numel() != x.size(1),
        "batch_norm_act: running statistics need more than one value per channel, got input ", x.sizes());
    const bool fits = is_dense_rows(x) && plain_floats(weight, x.size(1)) && plain_floats(bias, x.size(1)) &&
        plain_floats(running_mean, x.size(1)) && plain_floats(running_var, x.size(1)) &&
        weight.defined() == bias.defined();
    const bool recording = at::GradMode::is_enabled() &&
        (x.requires_grad() || (weight.defined() && weight.requires_grad()) ||
         (residual.defined() && residual.requires_grad()));
    if (shared && !fits) {
        return shared_batch_norm(
            x, weight_, bias_, residual_, running_mean_, running_var_, momentum, eps, relu, std::string(group));
    }
    if (!fits || (recording && !training) || (training && !shared && x.numel() / x.size(1) < 2)) {
        return composed(x, weight, bias, residual, running_mean, running_var, training, momentum, eps, relu);
    }
    if (residual.defined()) residual = residual.to(x.scalar_type()).contiguous(dense_format(x));
    if (training) {
        // The recorder takes absent tensors only as empty optionals.
        return FusedBatchNorm::apply(
            x, weight_, bias_, residual.defined() ? std::optional(residual) : std::nullopt, running_mean_,
            running_var_, momentum, eps, relu, std::string(training ? group : c10::string_view()));
    }
    return x.scalar_type() == at::kFloat
        ? forward_running<float>(x, weight, bias, residual, running_mean, running_var, eps, relu)
        : forward_running<at::BFloat16>(x, weight, bias, residual, running_mean, running_var, eps, relu);
}

}  // namespace supernet
