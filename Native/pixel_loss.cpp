// The cross-entropy of pixels, from maps of logits that are smaller than the label maps (semantic segmentation): the logits
// are brought to the size of the labels bilinearly, the centres of the corner positions staying in the corners. Row by row,
// no map of logits for all pixels is ever made: at 480 x 480 pixels and 150 classes that would be 138 MB an image, read and
// written several times. The gradient is found on the way, at the size of the logits.
//
// Dense channels-last float on the CPU here, anything else through libtorch.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>
#include <vector>

#include "lanes.h"
#include "operators.h"

namespace supernet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The exponential of values that are at most zero, to about 1e-7; NaN stays NaN.
inline Lanes exponential(Lanes x) {
    // exp(x) = 2^n * exp(r), |r| <= ln(2) / 2; the polynomial is that of Cephes' expf.
    const Lanes low = zero() - 87.0f;
    const Lanes bounded = x < low ? low : x;
    const LaneMask n = __builtin_convertvector(bounded * 1.44269504f - 0.5f, LaneMask);
    const Lanes whole = __builtin_convertvector(n, Lanes);
    const Lanes r = (bounded - whole * 0.693359375f) + whole * 2.12194440e-4f;
    Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const Lanes y = p * r * r + r + 1.0f;
    const LaneMask bits = (n + 127) << 23;
    Lanes power;
    std::memcpy(&power, &bits, sizeof(power));
    return x != x ? x : y * power;
}

inline float sum(Lanes lanes) {
    float total = 0;
    for (int64_t i = 0; i < kLanes; ++i) total += lanes[i];
    return total;
}

/// Between which two positions a pixel of one axis lies, and how far from the first.
struct Place {
    int64_t first, second;
    float share;
};

std::vector<Place> places(int64_t positions, int64_t pixels) {
    // As libtorch reckons, in float.
    const float scale = pixels > 1 ? static_cast<float>(positions - 1) / static_cast<float>(pixels - 1) : 0.0f;
    std::vector<Place> found;
    for (int64_t i = 0; i < pixels; ++i) {
        const float at = scale * static_cast<float>(i);
        const int64_t first = std::min<int64_t>(static_cast<int64_t>(at), positions - 1);
        found.push_back({first, std::min(first + 1, positions - 1), at - static_cast<float>(first)});
    }
    return found;
}

struct Sizes {
    int64_t images, classes, height, width, rows, columns;
};

/// Adds up the losses and the right answers of the pixels whose row of the labels lies at a row of the logits, or between it
/// and the next; with `upper` and `lower` also the gradients of these two rows, [width, classes] each.
struct Band {
    const Sizes &s;
    const std::vector<Place> &down, &across;
    int64_t ignored;

    void operator()(
        const float *logits, const uint8_t *labels, int64_t band, double &loss, int64_t &correct, float *upper,
        float *lower) const {
        const int64_t k = s.classes, length = s.width * k;
        std::vector<float> row(length), row_grad(upper != nullptr ? length : 0), value(k);
        for (int64_t y = 0; y < s.rows; ++y) {
            const Place &vertical = down[y];
            if (vertical.first != band) continue;
            const float *above = logits + vertical.first * length, *below = logits + vertical.second * length;
            each_lanes(length, [&](int64_t i, auto n) {
                const Lanes a = load(above + i, n);
                store(row.data() + i, a + (load(below + i, n) - a) * vertical.share, n);
            });
            if (upper != nullptr) std::fill(row_grad.begin(), row_grad.end(), 0.0f);
            bool any = false;
            for (int64_t x = 0; x < s.columns; ++x) {
                const int64_t label = labels[y * s.columns + x];
                if (label == ignored) continue;
                any = true;
                pixel(row.data(), across[x], label, value.data(), loss, correct, upper != nullptr ? row_grad.data() : nullptr);
            }
            if (upper == nullptr || !any) continue;
            // At the last row of the logits there is no next one.
            float *second = vertical.second == vertical.first ? upper : lower;
            each_lanes(length, [&](int64_t i, auto n) {
                const Lanes g = load(row_grad.data() + i, n);
                store(upper + i, load(upper + i, n) + g * (1.0f - vertical.share), n);
                store(second + i, load(second + i, n) + g * vertical.share, n);
            });
        }
    }

    void pixel(
        const float *row, const Place &place, int64_t label, float *value, double &loss, int64_t &correct,
        float *row_grad) const {
        const int64_t k = s.classes;
        const float *left = row + place.first * k, *right = row + place.second * k;
        float most = -std::numeric_limits<float>::infinity();
        each_lanes(k, [&](int64_t i, auto n) {
            const Lanes a = load(left + i, n);
            const Lanes v = a + (load(right + i, n) - a) * place.share;
            store(value + i, v, n);
            for (int64_t j = 0; j < n; ++j) most = value[i + j] > most ? value[i + j] : most;
        });
        const float own = value[label];
        Lanes total = zero();
        each_lanes(k, [&](int64_t i, auto n) {
            Lanes e = exponential(load(value + i, n) - most);
            store(value + i, e, n);
            // What lies beyond the last class is none.
            total += load(value + i, n);
        });
        const float all = sum(total);
        loss += static_cast<double>(std::log(all)) - static_cast<double>(own - most);
        correct += own == most;
        if (row_grad == nullptr) return;
        float *to_left = row_grad + place.first * k, *to_right = row_grad + place.second * k;
        const float part = 1.0f / all;
        value[label] -= all;
        each_lanes(k, [&](int64_t i, auto n) {
            const Lanes g = load(value + i, n) * part;
            store(to_left + i, load(to_left + i, n) + g * (1.0f - place.share), n);
            store(to_right + i, load(to_right + i, n) + g * place.share, n);
        });
    }
};

/// The sum of the losses and the number of right answers; with `grad` also the gradient of the sum, of the logits' layout.
std::tuple<double, int64_t> reckon(
    const at::Tensor &logits, const at::Tensor &labels, int64_t ignored, at::Tensor *grad) {
    const Sizes s{logits.size(0), logits.size(1), logits.size(2), logits.size(3), labels.size(1), labels.size(2)};
    const std::vector<Place> down = places(s.height, s.rows), across = places(s.width, s.columns);
    const Band band{s, down, across, ignored};
    const int64_t length = s.width * s.classes, count = s.images * s.height;
    std::vector<double> losses(count, 0);
    std::vector<int64_t> right(count, 0);
    // Each band writes to rows of its own, so that the sum does not depend on how many threads there are.
    std::vector<float> uppers(grad != nullptr ? count * length : 0), lowers(uppers.size());
    at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t image = i / s.height, place = i % s.height;
            band(
                logits.const_data_ptr<float>() + image * s.height * length,
                labels.const_data_ptr<uint8_t>() + image * s.rows * s.columns, place, losses[i], right[i],
                grad != nullptr ? uppers.data() + i * length : nullptr,
                grad != nullptr ? lowers.data() + i * length : nullptr);
        }
    });
    double loss = 0;
    int64_t correct = 0;
    for (int64_t i = 0; i < count; ++i) {
        loss += losses[i];
        correct += right[i];
    }
    if (grad != nullptr) {
        *grad = at::empty_like(logits);
        float *to = grad->mutable_data_ptr<float>();
        at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const bool has_before = i % s.height > 0;
                each_lanes(length, [&](int64_t c, auto n) {
                    Lanes g = load(uppers.data() + i * length + c, n);
                    if (has_before) g += load(lowers.data() + (i - 1) * length + c, n);
                    store(to + i * length + c, g, n);
                });
            }
        });
    }
    return {loss, correct};
}

class PixelCrossEntropy : public torch::autograd::Function<PixelCrossEntropy> {
public:
    static variable_list forward(
        AutogradContext *ctx, const at::Tensor &logits, const at::Tensor &labels, int64_t ignored, bool learns) {
        at::Tensor grad;
        const auto [loss, correct] = reckon(logits, labels, ignored, learns ? &grad : nullptr);
        if (learns) ctx->save_for_backward({grad});
        at::Tensor right = at::full({}, static_cast<float>(correct), logits.options());
        ctx->mark_non_differentiable({right});
        return {at::full({}, static_cast<float>(loss), logits.options()), right};
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        return {ctx->get_saved_variables()[0] * upstream[0], {}, {}, {}};
    }
};

}  // namespace

std::tuple<at::Tensor, at::Tensor> pixel_cross_entropy(
    const at::Tensor &logits, const at::Tensor &labels, int64_t ignored) {
    TORCH_CHECK(
        logits.dim() == 4 && labels.dim() == 3 && logits.size(0) == labels.size(0) && labels.scalar_type() == at::kByte,
        "pixel_cross_entropy: logits [N, K, h, w] and labels [N, H, W] of bytes are needed, got ", logits.sizes(), " and ",
        labels.sizes(), " of ", labels.scalar_type());
    const at::Tensor rows = labels.contiguous();
    if (logits.numel() > 0 && labels.numel() > 0) {
        const at::Tensor beyond = rows.ge(logits.size(1)).logical_and(rows.ne(ignored));
        TORCH_CHECK(
            !beyond.any().item<bool>(), "pixel_cross_entropy: a label is beyond the ", logits.size(1), " classes of the logits");
    }
    if (is_dense_rows(logits) && logits.scalar_type() == at::kFloat && rows.is_cpu() && rows.numel() > 0) {
        const bool learns = at::GradMode::is_enabled() && logits.requires_grad();
        const variable_list found = PixelCrossEntropy::apply(logits, rows, ignored, learns);
        return {found[0], found[1]};
    }
    const at::Tensor resized =
        at::upsample_bilinear2d(logits.to(at::kFloat), {labels.size(1), labels.size(2)}, /*align_corners=*/true);
    const at::Tensor target = rows.to(at::kLong);
    const at::Tensor loss = at::cross_entropy_loss(resized, target, {}, at::Reduction::Sum, ignored);
    return {loss, resized.detach().argmax(1).eq(target).sum().to(at::kFloat)};
}

}  // namespace supernet
