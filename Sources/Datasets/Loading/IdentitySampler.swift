import Support

/// The order of an epoch whose batches hold P labels with K samples each.
struct IdentitySampler: Sendable {
    /// P.
    let perBatch: Int
    /// K.
    let images: Int
    /// The samples of each label that has some, by label.
    private let samples: [[Int]]

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

    /// Batches of an epoch, each full; the last one, where labels are left over for it, unless that is dropped.
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

    /// K of the samples; all of them come before one comes again.
    private func draw(from samples: [Int], using generator: inout SeededGenerator) -> [Int] {
        var drawn: [Int] = []
        while drawn.count < images {
            drawn += generator.permutation(samples.count).prefix(images - drawn.count).map { samples[$0] }
        }
        return drawn
    }
}
