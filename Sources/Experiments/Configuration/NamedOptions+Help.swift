extension DefinitionFamily {
    /// The registered definitions with their options and defaults, as lines for a help text. Of several definitions
    /// that share a type of options, those after the first say where their defaults differ.
    ///
    /// ```
    /// mobile: Inverted bottlenecks for 224 pixels.
    ///   widths: Output channels of each stage. Default: [16, 24].
    /// mobile-tiny: Inverted bottlenecks for 28 pixels.
    ///   As mobile, with widths: [16, 32].
    /// ```
    public static var help: [String] {
        var told: [any NamedDefinition] = []
        return registry.members.map(erased).flatMap { definition in
            let model = told.first { type(of: $0.anyDefaults) == type(of: definition.anyDefaults) }
            told.append(definition)
            return ["\(definition.name): \(definition.summary)"]
                + (model.map { [difference(definition, from: $0)] } ?? optionHelp(definition)).map { "  " + $0 }
        }
    }

    private static func optionHelp<D: NamedDefinition>(_ definition: D) -> [String] {
        definition.defaultEntries.map { entry in
            let text = D.Options.keyHelp[entry.key].map { " " + $0 } ?? ""
            let normal = entry.value.isNull ? "" : " Default: \(ConfigYAMLWriter.inline(entry.value))."
            return "\(entry.key):\(text)\(normal)"
        }
    }

    private static func difference(_ definition: any NamedDefinition, from model: any NamedDefinition) -> String {
        let other = zip(definition.defaultEntries, model.defaultEntries).filter { $0 != $1 }.map { entry, _ in
            "\(entry.key): \(ConfigYAMLWriter.inline(entry.value))"
        }
        return "As \(model.name)" + (other.isEmpty ? "." : ", with \(other.joined(separator: ", ")).")
    }
}

extension NamedDefinition {
    fileprivate var anyDefaults: any Configuration { defaults }

    fileprivate var defaultEntries: [ConfigNode.Entry] { (try? defaultTree)?.entries ?? [] }
}
