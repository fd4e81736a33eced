/// Encodes a value into a ``ConfigNode`` tree: properties in their declared order under kebab-case keys, dictionaries
/// with their own keys, sorted; a nil property becomes null, so that its key is known.
struct ConfigEncoder: Encoder {
    private let box: Box
    private let keepsKeys: Bool
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func encode(_ value: some Encodable) throws -> ConfigNode {
        try box(value, path: []).node
    }

    private static func box<T: Encodable>(_ value: T, path: [any CodingKey]) throws -> Box {
        let box = Box()
        try value.encode(to: ConfigEncoder(box: box, keepsKeys: T.self is any VerbatimKeys.Type, codingPath: path))
        return box
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.become(.section([]))
        box.sortsKeys = keepsKeys
        return KeyedEncodingContainer(Keyed(box: box, keepsKeys: keepsKeys, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.become(.list([]))
        return Unkeyed(box: box, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(box: box, codingPath: codingPath)
    }

    /// A place in the tree that is still being written.
    private final class Box {
        enum State {
            case node(ConfigNode)
            case list([Box])
            case section([(key: String, box: Box)])
        }

        var state = State.node(ConfigNode(.section([])))
        var sortsKeys = false

        static func leaf(_ scalar: ConfigScalar) -> Box {
            let box = Box()
            box.state = .node(ConfigNode(.scalar(scalar)))
            return box
        }

        /// Starts a container, or goes on with one of the same kind.
        func become(_ new: State) {
            switch (state, new) {
            case (.list, .list), (.section, .section): break
            default: state = new
            }
        }

        func append(_ element: Box) {
            guard case .list(let elements) = state else { return }
            state = .list(elements + [element])
        }

        func set(_ key: String, _ value: Box) {
            guard case .section(var entries) = state else { return }
            entries.removeAll { $0.key == key }
            entries.append((key, value))
            state = .section(entries)
        }

        var count: Int {
            if case .list(let elements) = state { elements.count } else { 0 }
        }

        var node: ConfigNode {
            switch state {
            case .node(let node): return node
            case .list(let elements): return ConfigNode(.list(elements.map(\.node)))
            case .section(let boxes):
                let entries = boxes.map { ConfigNode.Entry(key: $0.key, value: $0.box.node) }
                return ConfigNode(.section(sortsKeys ? entries.sorted { $0.key < $1.key } : entries))
            }
        }
    }

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let box: Box
        let keepsKeys: Bool
        let codingPath: [any CodingKey]

        func encodeNil(forKey key: Key) { set(key, .leaf(.null)) }
        func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            set(key, try ConfigEncoder.box(value, path: codingPath + [key]))
        }
        func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
            if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
        }
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            nested(key).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }
        func superEncoder() -> any Encoder { nested(ConfigKey("super")) }
        func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

        private func nested(_ key: any CodingKey) -> ConfigEncoder {
            let child = Box()
            set(key, child)
            return ConfigEncoder(box: child, keepsKeys: false, codingPath: codingPath + [key])
        }
        private func set(_ key: any CodingKey, _ value: Box) {
            box.set(keepsKeys ? key.stringValue : KeyStyle.kebab(key.stringValue), value)
        }

        // The library's own versions for these types leave a nil out.
        func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: String?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try some(value, key) }
        func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try some(value, key) }
        private func some<T: Encodable>(_ value: T?, _ key: Key) throws {
            if let value { try encode(value, forKey: key) } else { encodeNil(forKey: key) }
        }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        let box: Box
        let codingPath: [any CodingKey]
        var count: Int { box.count }

        func encodeNil() { box.append(.leaf(.null)) }
        func encode<T: Encodable>(_ value: T) throws {
            box.append(try ConfigEncoder.box(value, path: codingPath + [ConfigKey(count)]))
        }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            nested().container(keyedBy: type)
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }
        func superEncoder() -> any Encoder { nested() }

        private func nested() -> ConfigEncoder {
            let child = Box()
            let key = ConfigKey(count)
            box.append(child)
            return ConfigEncoder(box: child, keepsKeys: false, codingPath: codingPath + [key])
        }
    }

    private struct Single: SingleValueEncodingContainer {
        let box: Box
        let codingPath: [any CodingKey]

        func encodeNil() { set(.null) }
        func encode(_ value: Bool) { set(ConfigScalar(text: value ? "true" : "false", isPlain: true)) }
        func encode(_ value: String) { set(ConfigScalar(text: value, isPlain: false)) }
        func encode(_ value: Double) { set(.number(value)) }
        func encode(_ value: Float) { set(.number(value)) }
        func encode<T: Encodable & FixedWidthInteger>(_ value: T) {
            set(ConfigScalar(text: String(value), isPlain: true))
        }
        func encode<T: Encodable>(_ value: T) throws {
            let inner = try ConfigEncoder.box(value, path: codingPath)
            box.state = inner.state
            box.sortsKeys = inner.sortsKeys
        }
        private func set(_ scalar: ConfigScalar) { box.state = .node(ConfigNode(.scalar(scalar))) }
    }
}

extension ConfigScalar {
    /// The shortest digits that give the same value back, with the point that YAML 1.1 wants before an exponent.
    fileprivate static func number<F: BinaryFloatingPoint & LosslessStringConvertible>(_ value: F) -> ConfigScalar {
        if value.isNaN { return ConfigScalar(text: ".nan", isPlain: true) }
        if value.isInfinite { return ConfigScalar(text: value < 0 ? "-.inf" : ".inf", isPlain: true) }
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].contains(".") ? String(parts[0]) : parts[0] + ".0"
        return ConfigScalar(
            text: ([mantissa] + parts.dropFirst().map(String.init)).joined(separator: "e"), isPlain: true)
    }
}

/// A key of the tree: a name, or an index into a list.
struct ConfigKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) { (stringValue, intValue) = (name, nil) }
    init(_ index: Int) { (stringValue, intValue) = ("[\(index)]", index) }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}

/// Dictionaries, whose keys are data and keep their spelling.
protocol VerbatimKeys {}
extension Dictionary: VerbatimKeys {}
