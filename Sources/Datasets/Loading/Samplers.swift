import Support

/// The order of an epoch whose batches hold P labels with K samples each.
struct IdentitySampler: Sendable {
    /// The labels of a batch, P.
    let perBatch: Int
    /// The samples of each label of a batch, K.
    let images: Int
    /// The samples of each label that has some, by label.
    private let samples: [[Int]]

    /// A sampler of batches of `perBatch` labels with `images` samples each.
    ///
    /// - Throws: `BatchLoaderError` when there are fewer labels with samples than a batch holds.
    init(_ dataset: any ImageDataset, perBatch: Int, images: Int) throws {
        let byLabel = Dictionary(grouping: 0..<dataset.count) { dataset.label(at: $0) }
        samples = byLabel.sorted { $0.key < $1.key }.map(\.value)
        guard perBatch <= samples.count else {
            throw BatchLoaderError.options([
                "labels of a batch (=\(perBatch)) must be at most the labels that the data set has samples of "
                    + "(=\(samples.count))"
            ])
        }
        self.perBatch = perBatch
        self.images = images
    }

    /// The number of batches of an epoch, all full. Labels that are left over make one more, unless that is dropped.
    func batchCount(dropLast: Bool) -> Int {
        dropLast ? samples.count / perBatch : (samples.count - 1) / perBatch + 1
    }

    /// The samples of all batches, one batch after the other, the last that is filled up included.
    func order(using generator: inout SeededGenerator) -> [Int] {
        var labels = generator.permutation(samples.count)
        // The first labels fill the last batch; it cannot hold them, since there are at least P.
        labels += labels.prefix(batchCount(dropLast: false) * perBatch - labels.count)
        return labels.flatMap { draw(from: samples[$0], using: &generator) }
    }

    /// Draws K of the samples; all of them come before one comes again.
    private func draw(from samples: [Int], using generator: inout SeededGenerator) -> [Int] {
        var drawn: [Int] = []
        while drawn.count < images {
            drawn += generator.permutation(samples.count).prefix(images - drawn.count).map { samples[$0] }
        }
        return drawn
    }
}

/// The order of an epoch whose batches are half of one set of samples, half of another.
struct HalvesSampler: Sendable {
    /// The samples of a batch that each half gives.
    private let half: Int
    private let first: Range<Int>
    private let second: Range<Int>

    /// A sampler of batches whose halves come from either side of the sample `first`.
    ///
    /// - Parameters:
    ///   - count: the number of all samples.
    ///   - first: the first sample of the second half.
    ///   - batchSize: the samples of a batch, an even number.
    /// - Throws: `BatchLoaderError` where a half has no samples, or neither has enough for a batch.
    init(count: Int, first: Int, batchSize: Int) throws {
        guard first > 0, first < count else {
            throw BatchLoaderError.options([
                "samples of the first half (=\(first)) must be at least 1 and fewer than the \(count) there are"
            ])
        }
        half = batchSize / 2
        (self.first, second) = (0..<first, first..<count)
        guard batchCount > 0 else {
            throw BatchLoaderError.options([
                "batch size (=\(batchSize)) must be at most twice the samples of the larger half "
                    + "(=\(max(first, count - first)))"
            ])
        }
    }

    /// The number of batches of an epoch, all full.
    var batchCount: Int { max(first.count, second.count) / half }

    /// The samples of all batches, one batch after the other.
    func order(using generator: inout SeededGenerator) -> [Int] {
        let (one, other) = (draw(first, using: &generator), draw(second, using: &generator))
        return (0..<batchCount).flatMap { batch in
            let places = batch * half..<(batch + 1) * half
            return one[places] + other[places]
        }
    }

    /// Draws as many samples as all batches need; all of them come before one comes again.
    private func draw(_ samples: Range<Int>, using generator: inout SeededGenerator) -> [Int] {
        var drawn: [Int] = []
        while drawn.count < batchCount * half {
            drawn += generator.permutation(samples.count).prefix(batchCount * half - drawn.count).map {
                samples.lowerBound + $0
            }
        }
        return drawn
    }
}
