/// A section's values by key.
struct ConfigKeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ConfigDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    /// Every key of the section. A type that looks at all of them decides by itself which it knows.
    var allKeys: [Key] {
        decoder.asked.all = true
        let layers = decoder.layers
        var names: [String] = []
        for entry in (layers.given + [layers.fallback].compactMap { $0 }).flatMap({ $0.entries ?? [] })
        where !names.contains(entry.key) {
            names.append(entry.key)
        }
        return names.compactMap { name in
            // As written, for a type that takes any key; in Swift's style for one with an enumeration of them.
            Key(stringValue: name) ?? (decoder.keepsKeys ? nil : Key(stringValue: KeyStyle.camel(name)))
        }
    }

    func contains(_ key: Key) -> Bool { child(key).top != nil }

    func decodeNil(forKey key: Key) throws -> Bool { child(key).isNull }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try ConfigDecoder.decode(type, child(key), decoder.session, isStrict: decoder.isStrict)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        guard !child(key).isNull else { return nil }
        do { return try decode(type, forKey: key) } catch is AlreadyNoted { return nil }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { nested(ConfigKey("super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { nested(key) }

    private func child(_ key: any CodingKey) -> ConfigLayers {
        let name = decoder.keepsKeys ? key.stringValue : KeyStyle.kebab(key.stringValue)
        if !decoder.asked.names.contains(name) { decoder.asked.names.append(name) }
        return decoder.layers.child(name)
    }

    private func nested(_ key: any CodingKey) -> ConfigDecoder {
        let nested = ConfigDecoder(
            layers: child(key), session: decoder.session, isStrict: decoder.isStrict, keepsKeys: false)
        decoder.asked.nested.append(nested)
        return nested
    }
}

/// A list's values in turn.
struct ConfigUnkeyedDecoding: UnkeyedDecodingContainer {
    let decoder: ConfigDecoder
    let elements: [ConfigNode]
    private(set) var currentIndex = 0

    init(decoder: ConfigDecoder, elements: [ConfigNode]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let current = try current()
        do {
            let value = try ConfigDecoder.decode(type, current, decoder.session, isStrict: decoder.isStrict)
            currentIndex += 1
            return value
        } catch let error as AlreadyNoted {
            // The list is lost, but its other elements may have something to tell, too.
            for index in (currentIndex + 1)..<elements.count {
                let layers = decoder.layers.element(index, elements[index])
                _ = try? ConfigDecoder.decode(type, layers, decoder.session, isStrict: false)
            }
            throw error
        }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }

    mutating func superDecoder() throws -> any Decoder { try nested() }

    private mutating func nested() throws -> ConfigDecoder {
        let nested = ConfigDecoder(
            layers: try current(), session: decoder.session, isStrict: decoder.isStrict, keepsKeys: false)
        decoder.asked.nested.append(nested)
        currentIndex += 1
        return nested
    }

    private func current() throws -> ConfigLayers {
        guard !isAtEnd else {
            throw decoder.failure(.invalid("the list ends after \(elements.count) values"), decoder.layers.origin)
        }
        return decoder.layers.element(currentIndex, elements[currentIndex])
    }
}

/// A scalar, or a value that another type decodes.
struct ConfigSingleDecoding: SingleValueDecodingContainer {
    let decoder: ConfigDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.layers.isNull }

    func decode(_ type: Bool.Type) throws -> Bool { try scalar() }
    func decode(_ type: String.Type) throws -> String { try scalar() }
    func decode(_ type: Double.Type) throws -> Double { try scalar() }
    func decode(_ type: Float.Type) throws -> Float { try scalar() }
    func decode(_ type: Int.Type) throws -> Int { try scalar() }
    func decode(_ type: Int8.Type) throws -> Int8 { try scalar() }
    func decode(_ type: Int16.Type) throws -> Int16 { try scalar() }
    func decode(_ type: Int32.Type) throws -> Int32 { try scalar() }
    func decode(_ type: Int64.Type) throws -> Int64 { try scalar() }
    func decode(_ type: UInt.Type) throws -> UInt { try scalar() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try scalar() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try scalar() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try scalar() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try scalar() }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try ConfigDecoder.decode(type, decoder.layers, decoder.session, isStrict: decoder.isStrict)
    }

    private func scalar<T: ConfigScalarValue>() throws -> T {
        guard let top = decoder.layers.top else { throw decoder.missing() }
        guard case .scalar(let scalar) = top.content else {
            throw decoder.mismatch(T.expectation(found: nil), top)
        }
        guard let value = T(scalar: scalar) else { throw decoder.mismatch(T.expectation(found: scalar), top) }
        return value
    }
}
