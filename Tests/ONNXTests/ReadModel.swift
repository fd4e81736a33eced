import Foundation
import Testing

@testable import ONNX

/// A message of protobuf, read without a schema.
struct ReadMessage {
    enum Value: Equatable {
        case number(UInt64)
        case bytes([UInt8])
        case float(Float)
    }

    private(set) var fields: [(number: Int, value: Value)] = []

    init(_ bytes: [UInt8]) throws {
        var position = 0
        func varint() throws -> UInt64 {
            var result: UInt64 = 0
            for shift in stride(from: 0, to: 70, by: 7) {
                let byte = try #require(position < bytes.count ? bytes[position] : nil)
                position += 1
                result |= UInt64(byte & 0x7F) << UInt64(shift)
                if byte < 0x80 { break }
            }
            return result
        }
        func take(_ count: Int) throws -> [UInt8] {
            try #require(count >= 0 && count <= bytes.count - position)
            defer { position += count }
            return [UInt8](bytes[position..<position + count])
        }
        while position < bytes.count {
            let tag = try varint()
            let value: Value
            switch tag & 7 {
            case 0: value = .number(try varint())
            case 2: value = .bytes(try take(Int(varint())))
            default:
                try #require(tag & 7 == 5)
                let raw = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                value = .float(Float(bitPattern: raw))
            }
            fields.append((Int(tag >> 3), value))
        }
    }

    private func values(_ number: Int) -> [Value] { fields.filter { $0.number == number }.map(\.value) }

    func bytes(_ number: Int) -> [[UInt8]] {
        values(number).compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
    }

    func strings(_ number: Int) -> [String] { bytes(number).map { String(decoding: $0, as: UTF8.self) } }

    func numbers(_ number: Int) -> [Int] {
        values(number).compactMap {
            if case .number(let value) = $0 { Int(Int64(bitPattern: value)) } else { nil }
        }
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
            let attributes = try node.messages(5).map { ($0.strings(1).joined(), $0.numbers(3) + $0.numbers(8)) }
            return Node(
                name: node.strings(3).joined(), operation: node.strings(4).joined(), inputs: node.strings(1),
                outputs: node.strings(2), attributes: Dictionary(attributes, uniquingKeysWith: +))
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
