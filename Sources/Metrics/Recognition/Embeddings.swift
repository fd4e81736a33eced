/// Vectors of one dimension, such as a network's features of images, each finite in all its values.
public struct Embeddings: Sendable, Equatable {
    /// All values of the first embedding, then all of the second, and so on.
    public let values: [Float]
    /// Values of one embedding.
    public let dimension: Int

    /// The number of embeddings.
    public var count: Int { values.count / dimension }

    /// - Parameters:
    ///   - values: all values of the first embedding, then all of the second, and so on.
    ///   - dimension: values of one embedding, at least 1.
    /// - Throws: `TaskMetricError` for values that do not divide into embeddings, or are not finite.
    public init(_ values: [Float], dimension: Int) throws(TaskMetricError) {
        guard dimension > 0, values.count.isMultiple(of: dimension) else {
            throw .embeddingShape(values: values.count, dimension: dimension)
        }
        if let wrong = values.firstIndex(where: { !$0.isFinite }) {
            throw .embeddingNotFinite(position: wrong / dimension, value: values[wrong])
        }
        self.values = values
        self.dimension = dimension
    }

    /// Each divided by its Euclidean length.
    ///
    /// - Throws: `TaskMetricError.embeddingZero` for one without a length.
    func normalized() throws(TaskMetricError) -> Embeddings {
        var scaled = values
        for position in 0..<count {
            let range = position * dimension..<(position + 1) * dimension
            // In double precision the squares of finite floats neither overflow nor vanish.
            let square = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
            guard square > 0 else { throw .embeddingZero(position: position) }
            let length = square.squareRoot()
            for index in range { scaled[index] = Float(Double(values[index]) / length) }
        }
        return try Embeddings(scaled, dimension: dimension)
    }

    /// The values in vectors of four, each embedding filled up with zeros to a whole number of vectors.
    func packed() -> [SIMD4<Float>] {
        let width = (dimension + 3) / 4
        var packed = [SIMD4<Float>](repeating: .zero, count: count * width)
        for position in 0..<count {
            for index in 0..<dimension {
                packed[position * width + index / 4][index % 4] = values[position * dimension + index]
            }
        }
        return packed
    }
}
