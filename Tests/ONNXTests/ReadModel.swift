import Foundation
import Support
import Testing

@testable import ONNX

/// A message of protobuf, read without a schema.
struct ReadMessage {
    private(set) var fields: [(field: Int, value: ProtobufReader.Value)] = []

    init(_ bytes: [UInt8]) throws {
        var reader = ProtobufReader(bytes[...])
        while let next = reader.next() { fields.append(next) }
        // What cannot be read ends the reading early, so the rest of the bytes is missing here.
        var length = 0
        for (field, value) in fields {
            var writer = ProtobufWriter()
            switch value {
            case .integer(let bits): writer.field(field, Int(Int64(bitPattern: bits)))
            case .fixed64(let bits): writer.field(field, Double(bitPattern: bits))
            case .fixed32(let bits): writer.field(field, Float(bitPattern: bits))
            case .data(let data): writer.field(field, [UInt8](data))
            }
            length += writer.bytes.count
        }
        try #require(length == bytes.count)
    }

    private func values(_ number: Int) -> [ProtobufReader.Value] {
        fields.filter { $0.field == number }.map(\.value)
    }

    func bytes(_ number: Int) -> [[UInt8]] {
        values(number).compactMap { if case .data(let bytes) = $0 { [UInt8](bytes) } else { nil } }
    }

    func strings(_ number: Int) -> [String] { bytes(number).map { String(decoding: $0, as: UTF8.self) } }

    func numbers(_ number: Int) -> [Int] {
        values(number).compactMap {
            if case .integer(let value) = $0 { Int(Int64(bitPattern: value)) } else { nil }
        }
    }

    func floats(_ number: Int) -> [Float] {
        values(number).compactMap { if case .fixed32(let bits) = $0 { Float(bitPattern: bits) } else { nil } }
    }

    func messages(_ number: Int) throws -> [ReadMessage] { try bytes(number).map(ReadMessage.init) }
}

/// An ONNX file as a reader sees it.
struct ReadModel {
    struct Node {
        var name: String
        var operation: String
        var inputs: [String]
        var outputs: [String]
        /// Integers, alone or in lists.
        var attributes: [String: [Int]]
        /// Numbers that are no integers, and texts.
        var floats: [String: Float]
        var texts: [String: String]
    }

    struct Tensor {
        var shape: [Int]
        var type: Int
        var bytes: [UInt8]

        var floats: [Float] {
            bytes.withUnsafeBytes { raw in
                (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
            }
        }

        var integers: [Int] {
            bytes.withUnsafeBytes { raw in
                (0..<raw.count / 8).map { Int(raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)) }
            }
        }
    }

    var irVersion: [Int]
    var opset: [Int]
    var metadata: [String]
    var nodes: [Node]
    var initializerNames: [String]
    var initializers: [String: Tensor]
    /// Names, and shapes whose free dimensions are texts.
    var inputs: [(name: String, shape: [String])]
    var outputs: [(name: String, shape: [String])]

    init(_ bytes: [UInt8]) throws {
        let model = try ReadMessage(bytes)
        irVersion = model.numbers(1)
        opset = try model.messages(8).flatMap { $0.numbers(2) }
        metadata = try model.messages(14).map { "\($0.strings(1).joined())=\($0.strings(2).joined())" }
        let graph = try #require(try model.messages(7).first)
        nodes = try graph.messages(1).map { node in
            let settings = try node.messages(5).map { (name: $0.strings(1).joined(), message: $0) }
            let attributes = settings.filter { [2, 7].contains($0.message.numbers(20)[0]) }.map {
                ($0.name, $0.message.numbers(3) + $0.message.numbers(8))
            }
            let floats = settings.compactMap { name, message in message.floats(2).first.map { (name, $0) } }
            let texts = settings.compactMap { name, message in message.strings(4).first.map { (name, $0) } }
            return Node(
                name: node.strings(3).joined(), operation: node.strings(4).joined(), inputs: node.strings(1),
                outputs: node.strings(2), attributes: Dictionary(attributes, uniquingKeysWith: +),
                floats: Dictionary(floats, uniquingKeysWith: { $1 }), texts: Dictionary(texts, uniquingKeysWith: { $1 })
            )
        }
        let tensors = try graph.messages(5).map { tensor in
            (
                tensor.strings(8).joined(),
                Tensor(
                    shape: tensor.numbers(1), type: tensor.numbers(2).first ?? 0, bytes: Array(tensor.bytes(9).joined())
                )
            )
        }
        initializerNames = tensors.map(\.0)
        initializers = Dictionary(tensors, uniquingKeysWith: { $1 })
        inputs = try graph.messages(11).map(Self.port)
        outputs = try graph.messages(12).map(Self.port)
    }

    private static func port(_ info: ReadMessage) throws -> (name: String, shape: [String]) {
        let tensor = try #require(try info.messages(2).first?.messages(1).first)
        try #require(tensor.numbers(1) == [1])
        let shape = try #require(try tensor.messages(2).first)
        return (info.strings(1).joined(), try shape.messages(1).map { $0.strings(2).first ?? "\($0.numbers(1)[0])" })
    }

    /// The operators of a kind.
    func nodes(_ operation: String) -> [Node] { nodes.filter { $0.operation == operation } }
}
