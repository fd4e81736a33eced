import Support

/// A key of a mapping, whatever its name.
struct TransformKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringLiteral value: String) { stringValue = value }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// The parameters of one transform as they stand in a file. Reading a field that is missing or of the wrong kind gives
/// nil and notes the problem, so that all problems are found in one go.
struct TransformFields {
    private let name: String
    /// Where the values are; nil where there are none.
    private let container: KeyedDecodingContainer<TransformKey>?
    /// The field that a value without a name belongs to, and the key that it stands under.
    private let lone: (field: String, key: TransformKey)?
    private var known: [String] = []
    private(set) var problems: [String] = []

    /// The fields of a name that stands without parameters.
    init(name: String) {
        self.name = name
        container = nil
        lone = nil
    }

    /// The fields in the value of `key`, which is a mapping, nothing, or the value of the field `shorthand` alone.
    init(
        name: String, outer: KeyedDecodingContainer<TransformKey>, key: TransformKey, shorthand: String?
    ) {
        self.name = name
        if let nested = try? outer.nestedContainer(keyedBy: TransformKey.self, forKey: key) {
            container = nested
            lone = nil
        } else if (try? outer.decodeNil(forKey: key)) == true {
            container = nil
            lone = nil
        } else {
            container = outer
            lone = shorthand.map { ($0, key) }
            if shorthand == nil && Transform.names.contains(name) {
                problems.append("\(name): needs its parameters by name, such as {key: value}")
            }
        }
    }

    /// Notes a problem that lies in no single field.
    mutating func add(_ problem: String) { problems.append(problem) }

    /// Whether the field is there.
    func has(_ field: String) -> Bool { key(of: field) != nil }

    /// Notes that the field may be there, and is not.
    mutating func absent<Value>(_ field: String) -> Value? {
        known.append(field)
        return nil
    }

    /// Reads a whole number.
    mutating func integer(_ field: String, default standard: Int? = nil) -> Int? {
        read(field, "a whole number", default: standard) { try $0.decode(Int.self, forKey: $1) }
    }

    /// Reads a whole number, which is a list of one, or a list of whole numbers.
    mutating func integers(_ field: String) -> [Int]? {
        read(field, "a whole number or a list of whole numbers", default: nil) { container, key in
            if let one = try? container.decode(Int.self, forKey: key) { return [one] }
            return try container.decode([Int].self, forKey: key)
        }
    }

    /// Reads a size: a whole number, for a square, or [height, width].
    mutating func size(_ field: String) -> ImageSize? {
        read(field, "a whole number or [height, width]", default: nil) { try $0.decode(ImageSize.self, forKey: $1) }
    }

    /// Reads a number.
    mutating func number(_ field: String, default standard: Double? = nil) -> Double? {
        read(field, "a number", default: standard) { try $0.decode(Double.self, forKey: $1) }
    }

    /// Reads a number, which is a list of one, or a list of numbers.
    mutating func numbers(_ field: String) -> [Double]? {
        read(field, "a number or a list of numbers", default: nil, Self.numbers)
    }

    /// Reads the two ends of a range.
    mutating func range(_ field: String, default standard: ClosedRange<Double>) -> ClosedRange<Double>? {
        read(field, "[lowest, highest]", default: standard) { container, key in
            let ends = try container.decode([Double].self, forKey: key)
            guard ends.count == 2, ends[0] <= ends[1] else { return nil }
            return ends[0]...ends[1]
        }
    }

    /// Reads what random erasing writes.
    mutating func erasingValue(_ field: String) -> Transform.ErasingValue? {
        read(field, "a number, a list of numbers or \"noise\"", default: .constant([0])) { container, key in
            if let numbers = try? Self.numbers(container, key) { return .constant(numbers) }
            return try container.decode(String.self, forKey: key) == "noise" ? .noise : nil
        }
    }

    /// Notes every key that no field has asked for.
    mutating func refuseOthers() {
        guard let container, lone == nil else { return }
        for key in container.allKeys.map(\.stringValue).sorted() where !known.contains(key) && key != name {
            let choice = known.isEmpty ? "it has none" : "known are \(known.joined(separator: ", "))"
            problems.append("\(name): unknown parameter \"\(key)\"; \(choice)")
        }
    }

    private func key(of field: String) -> TransformKey? {
        guard let container else { return nil }
        if let lone { return lone.field == field ? lone.key : nil }
        let key = TransformKey(field)
        // What is null was left out on purpose, as by an encoder that names every field.
        guard container.contains(key), (try? container.decodeNil(forKey: key)) != true else { return nil }
        return key
    }

    private mutating func read<Value>(
        _ field: String, _ kind: String, default standard: Value?,
        _ decode: (KeyedDecodingContainer<TransformKey>, TransformKey) throws -> Value?
    ) -> Value? {
        known.append(field)
        guard let container, let key = key(of: field) else {
            if standard == nil { problems.append("\(name): \(field) is missing; it must be \(kind)") }
            return standard
        }
        if let value = try? decode(container, key) { return value }
        problems.append("\(name): \(field) (=\(Self.words(container, key))) must be \(kind)")
        return nil
    }

    private static func numbers(
        _ container: KeyedDecodingContainer<TransformKey>, _ key: TransformKey
    ) throws -> [Double] {
        if let one = try? container.decode(Double.self, forKey: key) { return [one] }
        return try container.decode([Double].self, forKey: key)
    }

    /// The value of a field, as best it can be shown in a message.
    private static func words(_ container: KeyedDecodingContainer<TransformKey>, _ key: TransformKey) -> String {
        if let value = try? container.decode(Bool.self, forKey: key) { return "\(value)" }
        if let value = try? container.decode(Double.self, forKey: key) { return "\(value)" }
        if let value = try? container.decode(String.self, forKey: key) { return "\"\(value)\"" }
        if let value = try? container.decode([Double].self, forKey: key) { return "\(value)" }
        if let value = try? container.decode([String].self, forKey: key) { return "\(value)" }
        return "..."
    }
}
