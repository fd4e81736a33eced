/// Decodes ``ConfigLayers`` into a value, and finds every problem on the way rather than the first.
///
/// A value that does not fit is noted in the session, and its default is decoded in its place so that decoding can go
/// on; the session throws at the end. Inside a ``FreeFormConfiguration`` decoding is strict, as any other decoder's.
struct ConfigDecoder: Decoder {
    let layers: ConfigLayers
    let session: ConfigDecodingSession
    let isStrict: Bool
    /// Whether a dictionary is being decoded, whose keys are data.
    let keepsKeys: Bool
    let asked = AskedKeys()

    var codingPath: [any CodingKey] { layers.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The keys that a type asked its section for. Those that it never asks for are unknown.
    final class AskedKeys {
        var isSection = false
        var all = false
        var names: [String] = []
        /// Sections entered by hand (`nestedContainer`), which nobody else looks after.
        var nested: [ConfigDecoder] = []
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard layers.top != nil else { throw missing() }
        let stack = layers.given.isEmpty ? [layers.top].compactMap { $0 } : layers.given
        if let wrong = stack.first(where: { $0.entries == nil && !$0.isNull }) {
            throw mismatch("a section of keys", wrong)
        }
        // A dictionary or a free-form value is no section whose defaults could stand in for a null.
        if let top = layers.top, top.isNull, isStrict || keepsKeys || layers.fallback?.entries == nil {
            throw mismatch("a section of keys", top)
        }
        asked.isSection = true
        return KeyedDecodingContainer(ConfigKeyedDecoding<Key>(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let top = layers.top else { throw missing() }
        guard case .list(let elements) = top.content else { throw mismatch("a list", top) }
        return ConfigUnkeyedDecoding(decoder: self, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ConfigSingleDecoding(decoder: self)
    }

    /// The whole of decoding one value: its own code, its unknown keys, its validation, and recovery.
    ///
    /// - Throws: a `DecodingError` when strict; ``AlreadyNoted`` when nothing can stand in for the value.
    static func decode<T: Decodable>(
        _ type: T.Type, _ layers: ConfigLayers, _ session: ConfigDecodingSession, isStrict: Bool
    ) throws -> T {
        var layers = layers
        if layers.fallback?.isNull ?? true, !layers.isNull || layers.fallback == nil,
            let configuration = type as? any Configuration.Type
        {
            layers.fallback = try ConfigEncoder.encode(configuration.init())
        }
        if let configuration = type as? any Configuration.Type, let fallback = layers.fallback {
            layers.fallback = session.settled(fallback, configuration.meaningsOfAbsence, under: layers.path)
        }
        let isWhole = type is any FreeFormConfiguration.Type || type is any VerbatimKeys.Type
        let decoder = ConfigDecoder(
            layers: isWhole ? layers.whole : layers, session: session,
            isStrict: isStrict || type is any FreeFormConfiguration.Type, keepsKeys: type is any VerbatimKeys.Type)
        let problemsBefore = session.problems.count
        do {
            let value = try T(from: decoder)
            let unknown = decoder.unknownKeys()
            if isStrict, !unknown.isEmpty { throw located(ConfigurationError(unknown), layers) }
            session.problems += unknown
            if session.problems.count == problemsBefore, let configuration = value as? any Configuration {
                do { try configuration.validate() } catch {
                    let problems = invalid(error, layers)
                    if isStrict { throw located(ConfigurationError(problems), layers) }
                    session.problems += problems
                }
            }
            return value
        } catch {
            let error = described(error, as: type, decoder)
            if isStrict { throw located(error, layers) }
            if !(error is AlreadyNoted) { session.problems += problems(of: error, layers) }
            // Half-way through, what a section knows is known from its defaults alone.
            if !isWhole, layers.fallback?.entries != nil { session.problems += decoder.unknownKeys() }
            if let fallback = layers.fallback, !fallback.isNull {
                let quiet = ConfigDecodingSession(defaults: fallback)
                let spare = ConfigLayers(given: [], fallback: fallback, path: layers.path)
                if let value = try? decode(type, spare, quiet, isStrict: true) { return value }
            }
            if let scalar = type as? any ConfigScalarValue.Type, let value = scalar.placeholder as? T { return value }
            throw AlreadyNoted()
        }
    }
}

/// The problems and other findings of one load.
final class ConfigDecodingSession {
    var problems: [ConfigurationProblem] = []
    /// The paths of all keys that have a default, to tell where a misplaced key lives.
    let paths: [String]
    /// Whether keys that are nowhere given mean what they meant before there were such keys.
    let isStored: Bool
    /// The paths of all keys that may be missing from what was stored before.
    private(set) var newerKeys: [[String]] = []

    init(defaults: ConfigNode, isStored: Bool = false) {
        paths = defaults.leaves().map(\.path)
        self.isStored = isStored
    }

    /// The defaults of a section, or where it was stored before, what its keys meant then.
    func settled(_ defaults: ConfigNode, _ meanings: [String: String], under path: [any CodingKey]) -> ConfigNode {
        newerKeys += meanings.keys.map { path.map(\.stringValue) + [$0] }
        guard isStored else { return defaults }
        return meanings.reduce(defaults) { node, meaning in
            node.replacing([meaning.key], by: ConfigNode(.scalar(.init(text: meaning.value, isPlain: true))))
        }
    }
}

/// Thrown where nothing can stand in for a value whose problem has been noted.
struct AlreadyNoted: Error {}

// MARK: - Problems

extension ConfigDecoder {
    func mismatch(_ expected: String, _ found: ConfigNode) -> DecodingError {
        failure(.mismatch(expected: expected, found: found.summary), found.origin)
    }

    func missing() -> DecodingError { failure(.missing, layers.origin ?? layers.sectionOrigin) }

    func failure(_ kind: ConfigurationProblem.Kind, _ origin: ConfigurationOrigin?) -> DecodingError {
        let problem = ConfigurationProblem(key: layers.name, kind: kind, origin: origin)
        return .dataCorrupted(
            .init(codingPath: layers.path, debugDescription: problem.description, underlyingError: problem))
    }

    /// The problem with decoding `type`, sharper where more is known than the type's own code said.
    private static func described(_ error: any Error, as type: Any.Type, _ decoder: ConfigDecoder) -> any Error {
        guard !(error is AlreadyNoted), let choices = choices(of: type), let top = decoder.layers.top,
            case .scalar(let scalar) = top.content
        else { return error }
        let nearest = NearestKeys.of(scalar.text, among: choices)
        let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"
        return ConfigurationProblem(
            key: decoder.layers.name,
            kind: .mismatch(expected: "one of " + choices.joined(separator: ", "), found: top.summary + hint),
            origin: top.origin)
    }

    /// The spellings of an enumeration of strings, or of a registered name.
    private static func choices(of type: Any.Type) -> [String]? {
        if let type = type as? any ConfigChoice.Type { return type.choices }
        func spellings<C: CaseIterable>(_ type: C.Type) -> [String] {
            type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        }
        guard let type = type as? any CaseIterable.Type else { return nil }
        let choices = spellings(type)
        return choices.isEmpty ? nil : choices
    }

    /// Makes problems with a key and a place of what `error` says.
    static func problems(of error: any Error, _ layers: ConfigLayers) -> [ConfigurationProblem] {
        func problem(_ kind: ConfigurationProblem.Kind, _ path: [any CodingKey]) -> ConfigurationProblem {
            let inner = path.dropFirst(layers.path.count).map(\.stringValue)
            return ConfigurationProblem(
                key: ConfigLayers.name(of: path), kind: kind, origin: layers.origin(of: inner))
        }
        switch error {
        case let error as ConfigurationProblem: return [error]
        case let error as ConfigurationError: return error.problems
        case DecodingError.keyNotFound(let key, let context):
            return [problem(.missing, context.codingPath + [ConfigKey(KeyStyle.kebab(key.stringValue))])]
        case DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            if let inner = context.underlyingError { return problems(of: inner, layers) }
            let isBelow = context.codingPath.count >= layers.path.count
            return [problem(.invalid(context.debugDescription), isBelow ? context.codingPath : layers.path)]
        default:
            return [problem(.invalid(String(describing: error)), layers.path)]
        }
    }

    /// Makes the error that strict decoding throws: a `DecodingError` that carries its problems.
    private static func located(_ error: any Error, _ layers: ConfigLayers) -> any Error {
        if case .some(let decoding) = error as? DecodingError, case .dataCorrupted(let context) = decoding,
            context.underlyingError is ConfigurationError
        {
            return error
        }
        let problems = ConfigurationError(problems(of: error, layers))
        return DecodingError.dataCorrupted(
            .init(codingPath: layers.path, debugDescription: problems.description, underlyingError: problems))
    }

    private static func invalid(_ error: any Error, _ layers: ConfigLayers) -> [ConfigurationProblem] {
        guard let invalid = error as? InvalidConfiguration else { return problems(of: error, layers) }
        return invalid.issues.map { issue in
            let path = issue.key.split(separator: ".").map { KeyStyle.kebab(String($0)) }
            return ConfigurationProblem(
                key: ConfigLayers.name(of: layers.path + path.map { ConfigKey($0) }), kind: .invalid(issue.reason),
                origin: layers.origin(of: path))
        }
    }

    /// The keys of this section that nobody asked for.
    private func unknownKeys() -> [ConfigurationProblem] {
        let nested = asked.nested.flatMap { $0.unknownKeys() }
        guard asked.isSection, !asked.all else { return nested }
        var known = layers.fallback?.entries?.map(\.key) ?? []
        known += asked.names.filter { !known.contains($0) }
        let unknown = layers.given.flatMap { $0.entries ?? [] }.filter { !known.contains($0.key) }
        return nested
            + unknown.enumerated().map { number, entry in
                let prefix = layers.path.isEmpty ? "" : layers.name + "."
                // Of more unknown keys than anybody reads, none is looked for.
                guard number < 50 else {
                    return ConfigurationProblem(
                        key: prefix + entry.key, kind: .unknownKey(nearest: [], known: []), origin: entry.origin)
                }
                var nearest = NearestKeys.of(entry.key, among: known).map { prefix + $0 }
                let elsewhere = session.paths.filter { $0.hasSuffix("." + KeyStyle.kebab(entry.key)) }
                nearest += elsewhere.filter { !nearest.contains($0) }
                return ConfigurationProblem(
                    key: prefix + entry.key,
                    kind: .unknownKey(nearest: Array(nearest.prefix(3)), known: known.count <= 12 ? known : []),
                    origin: entry.origin)
            }
    }
}
