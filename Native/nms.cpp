// Non-maximum suppression: of boxes that overlap, only the one with the highest score stays. As torchvision has it: float
// quotients are compared with a double threshold, strictly; what is 0/0 stays.
#include <ATen/ATen.h>

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

/// Which of boxes that are sorted by score stay.
std::vector<char> kept(const Boxes &b, double threshold) {
    std::vector<char> stays(b.count(), 1);
    for (size_t i = 0; i < b.count(); ++i) {
        if (!stays[i]) continue;
        const float x0 = b.x0[i], y0 = b.y0[i], x1 = b.x1[i], y1 = b.y1[i], area = b.area[i];
        for (size_t j = i + 1; j < b.count(); ++j) {
            const float width = std::max(0.0f, std::min(x1, b.x1[j]) - std::max(x0, b.x0[j]));
            const float height = std::max(0.0f, std::min(y1, b.y1[j]) - std::max(y0, b.y0[j]));
            const float shared = width * height;
            const float overlap = shared / (area + b.area[j] - shared);
            stays[j] &= static_cast<char>(!(static_cast<double>(overlap) > threshold));
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
    std::unordered_map<int64_t, std::pair<Boxes, std::vector<int64_t>>> parts;
    for (int64_t rank = 0; rank < count; ++rank) {
        const int64_t group = divided ? numbers.const_data_ptr<int64_t>()[order[rank]] : 0;
        auto &part = parts[group];
        part.first.add(place + 4 * order[rank]);
        part.second.push_back(rank);
    }
    std::vector<char> stays(count, 0);
    for (const auto &[group, part] : parts) {
        const std::vector<char> found = kept(part.first, threshold);
        for (size_t i = 0; i < found.size(); ++i) stays[part.second[i]] = found[i];
    }
    std::vector<int64_t> result;
    for (int64_t rank = 0; rank < count; ++rank) {
        if (stays[rank]) result.push_back(order[rank]);
    }
    return at::tensor(result, at::TensorOptions().dtype(at::kLong)).to(boxes.device());
}

}  // namespace supernet
