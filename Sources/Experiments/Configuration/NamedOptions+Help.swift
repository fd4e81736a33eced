extension DefinitionFamily {
    /// The registered definitions with their options and defaults, as lines for a help text:
    ///
    /// ```
    /// chain: A plain chain of choice layers.
    ///   widths: Channels of each stage. Default: [8, 16, 32].
    /// ```
    public static var help: [String] {
        registry.members.flatMap { member in
            let definition = erased(member)
            return ["\(definition.name): \(definition.summary)"] + optionHelp(definition).map { "  " + $0 }
        }
    }

    private static func optionHelp<D: NamedDefinition>(_ definition: D) -> [String] {
        let entries = (try? definition.defaultTree)?.entries ?? []
        return entries.map { entry in
            let text = D.Options.keyHelp[entry.key].map { " " + $0 } ?? ""
            let normal = entry.value.isNull ? "" : " Default: \(ConfigYAMLWriter.inline(entry.value))."
            return "\(entry.key):\(text)\(normal)"
        }
    }
}
