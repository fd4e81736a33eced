import Torch

/// A state that does not fit a network, or a network that does not fit together.
public enum StateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Two layers registered the same key.
    case duplicateKey(String)
    /// A tensor was to be shared that is not of this store.
    case foreignTensor(String)
    /// Every key that does not fit, at once.
    case mismatch(missing: [String], unexpected: [String], misshapen: [Misshapen])
    /// Tensors that a path makes of those of its supernet and does not have in place, so that none can be loaded.
    case notInPlace([String])
    /// A state error of the tensors in a file, with the path of the file.
    indirect case inFile(String, StateError)

    /// A tensor whose shape differs.
    public struct Misshapen: Sendable, Equatable {
        /// The key under which both the network and the state have a tensor.
        public let key: String
        /// The shape in the network.
        public let expected: [Int]
        /// The shape in the state.
        public let found: [Int]

        /// A tensor that should be of one shape and is of another.
        public init(key: String, expected: [Int], found: [Int]) {
            self.key = key
            self.expected = expected
            self.found = found
        }
    }

    /// The misfit, key by key, with one line for each of its kinds.
    public var description: String {
        switch self {
        case .duplicateKey(let key):
            return "two layers registered the key '\(key)'; give one of them a path of its own"
        case .foreignTensor(let key):
            return "'\(key)' was to share a tensor that is not registered in this store"
        case .mismatch(let missing, let unexpected, let misshapen):
            var lines = ["the state does not fit the network:"]
            func list(_ title: String, _ keys: [String]) {
                guard !keys.isEmpty else { return }
                lines.append("  \(title) (\(keys.count)): \(keys.joined(separator: ", "))")
            }
            list("missing", missing)
            list("unexpected", unexpected)
            list("misshapen", misshapen.map { "\($0.key) (network \($0.expected), state \($0.found))" })
            return lines.joined(separator: "\n")
        case .notInPlace(let keys):
            return "weights cannot be loaded into a path that makes tensors of larger ones: "
                + keys.joined(separator: ", ")
        case .inFile(let path, let error):
            let reason = error.description
            let words = "the state does not fit the network"
            return reason.hasPrefix(words)
                ? "\(path) does not fit the network" + reason.dropFirst(words.count) : "\(path): \(reason)"
        }
    }

    /// Names the file whose tensors `body` loads, should they not fit.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - body: loads them.
    /// - Throws: what `body` throws, a `StateError` with the file.
    @discardableResult
    public static func naming<Made>(_ path: String, _ body: () throws -> Made) throws -> Made {
        do { return try body() } catch let error as StateError {
            if case .inFile = error { throw error }
            throw StateError.inFile(path, error)
        }
    }
}

extension ParameterStore {
    /// Every key with its tensor; a shared tensor stands under each of its keys.
    public var state: [(key: String, tensor: Tensor)] {
        keys.map { ($0.key, entries[$0.entry].tensor) }
    }

    /// Copies values into this store's tensors.
    ///
    /// - Parameters:
    ///   - state: values by key. Element types are converted.
    ///   - strict: every key of the state must be one of this store, and every one of this store be there. Otherwise
    ///     only keys that are in both are loaded; their shapes must agree all the same.
    /// - Returns: the keys that were loaded.
    /// - Throws: `StateError.mismatch` with all keys that do not fit, before anything is written.
    @discardableResult
    public func load(_ state: [(key: String, tensor: Tensor)], strict: Bool = true) throws -> [String] {
        try Self.copy(state, into: self.state, strict: strict)
    }

    /// Copies values into tensors of the same keys, as `load` does.
    ///
    /// - Parameters:
    ///   - state: values by key. Element types are converted.
    ///   - own: the tensors to be written, by key.
    ///   - strict: whether the keys must be the same.
    /// - Returns: the keys that were written.
    /// - Throws: `StateError.mismatch` with all keys that do not fit, before anything is written.
    @discardableResult
    public static func copy(
        _ state: [(key: String, tensor: Tensor)], into own: [(key: String, tensor: Tensor)], strict: Bool = true
    ) throws -> [String] {
        let given = Dictionary(state.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        let known = Dictionary(own.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        // PyTorch before 1.0 did not count batches; the count plays no part in the result.
        let missing = own.map(\.key).filter { given[$0] == nil && !$0.hasSuffix("num_batches_tracked") }
        let unexpected = state.map(\.key).filter { known[$0] == nil }
        let misshapen = state.compactMap { key, tensor -> StateError.Misshapen? in
            guard let target = known[key], target.shape != tensor.shape else { return nil }
            return StateError.Misshapen(key: key, expected: target.shape, found: tensor.shape)
        }
        if !misshapen.isEmpty || (strict && !(missing.isEmpty && unexpected.isEmpty)) {
            throw StateError.mismatch(
                missing: strict ? missing : [], unexpected: strict ? unexpected : [], misshapen: misshapen)
        }
        return try withoutGradients {
            try own.compactMap { key, target in
                guard let tensor = given[key] else { return nil }
                try target.copyInPlace(from: tensor)
                return key
            }
        }
    }
}
