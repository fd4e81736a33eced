import Support

/// A configured value that is one of several names. Where it is none of them, the message lists them.
protocol ConfigChoice {
    /// The names.
    static var choices: [String] { get }
}

/// The name of a registered member of a family, as a configuration has it: `strategy: evolution`. A name that is not
/// registered is refused when the configuration is loaded, with those that are and the nearest spelling.
///
/// A section with options of its own for each member is ``NamedOptions``.
public struct RegisteredName<Family: RegisteredFamily>: RawRepresentable, Codable, Hashable, Sendable, ConfigChoice {
    /// The name itself.
    public let rawValue: String

    /// The name, if a member of the family is registered under it.
    public init?(rawValue: String) {
        guard Family.registry[rawValue] != nil else { return nil }
        self.rawValue = rawValue
    }

    /// The name of a member, which need not be registered as long as no configuration is loaded.
    public init(of member: Family.Member) { rawValue = Family.registry.name(of: member) }

    /// The member that has the name.
    ///
    /// - Throws: ``NamedOptionsError/unknown(name:noun:known:)`` for a name that is not registered.
    public var member: Family.Member {
        get throws {
            guard let member = Family.registry[rawValue] else {
                throw NamedOptionsError.unknown(
                    name: rawValue, noun: Family.registry.noun, known: Family.registry.names)
            }
            return member
        }
    }

    /// All registered names, the built-in ones first.
    public static var all: [Self] { Family.registry.members.map { Self(of: $0) } }

    static var choices: [String] { Family.registry.names }
}
