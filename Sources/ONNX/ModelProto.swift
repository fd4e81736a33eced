import Support

/// A whole file: the graph and what a reader must know of it.
///
/// Its layout does not depend on the values of the tensors, so that it is known before the first one is read and they
/// can be written one after the other.
struct ModelProto {
    /// The IR that came with opset 17, and the operators whose meaning the graph relies on.
    static let (irVersion, opset) = (8, 17)

    var graph: Graph
    var metadata: [(key: String, value: String)]

    /// A piece of the file, in its order.
    enum Piece: Sendable {
        case bytes([UInt8])
        /// The values of an initializer.
        case values(Initializer)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .values(let initializer): initializer.byteCount
            }
        }

        /// The tensors that it needs.
        var sources: [(key: String, shape: [Int])] {
            switch self {
            case .bytes: []
            case .values(let initializer): initializer.sources
            }
        }
    }

    /// Lays out the file.
    ///
    /// - Throws: `ONNXError.tooLarge`.
    func pieces() throws -> [Piece] {
        let graph = try graphPieces()
        var head = ProtobufWriter()
        head.field(1, Self.irVersion)
        head.field(2, "supernet")
        head.announce(7, count: graph.reduce(0) { $0 + $1.count })
        var tail = ProtobufWriter()
        tail.field(8, OperatorSetId(version: Self.opset))
        for (key, value) in metadata { tail.field(14, StringStringEntry(key: key, value: value)) }
        let pieces = [.bytes(head.bytes)] + graph + [.bytes(tail.bytes)]
        try Self.requireReadable(pieces.reduce(0) { $0 + $1.count })
        return pieces
    }

    private func graphPieces() throws -> [Piece] {
        var writer = ProtobufWriter()
        for node in graph.nodes { writer.field(1, node) }
        writer.field(2, "network")
        var pieces: [Piece] = []
        // Each is at most 2^55 bytes, as descriptions are bounded; the sum of all could be more than an integer holds.
        var total = 0
        for initializer in graph.initializers {
            total += initializer.byteCount
            try Self.requireReadable(total)
            let header = TensorHeader(
                name: initializer.name, type: initializer.type, shape: initializer.shape,
                byteCount: initializer.byteCount
            ).encoded
            writer.announce(5, count: header.count + initializer.byteCount)
            pieces.append(.bytes(writer.bytes + header))
            pieces.append(.values(initializer))
            writer = ProtobufWriter()
        }
        for input in graph.inputs { writer.field(11, input) }
        for output in graph.outputs { writer.field(12, output) }
        return pieces + [.bytes(writer.bytes)]
    }

    /// Refuses a message beyond 2 GiB, which no reader of protobuf takes.
    private static func requireReadable(_ byteCount: Int) throws {
        guard byteCount <= Int(Int32.max) else { throw ONNXError.tooLarge(byteCount: byteCount) }
    }
}
