import Foundation
import ONNX
import Torch

/// The ranges of a graph's values, seen on images and cut where that loses least.
struct ValueRanges {
    private let runner: GraphRunner
    private let batches: [Tensor]
    private static let bins = 2048

    init(_ runner: GraphRunner, _ batches: [Tensor]) { (self.runner, self.batches) = (runner, batches) }

    /// The range of each value that is a tensor of numbers.
    ///
    /// - Parameter progress: is called after each batch, twice for each: once for the extremes, once for what lies between them.
    /// - Throws: `QuantizationError.notFinite`; `TorchError`.
    func callAsFunction(progress: () -> Void) throws -> [String: ClosedRange<Float>] {
        var extremes: [String: ClosedRange<Float>] = [:]
        for batch in batches {
            _ = try runner(batch) { name, value in
                guard value.dtype == .float32 else { return }
                let (low, high) = (Float(try value.min().item()), Float(try value.max().item()))
                guard low.isFinite, high.isFinite else { throw QuantizationError.notFinite(name) }
                let known = extremes[name] ?? low...high
                extremes[name] = min(known.lowerBound, low)...max(known.upperBound, high)
            }
            progress()
        }
        var counts: [String: [Double]] = [:]
        for batch in batches {
            _ = try runner(batch) { name, value in
                guard let range = extremes[name], range.lowerBound < range.upperBound else { return }
                let histogram = try Self.histogram(
                    .tensor(value), .int(Self.bins), .double(Double(range.lowerBound)),
                    .double(Double(range.upperBound))
                ).array(Float.self)
                counts[name] = zip(counts[name] ?? Array(repeating: 0, count: Self.bins), histogram)
                    .map { $0 + Double($1) }
            }
            progress()
        }
        return extremes.reduce(into: [:]) { ranges, entry in
            ranges[entry.key] = counts[entry.key].map { Self.cut(entry.value, $0) } ?? entry.value
        }
    }

    private static let histogram = Operator("aten::histc")

    /// The part of a range, both ends cut by the same factor, whose 256 steps lose least: the square of the rounding, evenly
    /// spread within a step, and of what is cut off (Banner et al., "Post training 4-bit quantization", 2019, section 3).
    static func cut(_ range: ClosedRange<Float>, _ counts: [Double]) -> ClosedRange<Float> {
        let (low, high) = (Double(min(range.lowerBound, 0)), Double(max(range.upperBound, 0)))
        let width = Double(range.upperBound - range.lowerBound) / Double(counts.count)
        let values = counts.indices.map { Double(range.lowerBound) + (Double($0) + 0.5) * width }
        // What a ReLU made zero is exact in any case.
        let isExact = range.lowerBound == 0
        var best = (loss: Double.infinity, factor: 1.0)
        for percent in stride(from: 100, through: 40, by: -2) {
            let factor = Double(percent) / 100
            let step = (high - low) * factor / 255
            var loss = 0.0
            for (place, value) in values.enumerated() where counts[place] > 0 {
                if isExact, place == 0 { continue }
                let beyond = max(value - high * factor, low * factor - value)
                loss += counts[place] * (beyond > 0 ? beyond * beyond : step * step / 12)
            }
            if loss < best.loss { best = (loss, factor) }
        }
        return Float(low * best.factor)...Float(high * best.factor)
    }
}
