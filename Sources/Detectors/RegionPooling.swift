import Architectures
import Foundation
import Support
import Torch

/// Brings the parts of a pyramid's maps under boxes to one size, each from the level that suits the size of its box (Lin et
/// al., "Feature Pyramid Networks for Object Detection", CVPR 2017, equation 1).
struct RegionPooling {
    /// The height and width of what comes out.
    let size: Int
    let options: DetectorOptions.Regions

    /// The level of a box, from 0 for the finest map, of those from 4 to 32 pixels a position.
    func level(of box: Box, levels: Int) -> Int {
        let side = max(box.boxArea, 0).squareRoot() / 224
        let level = options.epsilonWithin ? 4 + log2f(side + 1e-8) : 4 + log2f(side) + 1e-6
        guard level.isFinite else { return 0 }
        return min(max(Int(level.rounded(.down)) - 2, 0), levels - 1)
    }

    /// The parts under the boxes of each image, [boxes, C, size, size], image by image.
    ///
    /// - Parameters:
    ///   - maps: the maps with 4, 8, 16 and 32 pixels a position.
    ///   - boxes: the boxes of each image.
    func callAsFunction(_ maps: [Tensor], _ boxes: [[Box]]) throws -> Tensor {
        var parts = [[Float]](repeating: [], count: maps.count)
        var places = [[Int]](repeating: [], count: maps.count)
        var count = 0
        for (image, own) in boxes.enumerated() {
            for box in own {
                let level = level(of: box, levels: maps.count)
                parts[level] += [Float(image), box[0], box[1], box[2], box[3]]
                places[level].append(count)
                count += 1
            }
        }
        let pooled = try maps.indices.map { level in
            try maps[level].roiAligned(
                Tensor(parts[level], shape: [places[level].count, 5]), scale: 1 / Double(4 << level),
                size: (size, size),
                samples: options.binSamples, aligned: options.aligned)
        }
        // Back in the order of the boxes.
        var order = [Int64](repeating: 0, count: count)
        for (rank, place) in places.flatMap(\.self).enumerated() { order[place] = Int64(rank) }
        let all = try Tensor.concatenated(pooled)
        return try all.indexed(by: Tensor(order, shape: [count]).to(all.device))
    }
}
