// The operators that this library adds to libtorch, under `supernet::`.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <tuple>

namespace supernet {

/// The memory format in which a tensor's rows of channels are dense: channels last for images.
inline at::MemoryFormat dense_format(const at::Tensor &x) {
    return x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

/// Whether the fast kernels take this tensor: CPU, float or bfloat16, [N, C] or channels-last [N, C, H, W], not empty.
inline bool is_dense_rows(const at::Tensor &x) {
    return x.is_cpu() && x.layout() == at::kStrided && (x.dim() == 2 || x.dim() == 4) && x.numel() > 0 &&
        (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.is_contiguous(dense_format(x));
}

/// y = relu?(batch_norm(x) + residual?), with the batch's statistics over a group of processes where its name is given; see
/// batch_norm.cpp.
at::Tensor batch_norm_act(
    const at::Tensor &x, const std::optional<at::Tensor> &weight, const std::optional<at::Tensor> &bias,
    const std::optional<at::Tensor> &residual, const std::optional<at::Tensor> &running_mean,
    const std::optional<at::Tensor> &running_var, bool training, double momentum, double eps, bool relu,
    c10::string_view group);

/// The same with the statistics of a group of processes, by libtorch's own operators; see shared_batch_norm.cpp.
at::Tensor shared_batch_norm(
    const at::Tensor &x, const std::optional<at::Tensor> &weight, const std::optional<at::Tensor> &bias,
    const std::optional<at::Tensor> &residual, const std::optional<at::Tensor> &running_mean,
    const std::optional<at::Tensor> &running_var, double momentum, double eps, bool relu, const std::string &group);

/// The values [values] of all members of a group of processes, [members, values], in the order of ranks.
at::Tensor gathered_rows(const at::Tensor &own, const std::string &group);

/// [N, R*C, H, W] -> [N, C, 1, 1]: the mean over space of the sum over the R splits.
at::Tensor split_pool(const at::Tensor &x, int64_t radix);

/// [N, R*C, H, W] and [N, R*C, 1, 1] -> [N, C, H, W]: the splits, weighted and summed.
at::Tensor split_combine(const at::Tensor &x, const at::Tensor &attention, int64_t radix);

/// The convolution of [N, C, H, W] with a 3x3 window [O, C, 3, 3], stride 1, the padding as wide as the dilation, see
/// dilated_convolution.cpp.
at::Tensor dilated_conv2d(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, int64_t dilation);

/// The maps [N, C, H, W] under boxes [K, 5] (image, x0, y0, x1, y1 in pixels of the image, of which a position of the map is
/// 1/scale), brought to [K, C, height, width]; 0 samples: as many as the size of each box asks for. See roi_align.cpp.
at::Tensor roi_align(
    const at::Tensor &x, const at::Tensor &boxes, double scale, int64_t height, int64_t width, int64_t samples,
    bool aligned);

/// The places of the boxes [N, 4] that no box of a higher score overlaps by more than the threshold, within each group of
/// `groups` [N] where they are given, the highest score first. See nms.cpp.
at::Tensor nms(
    const at::Tensor &boxes, const at::Tensor &scores, const std::optional<at::Tensor> &groups, double threshold);

/// [N, K, h, w] and labels [N, H, W] of bytes -> the sum of the cross-entropies of all pixels whose label is not `ignored`, the
/// logits brought to the labels' size with aligned corners, and the number of pixels whose class has the largest logit.
std::tuple<at::Tensor, at::Tensor> pixel_cross_entropy(
    const at::Tensor &logits, const at::Tensor &labels, int64_t ignored);

}  // namespace supernet
