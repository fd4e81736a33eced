import Torch

/// Colour operations on images [N, C, H, W], each with its own parameter.
extension Tensor {
    /// The luma of RGB images with ITU-R 601's weights as torchvision rounds them: [N, 1, H, W].
    func luma() throws -> Tensor {
        let channels = try split([1, 1, 1], dimension: 1)
        return try 0.2989 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2]
    }

    func brightened(_ factors: [Float]) throws -> Tensor {
        try (self * Self.perImage(factors, on: device)).clamped(min: 0, max: 1)
    }

    func contrasted(_ factors: [Float]) throws -> Tensor {
        try blended(with: (size(1) == 3 ? luma() : self).mean([1, 2, 3], keep: true), factors)
    }

    func saturated(_ factors: [Float]) throws -> Tensor { try blended(with: luma(), factors) }

    /// factor * self + (1 - factor) * other, clamped to 0...1.
    private func blended(with other: Tensor, _ factors: [Float]) throws -> Tensor {
        let base = try Self.perImage(factors.map { 1 - $0 }, on: device) * other
        return try (self * Self.perImage(factors, on: device) + base).clamped(min: 0, max: 1)
    }

    /// Turns the hue by a part of the circle, in HSV (Smith, "Color gamut transform pairs", 1978).
    func hueTurned(_ shifts: [Float]) throws -> Tensor {
        let channels = try split([1, 1, 1], dimension: 1)
        let (red, green, blue) = (channels[0], channels[1], channels[2])
        let high = try max([1], keep: true)
        let chroma = try high - min([1], keep: true)
        let scale = try (chroma + chroma.equals(0).to(.float32)).power(-1)
        // In sixths of the circle: red is 0, green 2, blue 4.
        let sector = try ((green - blue) * scale).chosen(
            where: high.equals(red),
            else: ((blue - red) * scale + 2).chosen(where: high.equals(green), else: (red - green) * scale + 4))
        // Between 1 and 2 whole circles are added, so that the sum stays positive.
        let turn = try Self.perImage(shifts.map { 6 * ($0 - $0.rounded(.down)) + 6 }, on: device)
        let sixths = try (sector + turn).unwound()
        let offsets = try Tensor([Float(5), 3, 1], shape: [1, 3, 1, 1], device: device)
        // How much of the chroma a channel loses: max(0, min(k, 4 - k, 1)).
        let place = try (sixths + offsets).unwound()  // [N, 3, H, W]
        return try high - chroma * place.minimum(4 - place).clamped(min: 0, max: 1)
    }

    /// The remainder by 6 of positive values.
    private func unwound() throws -> Tensor { try self - (self / 6).floored() * 6 }

    /// (self - mean) / std, one of each for every channel of every image.
    func normalized(mean: [[Float]], std: [[Float]]) throws -> Tensor {
        try (self - Self.perChannel(mean, on: device)) * Self.perChannel(std.map { $0.map { 1 / $0 } }, on: device)
    }
}
