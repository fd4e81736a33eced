// Non-maximum suppression: of boxes that overlap, only the one with the highest score stays. As torchvision has it: float
// quotients are compared with a double threshold, strictly; what is 0/0 stays.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "operators.h"

namespace supernet {
namespace {

struct Boxes {
    std::vector<float> x0, y0, x1, y1, area;

    void add(const float *box) {
        x0.push_back(box[0]);
        y0.push_back(box[1]);
        x1.push_back(box[2]);
        y1.push_back(box[3]);
        area.push_back((box[2] - box[0]) * (box[3] - box[1]));
    }

    size_t count() const { return area.size(); }
};

/// The largest float that is not above a threshold: a float is above the one just where it is above the other, and floats
/// alone are compared many at a time.
float rounded_down(double threshold) {
    const float nearest = static_cast<float>(threshold);
    return nearest > threshold ? std::nextafter(nearest, -INFINITY) : nearest;
}

/// Which of boxes that are sorted by score stay.
std::vector<int32_t> kept(const Boxes &b, float threshold) {
    const size_t count = b.count();
    std::vector<int32_t> stays(count, 1);
    // Plain arrays of elements as wide as floats, so that the compiler takes many at a time.
    const float *__restrict x0 = b.x0.data(), *__restrict y0 = b.y0.data(), *__restrict x1 = b.x1.data(),
                *__restrict y1 = b.y1.data(), *__restrict area = b.area.data();
    int32_t *__restrict stay = stays.data();
    for (size_t i = 0; i < count; ++i) {
        if (!stay[i]) continue;
        const float left = x0[i], top = y0[i], right = x1[i], bottom = y1[i], own = area[i];
        for (size_t j = i + 1; j < count; ++j) {
            const float wide = (right < x1[j] ? right : x1[j]) - (left > x0[j] ? left : x0[j]);
            const float high = (bottom < y1[j] ? bottom : y1[j]) - (top > y0[j] ? top : y0[j]);
            const float shared = (wide > 0 ? wide : 0) * (high > 0 ? high : 0);
            const float overlap = shared / (own + area[j] - shared);
            stay[j] &= overlap > threshold ? 0 : 1;
        }
    }
    return stays;
}

}  // namespace

at::Tensor nms(
    const at::Tensor &boxes, const at::Tensor &scores, const std::optional<at::Tensor> &groups, double threshold) {
    const int64_t count = boxes.size(0);
    const bool divided = groups.has_value() && groups->defined();
    TORCH_CHECK(
        boxes.dim() == 2 && boxes.size(1) == 4 && scores.dim() == 1 && scores.size(0) == count &&
            (!divided || (groups->dim() == 1 && groups->size(0) == count)),
        "nms: boxes [N, 4] (x0, y0, x1, y1), scores [N] and groups [N] are needed, got ", boxes.sizes(), " and ",
        scores.sizes());
    const at::Tensor places = boxes.detach().cpu().to(at::kFloat).contiguous();
    const at::Tensor values = scores.detach().cpu().to(at::kFloat).contiguous();
    const at::Tensor numbers = divided ? groups->cpu().to(at::kLong).contiguous() : at::Tensor();
    const float *place = places.const_data_ptr<float>(), *value = values.const_data_ptr<float>();
    std::vector<int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    // What is not a number comes first, as libtorch sorts.
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        if (std::isnan(value[a]) || std::isnan(value[b])) return std::isnan(value[a]) && !std::isnan(value[b]);
        return value[a] > value[b];
    });
    std::vector<std::pair<Boxes, std::vector<int64_t>>> parts;
    std::unordered_map<int64_t, size_t> part_of;
    for (int64_t rank = 0; rank < count; ++rank) {
        const int64_t group = divided ? numbers.const_data_ptr<int64_t>()[order[rank]] : 0;
        const auto [known, isNew] = part_of.try_emplace(group, parts.size());
        if (isNew) parts.emplace_back();
        auto &part = parts[known->second];
        part.first.add(place + 4 * order[rank]);
        part.second.push_back(rank);
    }
    std::vector<char> stays(count, 0);
    const float least = rounded_down(threshold);
    at::parallel_for(0, static_cast<int64_t>(parts.size()), 1, [&](int64_t first, int64_t end) {
        for (int64_t number = first; number < end; ++number) {
            const auto &[own, ranks] = parts[number];
            const std::vector<int32_t> found = kept(own, least);
            for (size_t i = 0; i < found.size(); ++i) stays[ranks[i]] = found[i];
        }
    });
    std::vector<int64_t> result;
    for (int64_t rank = 0; rank < count; ++rank) {
        if (stays[rank]) result.push_back(order[rank]);
    }
    return at::tensor(result, at::TensorOptions().dtype(at::kLong)).to(boxes.device());
}

}  // namespace supernet
