import Torch

/// One case of a golden file: the settings of what is tested, and its tensors by name.
public struct GoldenCase: Sendable, CustomStringConvertible {
    /// Unique in the file.
    public let name: String
    /// What is tested, such as `conv2d`.
    public let kind: String
    /// The tensors' names by list, such as `inputs`; the lists are those of `golden.py`.
    public let lists: [String: [String]]
    /// Gradients that vanish in exact arithmetic, and are not stored.
    public let zeros: [String]
    let config: [String: Setting]
    let tensors: [String: Tensor]

    /// The name, so that a failing test says which case it is.
    public var description: String { name }

    /// A setting: flat, as JSON has it.
    enum Setting: Sendable, Decodable, Equatable {
        case bool(Bool)
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let bool = try? container.decode(Bool.self) {
                self = .bool(bool)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    /// The names in one of the lists.
    public func names(_ list: String) -> [String] { lists[list] ?? [] }

    /// Whether the case has this tensor.
    public func has(_ tensor: String) -> Bool { tensors[tensor] != nil }

    /// A tensor of its own memory in the given layout, which only images have: of another rank it is as stored.
    public func tensor(_ name: String, _ format: MemoryFormat = .contiguous) throws -> Tensor {
        guard let stored = tensors[name] else { throw GoldenError(self, "has no tensor '\(name)'") }
        let tensor = try stored.cloned()
        return stored.rank == 4 ? try tensor.contiguous(format) : tensor
    }

    /// The tensors whose names begin with one of the prefixes, without it: a state to be loaded.
    public func state(_ prefixes: String...) -> [(key: String, tensor: Tensor)] {
        tensors.sorted { $0.key < $1.key }.flatMap { name, tensor in
            prefixes.filter { name.hasPrefix($0) }.map { (String(name.dropFirst($0.count)), tensor) }
        }
    }

    /// Whether the case has this setting.
    public func has(setting key: String) -> Bool { config[key] != nil }

    /// A boolean setting.
    public func bool(_ key: String) throws -> Bool {
        guard case .bool(let value)? = config[key] else { throw wrong(key, "a boolean") }
        return value
    }

    /// A number.
    public func double(_ key: String) throws -> Double {
        guard case .number(let value)? = config[key] else { throw wrong(key, "a number") }
        return value
    }

    /// A number without fraction.
    public func int(_ key: String) throws -> Int {
        guard let value = Int(exactly: try double(key)) else { throw wrong(key, "an integer") }
        return value
    }

    /// A string.
    public func text(_ key: String) throws -> String {
        guard case .text(let value)? = config[key] else { throw wrong(key, "a string") }
        return value
    }

    /// Integers with commas between them.
    public func ints(_ key: String) throws -> [Int] {
        try text(key).split(separator: ",").map { part in
            guard let value = Int(part) else { throw wrong(key, "a list of integers") }
            return value
        }
    }

    /// What a test throws for a case of a kind that it does not know: skipping it would pass it.
    public func unknownKind() -> GoldenError { GoldenError(self, "is of the unknown kind '\(kind)'") }

    /// Refuses a setting that there is no counterpart for.
    public func requires(_ key: String, _ value: String) throws {
        let found: String
        switch config[key] {
        case .bool(let bool)?: found = "\(bool)"
        case .number(let number)?: found = "\(number)"
        case .text(let text)?: found = text
        case nil: found = "absent"
        }
        guard found == value else { throw GoldenError(self, "has \(key) \(found), and only \(value) is supported") }
    }

    private func wrong(_ key: String, _ type: String) -> GoldenError {
        GoldenError(self, "has no setting '\(key)' that is \(type)")
    }
}

/// A golden case, or a file of them, that a test cannot use.
public struct GoldenError: Error, CustomStringConvertible {
    /// Which case or file, and what is wrong with it.
    public let description: String

    init(_ text: String) { description = text }

    init(_ golden: GoldenCase, _ text: String) { description = "case '\(golden.name)' \(text)" }
}
