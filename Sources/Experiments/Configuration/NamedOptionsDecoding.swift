/// Decodes a section whose key `name` chooses the definition that has the other keys; ``NamedOptions`` says which keys
/// count.
struct NamedOptionsDecoding<Family: DefinitionFamily> {
    private let decoder: ConfigDecoder
    private var layers: ConfigLayers { decoder.layers }

    init(_ decoder: ConfigDecoder) {
        self.decoder = decoder
        // Which keys are unknown depends on the name, and is decided here.
        decoder.asked.all = true
    }

    func decode() throws -> (Family.Member, any Configuration) {
        let problemsBefore = decoder.session.problems.count
        let choice = layers.child(nameKey)
        let name = try ConfigDecoder.decode(String.self, choice, decoder.session, isStrict: decoder.isStrict)
        guard decoder.session.problems.count == problemsBefore else { throw AlreadyNoted() }
        guard let member = Family.member(named: name) else {
            let nearest = NearestKeys.of(name, among: Family.registry.names)
            let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"
            throw ConfigurationProblem(
                key: choice.name,
                kind: .mismatch(
                    expected: "one of " + Family.nameList.joined(separator: ", "),
                    found: (choice.top?.summary ?? "nothing") + hint),
                origin: choice.origin)
        }
        func decode<D: NamedDefinition>(_ definition: D) throws -> any Configuration {
            let (own, problems) = try optionLayers(of: definition)
            if decoder.isStrict, !problems.isEmpty { throw ConfigurationError(problems) }
            decoder.session.problems += problems
            return try ConfigDecoder.decode(D.Options.self, own, decoder.session, isStrict: decoder.isStrict)
        }
        return (member, try decode(Family.erased(member)))
    }

    /// What each layer says of the options of a definition, and the keys of which it has none.
    private func optionLayers(
        of definition: some NamedDefinition
    ) throws -> (ConfigLayers, [ConfigurationProblem]) {
        let standard = try definition.defaultTree
        var given: [ConfigNode] = []
        var unknown: [ConfigNode.Entry] = []
        /// Keys whose most important value is null: the definition's own value counts.
        var reset: Set<String> = []
        for (layer, earlier) in zip(layers.given, try namesInForce()) {
            // A null is a section with nothing in it.
            guard let entries = layer.entries else { continue }
            let others = try earlier.flatMap { try $0 == definition.name ? [] : keys(of: $0) }
            var kept: [ConfigNode.Entry] = []
            for var entry in entries where entry.key != nameKey && !reset.contains(entry.key) {
                guard let normal = standard[entry.key] else {
                    // Of a name that is not known, and not chosen in the end, nobody can say which keys are right.
                    if !entry.value.isNull, others?.contains(entry.key) == false, try !saysNothing(entry) {
                        unknown.append(entry)
                    }
                    continue
                }
                if entry.value.isNull, !normal.isNull {
                    reset.insert(entry.key)
                    continue
                }
                entry.value = try asWritten(entry.value, in: layer, isString: normal.isString)
                kept.append(entry)
            }
            var own = layer
            own.content = .section(kept)
            given.append(own)
        }
        var fallback = standard
        if let base = layers.fallback, base[nameKey]?.string == definition.name {
            for entry in base.entries ?? [] where !reset.contains(entry.key) {
                fallback = fallback.replacing([entry.key], by: entry.value)
            }
        }
        let own = ConfigLayers(
            given: given, fallback: fallback, path: layers.path, sectionOrigin: layers.sectionOrigin)
        return (own, problems(unknown, definition, known: (standard.entries ?? []).map(\.key)))
    }

    /// For each layer, the name that would be chosen without those above it.
    private func namesInForce() throws -> [String?] {
        var name = layers.fallback?[nameKey]?.string
        return layers.given.reversed().map { layer in
            name = layer[nameKey]?.string ?? name
            return name
        }.reversed()
    }

    /// Whether a key that the chosen definition lacks is none of its business: files of before each definition had its own
    /// keys list those of all. In what a run stored, any value says nothing; elsewhere the other definition's default.
    private func saysNothing(_ entry: ConfigNode.Entry) throws -> Bool {
        try Family.registry.members.contains { member in
            guard let normal = try Family.erased(member).defaultTree[entry.key] else { return false }
            return decoder.session.isStored || normal.says(entry.value)
        }
    }

    /// The options of a definition; nil where there is none of the name.
    private func keys(of name: String) throws -> [String]? {
        guard let member = Family.member(named: name) else { return nil }
        return try (Family.erased(member).defaultTree.entries ?? []).map(\.key)
    }

    /// A setting was read as the family's standard definition has the key; another may want a string there, or none.
    private func asWritten(_ value: ConfigNode, in section: ConfigNode, isString: Bool) throws -> ConfigNode {
        guard section.isPath, !value.isPath, case .setting(let text) = value.origin else { return value }
        return try ConfigurationLoader.value(of: text, isString: isString)
    }

    private func problems(
        _ unknown: [ConfigNode.Entry], _ definition: some NamedDefinition, known: [String]
    ) -> [ConfigurationProblem] {
        let prefix = layers.path.isEmpty ? "" : layers.name + "."
        return unknown.enumerated().map { number, entry in
            // Of more unknown keys than anybody reads, none is looked for.
            let nearest = number < 50 ? NearestKeys.of(entry.key, among: known).map { prefix + $0 } : []
            return ConfigurationProblem(
                key: prefix + entry.key,
                kind: .unknownOption(
                    owner: "the \(Family.registry.noun) `\(definition.name)`", nearest: nearest, known: known),
                origin: entry.origin)
        }
    }
}

extension ConfigNode {
    /// Whether another tree has the same values, however their texts are spelled.
    fileprivate func says(_ other: ConfigNode) -> Bool {
        switch (content, other.content) {
        case (.scalar(let a), .scalar(let b)):
            return a.text == b.text || Double(a.text).map { $0 == Double(b.text) } ?? false
        case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { $0.says($1) }
        case (.section(let a), .section(let b)):
            return a.count == b.count
                && a.allSatisfy { entry in b.contains { $0.key == entry.key && entry.value.says($0.value) } }
        default: return false
        }
    }
}
