// The two memory-bound halves of split attention (Zhang et al., "ResNeSt: Split-Attention Networks", 2020): pooling the
// sum of the splits, and summing the splits weighted by their attention. Written out, each reads the activation once;
// as a chain of reshapes, products and sums it is copied several times.
//
// As in batch_norm.cpp: dense channels-last float or bfloat16 on the CPU here, anything else through libtorch.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "lanes.h"
#include "operators.h"

namespace supernet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Sizes of one call; `channels` are those of one split.
struct Splits {
    int64_t images, pixels, radix, channels;
    Splits(const at::Tensor &x, int64_t r)
        : images(x.size(0)), pixels(x.size(2) * x.size(3)), radix(r), channels(x.size(1) / r) {}
    int64_t row() const { return radix * channels; }
    template <typename Body>
    void each_image(const Body &body) const {
        const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, pixels * row()));
        at::parallel_for(0, images, grain, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) body(i);
        });
    }
};

template <typename T>
void pool(const T *x, T *out, const Splits &s) {
    s.each_image([&](int64_t image) {
        const T *pixels = x + image * s.pixels * s.row();
        each_lanes(s.channels, [&](int64_t c, auto n) {
            Lanes total[2] = {};
            for (int64_t p = 0; p < s.pixels; ++p) {
                for (int64_t r = 0; r < s.radix; ++r) total[r & 1] += load(pixels + p * s.row() + r * s.channels + c, n);
            }
            store(out + image * s.channels + c, (total[0] + total[1]) * (1.0f / static_cast<float>(s.pixels)), n);
        });
    });
}

template <typename T>
void spread(const T *grad, T *grad_x, const Splits &s) {
    s.each_image([&](int64_t image) {
        T *pixels = grad_x + image * s.pixels * s.row();
        each_lanes(s.channels, [&](int64_t c, auto n) {
            const Lanes g = load(grad + image * s.channels + c, n) * (1.0f / static_cast<float>(s.pixels));
            for (int64_t p = 0; p < s.pixels; ++p) {
                for (int64_t r = 0; r < s.radix; ++r) store(pixels + p * s.row() + r * s.channels + c, g, n);
            }
        });
    });
}

template <typename T>
void weigh(const T *x, const T *attention, T *out, const Splits &s) {
    s.each_image([&](int64_t image) {
        const T *weights = attention + image * s.row();
        for (int64_t p = 0; p < s.pixels; ++p) {
            const T *splits = x + (image * s.pixels + p) * s.row();
            T *sum = out + (image * s.pixels + p) * s.channels;
            each_lanes(s.channels, [&](int64_t c, auto n) {
                Lanes v = zero();
                for (int64_t r = 0; r < s.radix; ++r) {
                    v += load(weights + r * s.channels + c, n) * load(splits + r * s.channels + c, n);
                }
                store(sum + c, v, n);
            });
        }
    });
}

template <typename T>
void weigh_backward(const T *x, const T *attention, const T *grad, T *grad_x, T *grad_attention, const Splits &s) {
    s.each_image([&](int64_t image) {
        const int64_t first = image * s.pixels;
        for (int64_t r = 0; r < s.radix; ++r) {
            each_lanes(s.channels, [&](int64_t c, auto n) {
                const int64_t column = r * s.channels + c;
                const Lanes a = load(attention + image * s.row() + column, n);
                Lanes total[2] = {};
                for (int64_t p = 0; p < s.pixels; ++p) {
                    const Lanes g = load(grad + (first + p) * s.channels + c, n);
                    total[p & 1] += g * load(x + (first + p) * s.row() + column, n);
                    store(grad_x + (first + p) * s.row() + column, a * g, n);
                }
                store(grad_attention + image * s.row() + column, total[0] + total[1], n);
            });
        }
    });
}

class Pool : public torch::autograd::Function<Pool> {
public:
    static at::Tensor forward(AutogradContext *ctx, const at::Tensor &x, int64_t radix) {
        const Splits s(x, radix);
        ctx->saved_data["radix"] = radix;
        ctx->saved_data["sizes"] = x.sizes();
        at::Tensor out = at::empty({s.images, s.channels, 1, 1}, x.options());
        if (x.scalar_type() == at::kFloat) pool(x.const_data_ptr<float>(), out.mutable_data_ptr<float>(), s);
        else pool(x.const_data_ptr<at::BFloat16>(), out.mutable_data_ptr<at::BFloat16>(), s);
        return out;
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const at::Tensor grad = upstream[0].contiguous();
        at::Tensor grad_x = at::empty(
            ctx->saved_data["sizes"].toIntVector(), grad.options().memory_format(at::MemoryFormat::ChannelsLast));
        const Splits s(grad_x, ctx->saved_data["radix"].toInt());
        if (grad.scalar_type() == at::kFloat) spread(grad.const_data_ptr<float>(), grad_x.mutable_data_ptr<float>(), s);
        else spread(grad.const_data_ptr<at::BFloat16>(), grad_x.mutable_data_ptr<at::BFloat16>(), s);
        return {grad_x, {}};
    }
};

class Combine : public torch::autograd::Function<Combine> {
public:
    static at::Tensor forward(AutogradContext *ctx, const at::Tensor &x, const at::Tensor &attention, int64_t radix) {
        const Splits s(x, radix);
        ctx->saved_data["radix"] = radix;
        ctx->save_for_backward({x, attention});
        at::Tensor out = at::empty(
            {s.images, s.channels, x.size(2), x.size(3)}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
        auto run = [&](auto type) {
            using T = decltype(type);
            weigh(x.const_data_ptr<T>(), attention.const_data_ptr<T>(), out.mutable_data_ptr<T>(), s);
        };
        x.scalar_type() == at::kFloat ? run(float()) : run(at::BFloat16());
        return out;
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const auto saved = ctx->get_saved_variables();
        const at::Tensor &x = saved[0], &attention = saved[1];
        const Splits s(x, ctx->saved_data["radix"].toInt());
        const at::Tensor grad = upstream[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
        at::Tensor grad_x = at::empty_like(x), grad_attention = at::empty_like(attention);
        auto run = [&](auto type) {
            using T = decltype(type);
            weigh_backward(
                x.const_data_ptr<T>(), attention.const_data_ptr<T>(), grad.const_data_ptr<T>(),
                grad_x.mutable_data_ptr<T>(), grad_attention.mutable_data_ptr<T>(), s);
        };
        x.scalar_type() == at::kFloat ? run(float()) : run(at::BFloat16());
        return {grad_x, grad_attention, {}};
    }
};

void check(const at::Tensor &x, int64_t radix, const char *name) {
    TORCH_CHECK(x.dim() == 4, name, ": input must be [N, R*C, H, W], got ", x.sizes());
    TORCH_CHECK(
        radix > 0 && x.size(1) % radix == 0, name, ": channels (=", x.size(1), ") must be divisible by the radix (=",
        radix, ")");
}

}  // namespace

at::Tensor split_pool(const at::Tensor &x, int64_t radix) {
    check(x, radix, "split_pool");
    if (is_dense_rows(x)) return Pool::apply(x, radix);
    const at::Tensor sum = radix == 1 ? x : x.unflatten(1, {radix, -1}).sum(1);
    return at::adaptive_avg_pool2d(sum, {1, 1});
}

at::Tensor split_combine(const at::Tensor &x, const at::Tensor &attention, int64_t radix) {
    check(x, radix, "split_combine");
    TORCH_CHECK(
        attention.dim() == 4 && attention.size(0) == x.size(0) && attention.size(1) == x.size(1) &&
            attention.size(2) == 1 && attention.size(3) == 1,
        "split_combine: attention ", attention.sizes(), " must be [N, R*C, 1, 1] for input ", x.sizes());
    const at::Tensor weights = attention.to(x.scalar_type());
    if (is_dense_rows(x)) return Combine::apply(x, weights.contiguous(), radix);
    const at::Tensor weighted = x * weights;
    return radix == 1 ? weighted : weighted.unflatten(1, {radix, -1}).sum(1);
}

}  // namespace supernet
