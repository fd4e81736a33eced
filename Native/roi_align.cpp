// RoIAlign (He et al., "Mask R-CNN", 2017): the part of a map under each box, brought to one size by bilinear samples that
// are averaged in each bin. In the arithmetic of torchvision's, operation by operation, so that float results are its bits.
//
// Maps are taken channels-last, so that a sample reads four rows of channels. The gradient is summed over the boxes in
// their order, by one thread for each image and group of channels: no bit depends on how many threads there are.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "lanes.h"
#include "operators.h"

namespace supernet {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Options {
    double scale;
    int64_t height, width, samples;
    bool aligned;
};

/// Where a sample lies: four positions of the map and their weights.
template <typename F>
struct Sample {
    int64_t places[4];
    F weights[4];
};

/// The samples of one box, bin by bin.
template <typename F>
struct Samples {
    /// How many a bin has, those outside of the map too, at least 1.
    F count;
    /// For each bin its first sample, and at the end their number.
    std::vector<int64_t> starts;
    std::vector<Sample<F>> all;

    Samples(const F *box, const Options &o, int64_t height, int64_t width) {
        const F scale = static_cast<F>(o.scale), offset = o.aligned ? F(0.5) : F(0);
        const F x0 = box[1] * scale - offset, y0 = box[2] * scale - offset;
        F w = box[3] * scale - offset - x0, h = box[4] * scale - offset - y0;
        if (!o.aligned) {
            w = std::max(w, F(1));
            h = std::max(h, F(1));
        }
        const F bin_h = h / static_cast<F>(o.height), bin_w = w / static_cast<F>(o.width);
        // A box of no size, or one that is not finite, has no samples; of one beyond all maps not more than there can be.
        auto grid = [&](F size, int64_t bins) -> int64_t {
            if (o.samples > 0) return o.samples;
            const F wanted = std::ceil(size / static_cast<F>(bins));
            return wanted >= 1 ? static_cast<int64_t>(std::min<F>(wanted, F(1 << 14))) : 0;
        };
        const int64_t rows = grid(h, o.height), columns = grid(w, o.width);
        count = static_cast<F>(std::max<int64_t>(rows * columns, 1));
        for (int64_t p = 0; p < o.height; ++p) {
            for (int64_t q = 0; q < o.width; ++q) {
                starts.push_back(static_cast<int64_t>(all.size()));
                for (int64_t i = 0; i < rows; ++i) {
                    const F y = y0 + static_cast<F>(p) * bin_h +
                        static_cast<F>(i + F(0.5)) * bin_h / static_cast<F>(rows);
                    for (int64_t j = 0; j < columns; ++j) {
                        const F x = x0 + static_cast<F>(q) * bin_w +
                            static_cast<F>(j + F(0.5)) * bin_w / static_cast<F>(columns);
                        add(y, x, height, width);
                    }
                }
            }
        }
        starts.push_back(static_cast<int64_t>(all.size()));
    }

private:
    void add(F y, F x, int64_t height, int64_t width) {
        // Also false for what is not a number.
        if (!(y >= F(-1) && y <= static_cast<F>(height) && x >= F(-1) && x <= static_cast<F>(width))) return;
        y = std::max(y, F(0));
        x = std::max(x, F(0));
        int64_t top = static_cast<int64_t>(y), left = static_cast<int64_t>(x), bottom = top + 1, right = left + 1;
        if (top >= height - 1) {
            top = bottom = height - 1;
            y = static_cast<F>(top);
        }
        if (left >= width - 1) {
            left = right = width - 1;
            x = static_cast<F>(left);
        }
        const F ly = y - static_cast<F>(top), lx = x - static_cast<F>(left), hy = F(1) - ly, hx = F(1) - lx;
        all.push_back(
            {{top * width + left, top * width + right, bottom * width + left, bottom * width + right},
             {hy * hx, hy * lx, ly * hx, ly * lx}});
    }
};

/// Adds a sample of all channels: `sum += w0 * a + w1 * b + w2 * c + w3 * d`.
template <typename T>
void read(const T *map, const Sample<float> &s, int64_t channels, float *sum) {
    const T *from[4];
    for (int64_t i = 0; i < 4; ++i) from[i] = map + s.places[i] * channels;
    each_lanes(channels, [&](int64_t c, auto n) {
        const Lanes value = s.weights[0] * load(from[0] + c, n) + s.weights[1] * load(from[1] + c, n) +
            s.weights[2] * load(from[2] + c, n) + s.weights[3] * load(from[3] + c, n);
        store(sum + c, load(sum + c, n) + value, n);
    });
}

void read(const double *map, const Sample<double> &s, int64_t channels, double *sum) {
    for (int64_t c = 0; c < channels; ++c) {
        sum[c] += s.weights[0] * map[s.places[0] * channels + c] + s.weights[1] * map[s.places[1] * channels + c] +
            s.weights[2] * map[s.places[2] * channels + c] + s.weights[3] * map[s.places[3] * channels + c];
    }
}

/// The type in which sums are kept.
template <typename T>
using Sum = std::conditional_t<std::is_same_v<T, double>, double, float>;

template <typename T>
void align(const at::Tensor &x, const at::Tensor &boxes, const Options &o, at::Tensor &out) {
    using F = Sum<T>;
    const int64_t channels = x.size(1), height = x.size(2), width = x.size(3), bins = o.height * o.width;
    const T *maps = x.const_data_ptr<T>();
    const F *all = boxes.const_data_ptr<F>();
    T *to = out.mutable_data_ptr<T>();
    at::parallel_for(0, boxes.size(0), 1, [&](int64_t begin, int64_t end) {
        std::vector<F> sum(channels);
        for (int64_t k = begin; k < end; ++k) {
            const F *box = all + 5 * k;
            const Samples<F> samples(box, o, height, width);
            const T *map = maps + static_cast<int64_t>(box[0]) * height * width * channels;
            for (int64_t bin = 0; bin < bins; ++bin) {
                std::fill(sum.begin(), sum.end(), F(0));
                for (int64_t i = samples.starts[bin]; i < samples.starts[bin + 1]; ++i) {
                    read(map, samples.all[i], channels, sum.data());
                }
                T *row = to + (k * bins + bin) * channels;
                for (int64_t c = 0; c < channels; ++c) row[c] = static_cast<T>(sum[c] / samples.count);
            }
        }
    });
}

/// Adds the gradient of the map, in the type of the sums.
template <typename T>
void scatter(const at::Tensor &grad, const at::Tensor &boxes, const Options &o, at::Tensor &out) {
    using F = Sum<T>;
    const int64_t images = out.size(0), channels = out.size(1), height = out.size(2), width = out.size(3);
    const int64_t bins = o.height * o.width, group = 64, groups = (channels + group - 1) / group;
    const T *from = grad.const_data_ptr<T>();
    const F *all = boxes.const_data_ptr<F>();
    F *to = out.mutable_data_ptr<F>();
    at::parallel_for(0, images * groups, 1, [&](int64_t begin, int64_t end) {
        for (int64_t part = begin; part < end; ++part) {
            const int64_t image = part / groups, first = part % groups * group;
            const int64_t last = std::min(channels, first + group);
            F *map = to + image * height * width * channels;
            for (int64_t k = 0; k < boxes.size(0); ++k) {
                const F *box = all + 5 * k;
                if (static_cast<int64_t>(box[0]) != image) continue;
                const Samples<F> samples(box, o, height, width);
                for (int64_t bin = 0; bin < bins; ++bin) {
                    const T *row = from + (k * bins + bin) * channels;
                    for (int64_t i = samples.starts[bin]; i < samples.starts[bin + 1]; ++i) {
                        const Sample<F> &s = samples.all[i];
                        for (int64_t corner = 0; corner < 4; ++corner) {
                            F *place = map + s.places[corner] * channels;
                            for (int64_t c = first; c < last; ++c) {
                                place[c] += static_cast<F>(row[c]) * s.weights[corner] / samples.count;
                            }
                        }
                    }
                }
            }
        }
    });
}

template <typename Body>
void by_type(const at::Tensor &x, const Body &body) {
    switch (x.scalar_type()) {
        case at::kFloat: body(float()); break;
        case at::kDouble: body(double()); break;
        default: body(at::BFloat16());
    }
}

class RoIAlign : public torch::autograd::Function<RoIAlign> {
public:
    static at::Tensor forward(
        AutogradContext *ctx, const at::Tensor &x, const at::Tensor &boxes, double scale, int64_t height, int64_t width,
        int64_t samples, bool aligned) {
        const Options o{scale, height, width, samples, aligned};
        ctx->saved_data["options"] = std::vector<double>{
            scale, static_cast<double>(height), static_cast<double>(width), static_cast<double>(samples),
            aligned ? 1.0 : 0.0};
        ctx->saved_data["sizes"] = x.sizes();
        ctx->save_for_backward({boxes});
        at::Tensor out = at::empty(
            {boxes.size(0), x.size(1), height, width}, x.options().memory_format(at::MemoryFormat::ChannelsLast));
        by_type(x, [&](auto type) { align<decltype(type)>(x, boxes, o, out); });
        return out;
    }

    static variable_list backward(AutogradContext *ctx, variable_list upstream) {
        const auto values = ctx->saved_data["options"].toDoubleVector();
        const Options o{
            values[0], static_cast<int64_t>(values[1]), static_cast<int64_t>(values[2]),
            static_cast<int64_t>(values[3]), values[4] > 0};
        const at::Tensor boxes = ctx->get_saved_variables()[0];
        const at::Tensor grad = upstream[0].contiguous(at::MemoryFormat::ChannelsLast);
        const at::ScalarType sums = grad.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        // `at::zeros` takes no notice of the memory format.
        at::Tensor out = at::empty(
            ctx->saved_data["sizes"].toIntVector(),
            grad.options().dtype(sums).memory_format(at::MemoryFormat::ChannelsLast)).zero_();
        by_type(grad, [&](auto type) { scatter<decltype(type)>(grad, boxes, o, out); });
        return {out.to(grad.scalar_type()), {}, {}, {}, {}, {}, {}};
    }
};

}  // namespace

at::Tensor roi_align(
    const at::Tensor &x, const at::Tensor &boxes, double scale, int64_t height, int64_t width, int64_t samples,
    bool aligned) {
    TORCH_CHECK(
        x.dim() == 4 && boxes.dim() == 2 && boxes.size(1) == 5,
        "roi_align: a map [N, C, H, W] and boxes [K, 5] (image, x0, y0, x1, y1) are needed, got ", x.sizes(), " and ",
        boxes.sizes());
    TORCH_CHECK(
        x.size(2) > 0 && x.size(3) > 0 && height > 0 && width > 0 && height * width <= (1 << 16) && samples >= 0 &&
            samples <= (1 << 10),
        "roi_align: ", height, " x ", width, " bins of ", samples, " samples a side over a map of ", x.sizes());
    const bool is_half = x.scalar_type() != at::kFloat && x.scalar_type() != at::kDouble;
    const at::ScalarType type = is_half ? at::kBFloat16 : x.scalar_type();
    const at::Tensor places = boxes.detach().cpu().to(type == at::kDouble ? at::kDouble : at::kFloat).contiguous();
    if (places.size(0) > 0) {
        const at::Tensor images = places.select(1, 0);
        TORCH_CHECK(
            images.ge(0).logical_and(images.lt(x.size(0))).all().item<bool>(),
            "roi_align: a box is of an image that is not among the ", x.size(0), " of the map");
    }
    // Other devices and layouts go through this one.
    const at::Tensor map = x.cpu().to(type).contiguous(at::MemoryFormat::ChannelsLast);
    return RoIAlign::apply(map, places, scale, height, width, samples, aligned).to(x.device(), x.scalar_type());
}

}  // namespace supernet
