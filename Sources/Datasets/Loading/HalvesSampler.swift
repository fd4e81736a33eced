import Support

/// The order of an epoch whose batches are half of one set of samples, half of another.
struct HalvesSampler: Sendable {
    /// Samples of a batch that each half gives.
    private let half: Int
    private let first: Range<Int>
    private let second: Range<Int>

    /// - Parameters:
    ///   - count: of all samples.
    ///   - first: those before it are the first half.
    ///   - batchSize: even.
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

    /// Batches of an epoch, all full.
    var batchCount: Int { max(first.count, second.count) / half }

    /// The samples of all batches, one batch after the other.
    func order(using generator: inout SeededGenerator) -> [Int] {
        let (one, other) = (draw(first, using: &generator), draw(second, using: &generator))
        return (0..<batchCount).flatMap { batch in
            let places = batch * half..<(batch + 1) * half
            return one[places] + other[places]
        }
    }

    /// As many as all batches need; all samples come before one comes again.
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
