import Torch

/// An image as one row of a stack [N, C, H, W], so that images which were processed together stay together.
struct ImageRow {
    let stack: Tensor
    let index: Int
    /// [C, H, W].
    let shape: [Int]

    init(stack: Tensor, index: Int) {
        self.stack = stack
        self.index = index
        shape = Array(stack.shape.dropFirst())
    }

    var channels: Int { shape[0] }
    var height: Int { shape[1] }
    var width: Int { shape[2] }
    /// Which stack it is.
    var identity: ObjectIdentifier { ObjectIdentifier(stack) }

    /// The images in the given order, [N, C, H, W]. Nothing is copied where they are neighbours in one stack.
    static func gathered(_ rows: [ImageRow]) throws -> Tensor {
        var parts: [Tensor] = []
        var start = 0
        while start < rows.count {
            let end = rows[start...].firstIndex { $0.stack !== rows[start].stack } ?? rows.count
            parts.append(try part(rows[start..<end]))
            start = end
        }
        guard parts.count != 1 else { return parts[0] }
        return try Tensor.concatenated(parts)
    }

    /// Rows of one stack.
    private static func part(_ rows: ArraySlice<ImageRow>) throws -> Tensor {
        let stack = rows[rows.startIndex].stack
        let indices = rows.map(\.index)
        let areNeighbours = zip(indices, indices.dropFirst()).allSatisfy { $1 == $0 + 1 }
        guard areNeighbours else { return try stack.indexed(by: Tensor(indices, device: stack.device)) }
        return indices.count == stack.size(0) ? stack : try stack.slice(indices[0]..<indices[0] + indices.count)
    }
}
