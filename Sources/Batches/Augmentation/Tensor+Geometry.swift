import Datasets
import Seeding
import Torch

/// Geometric operations on images [N, C, H, W], each with its own parameters.
extension Tensor {
    /// The box of each image; all are of one size, and may reach outside, where they are 0.
    func cropped(_ boxes: [AppliedTransform.Box]) throws -> Tensor {
        guard let first = boxes.first else { return self }
        let (count, channels, height, width) = (size(0), size(1), size(2), size(3))
        let (outHeight, outWidth) = (first.height, first.width)
        let isWithin = boxes.allSatisfy {
            $0.top >= 0 && $0.left >= 0 && $0.top + outHeight <= height && $0.left + outWidth <= width
        }
        if isWithin, boxes.allSatisfy({ $0 == first }) {
            return try slice(first.top..<first.top + outHeight, dimension: 2)
                .slice(first.left..<first.left + outWidth, dimension: 3)
        }
        func positions(_ starts: [Int], _ count: Int, within length: Int) throws -> Tensor {
            let starts = try Tensor(starts, shape: [starts.count, 1], device: device)
            return try (Tensor.range(to: count, device: device).unsqueezed(0) + starts)
                .clamped(min: 0, max: Double(length - 1)).to(.int64)
        }
        let rows = try positions(boxes.map(\.top), outHeight, within: height)  // [N, outHeight]
            .reshaped([count, 1, outHeight, 1]).expanded([-1, channels, -1, width])
        let columns = try positions(boxes.map(\.left), outWidth, within: width)  // [N, outWidth]
            .reshaped([count, 1, 1, outWidth]).expanded([-1, channels, outHeight, -1])
        let taken = try gathered(rows, dimension: 2).gathered(columns, dimension: 3)
        guard !isWithin else { return taken }
        let covered = try Self.isInside(
            rows: boxes.map { -$0.top..<height - $0.top }, of: outHeight,
            columns: boxes.map { -$0.left..<width - $0.left }, of: outWidth, on: device)
        return try taken.masked(covered.logicalNot(), with: 0)
    }

    /// Which pixels lie in both ranges of each image: bool [N, 1, H, W].
    private static func isInside(
        rows: [Range<Int>], of height: Int, columns: [Range<Int>], of width: Int, on device: Device
    ) throws -> Tensor {
        try isInside(rows, of: height, on: device).reshaped([rows.count, 1, height, 1])
            .logicalAnd(isInside(columns, of: width, on: device).reshaped([rows.count, 1, 1, width]))
    }

    /// Overwrites the box of each image by its values, one for each channel.
    func erased(_ boxes: [AppliedTransform.Box], values: [[Float]]) throws -> Tensor {
        let isErased = try Self.isInside(
            rows: boxes.map { $0.top..<$0.top + $0.height }, of: size(2),
            columns: boxes.map { $0.left..<$0.left + $0.width }, of: size(3), on: device)
        return try Self.perChannel(values, on: device).chosen(where: isErased, else: self)
    }

    /// Overwrites the box of each image by the normal deviates of its seed, channel by channel, row by row.
    ///
    /// They are drawn on the host, whose stream is part of what a seed means, and go to the device together.
    func erased(_ boxes: [AppliedTransform.Box], seeds: [UInt64]) throws -> Tensor {
        let channels = size(1)
        var values: [Float] = []
        values.reserveCapacity(boxes.reduce(0) { $0 + channels * $1.height * $1.width })
        for (box, seed) in zip(boxes, seeds) {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<channels * box.height * box.width { values.append(Float(generator.normal())) }
        }
        let noise = try Tensor(values, device: device)
        let result = try cloned()
        var start = 0
        for (index, box) in boxes.enumerated() {
            let count = channels * box.height * box.width
            try result.select(index)
                .slice(box.top..<box.top + box.height, dimension: 1)
                .slice(box.left..<box.left + box.width, dimension: 2)
                .copyInPlace(from: noise.slice(start..<start + count).reshaped([channels, box.height, box.width]))
            start += count
        }
        return result
    }

    /// Maps each image; the interpolation is that of the first map, and so is whether there is a fill.
    ///
    /// The positions take `TransformExecutor`'s operations in its order, so that they are the same bits, and a nearest
    /// pixel is the same pixel.
    func warped(_ maps: [AffineMap]) throws -> Tensor {
        let (height, width) = (size(2), size(3))
        let (middleX, middleY) = (0.5 * Double(width - 1), 0.5 * Double(height - 1))
        let dx = try Tensor.range(to: width, device: device).to(.float32).reshaped([1, 1, width]) - middleX
        let dy = try Tensor.range(to: height, device: device).to(.float32).reshaped([1, height, 1]) - middleY
        func positions(
            _ alongX: (AffineMap) -> Double, _ alongY: (AffineMap) -> Double, _ offset: (AffineMap) -> Double,
            middle: Double, limit: Int
        ) throws -> Tensor {
            func parameter(_ value: (AffineMap) -> Double) throws -> Tensor {
                try Self.perImage(maps.map { Float(value($0)) }, rank: 3, on: device)
            }
            let positions = try parameter(alongX) * dx + parameter(alongY) * dy + parameter(offset) + middle
            // Two pixels outside is outside; what is not a number counts as that too.
            return try positions.masked(positions.isGreater(than: -2).logicalNot(), with: -2)
                .clamped(max: Double(limit + 1))
        }
        let x = try positions({ $0.xx }, { $0.xy }, { $0.x0 }, middle: middleX, limit: width)  // [N, H, W]
        let y = try positions({ $0.yx }, { $0.yy }, { $0.y0 }, middle: middleY, limit: height)
        let fills = maps.map { Float($0.fill) }
        let fill = try Self.perImage(fills, on: device)
        if maps.first?.interpolation == .nearest {
            let (values, isInside) = try pixels(x: x.rounded(), y: y.rounded())
            return try values.chosen(where: isInside, else: fill)
        }
        let (left, upper) = (try x.floored(), try y.floored())
        let (right, lower) = (try left + 1, try upper + 1)
        let (wx, wy) = (try (x - left).unsqueezed(1), try (y - upper).unsqueezed(1))
        let corners = try [
            (left, upper, (1 - wy) * (1 - wx)), (right, upper, (1 - wy) * wx), (left, lower, wy * (1 - wx)),
            (right, lower, wy * wx),
        ]
        var (sum, inside): (Tensor?, Tensor?) = (nil, nil)
        for (x, y, weight) in corners {
            let (values, isInside) = try pixels(x: x, y: y)
            let part = try weight * values.masked(isInside.logicalNot(), with: 0)
            let share = try weight.masked(isInside.logicalNot(), with: 0)
            sum = try sum.map { try $0 + part } ?? part
            inside = try inside.map { try $0 + share } ?? share
        }
        guard let sum, let inside else { return self }
        // With a fill the part outside weighs in twice, as in torchvision.
        return fills.first == 0 ? sum : try (sum - fill) * inside + fill
    }

    /// The pixels at whole positions [N, H, W]: their values [N, C, H, W], and whether they are inside, [N, 1, H, W].
    private func pixels(x: Tensor, y: Tensor) throws -> (values: Tensor, isInside: Tensor) {
        let (count, channels, height, width) = (size(0), size(1), size(2), size(3))
        func isInside(_ position: Tensor, _ length: Int) throws -> Tensor {
            try position.isGreater(than: -0.5).logicalAnd(position.isLess(than: Double(length) - 0.5))
        }
        // In float64, since a large image has more pixels than a float can number.
        let row = try y.clamped(min: 0, max: Double(height - 1)).to(.float64) * Double(width)
        let position = try (row + x.clamped(min: 0, max: Double(width - 1))).to(.int64)
            .reshaped([count, 1, height * width]).expanded([-1, channels, -1])
        let values = try reshaped([count, channels, height * width]).gathered(position, dimension: 2)
        return (
            try values.reshaped([count, channels, height, width]),
            try isInside(x, width).logicalAnd(isInside(y, height)).unsqueezed(1)
        )
    }
}
