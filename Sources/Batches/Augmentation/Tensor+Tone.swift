import Torch

/// Operations on images [N, C, H, W] that move values according to the others of their image, or in jumps.
extension Tensor {
    /// Blends with a 3x3 smoothing, weighing the factor; the border stays. Sides are at least 3.
    func sharpened(_ factors: [Float]) throws -> Tensor {
        let (height, width) = (size(2), size(3))
        /// The image as the pixels inside the border see it when they look down and to the right by (y, x).
        func neighbours(_ y: Int, _ x: Int) throws -> Tensor {
            try slice(1 + y..<height - 1 + y, dimension: 2).slice(1 + x..<width - 1 + x, dimension: 3)
        }
        var around = try neighbours(-1, -1)
        for (y, x) in [(-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)] {
            around = try around + neighbours(y, x)
        }
        let middle = try neighbours(0, 0)
        let smooth = try (around + 5 * middle) * (1.0 / 13)
        let weight = try Self.perImage(factors.map { 1 - $0 }, on: device)
        let result = try cloned()
        try result.slice(1..<height - 1, dimension: 2).slice(1..<width - 1, dimension: 3)
            .copyInPlace(from: middle + (smooth - middle) * weight)
        return try result.clamped(min: 0, max: 1)
    }

    /// Whole values 0...255, still as floats.
    private func bytes() throws -> Tensor { try (clamped(min: 0, max: 1) * 255 + 0.5).floored() }

    /// Keeps the highest `bits` of each value, seen as 8 bits.
    func posterized(_ bits: [Float]) throws -> Tensor {
        let steps = try Self.perImage(bits.map { Float(1 << (8 - Int($0))) }, on: device)
        return try (bytes() / steps).floored() * steps * Double(Float(1) / 255)
    }

    /// Inverts the values from the threshold up.
    func solarized(_ thresholds: [Float]) throws -> Tensor {
        try chosen(where: isLess(than: Self.perImage(thresholds, on: device)), else: 1 - self)
    }

    /// Stretches each channel to 0...1; a constant channel stays.
    func autocontrasted() throws -> Tensor {
        let low = try min([2, 3], keep: true)
        let high = try max([2, 3], keep: true)
        return try ((self - low) / (high - low)).clamped(min: 0, max: 1)
            .chosen(where: high.isGreater(than: low), else: self)
    }

    /// Equalises each channel's histogram as Pillow does. All is whole numbers, for which float64 is exact.
    func equalized() throws -> Tensor {
        let (rows, plane) = (size(0) * size(1), size(2) * size(3))
        let bytes = try bytes().to(.int64).reshaped([rows, plane])
        let histogram = try Tensor.zeros([rows, 256], dtype: .float64, device: device)
        try histogram.scatterAddInPlace(
            Tensor.ones([1, 1], dtype: .float64, device: device).expanded([rows, plane]), at: bytes, dimension: 1)
        let last = try bytes.max([1], keep: true)  // [rows, 1]
        let step = try ((Double(plane) - histogram.gathered(last, dimension: 1)) / 255).floored()
        // A step of 0 means fewer than 255 pixels below the brightest value: such a channel stays as it is.
        let divisor = try step.clamped(min: 1)
        let below = try histogram.cumulativeSum(1) - histogram + (step / 2).floored()
        let table = try (below / divisor).floored().clamped(max: 255).to(.float32) * Double(Float(1) / 255)
        let values = try table.gathered(bytes, dimension: 1).reshaped(shape)
        return try values.chosen(where: step.isGreater(than: 0).reshaped([size(0), size(1), 1, 1]), else: self)
    }
}
