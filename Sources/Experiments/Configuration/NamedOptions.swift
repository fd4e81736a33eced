import Support

/// One of a family of things that a configuration chooses by name, such as a search space, with options of its own.
///
/// A family's protocol refines this one by what its members do, and each member is one type:
///
/// ```swift
/// public protocol SpaceDefinition: NamedDefinition {
///     func description(_ options: Options, channels: Int) throws -> SupernetDescription
/// }
///
/// struct ChainDefinition: SpaceDefinition {
///     struct Options: Configuration {
///         var widths = [8, 16, 32]
///         static var keyHelp: [String: String] { ["widths": "Channels of each stage."] }
///     }
///     let name = "chain"
///     let summary = "A plain chain of choice layers."
///     let defaults = Options()
///     func description(_ options: Options, channels: Int) throws -> SupernetDescription { … }
/// }
/// ```
public protocol NamedDefinition<Options>: Sendable {
    /// The keys that stand beside `name`; none of them may be called `name` itself. `Configuration/keyHelp` says what
    /// each is for.
    associatedtype Options: Configuration
    /// What configurations and commands call it: lower-case words with hyphens.
    var name: String { get }
    /// One sentence for help texts.
    var summary: String { get }
    /// The options where nothing is given. Several definitions may share a type of options and differ in these.
    var defaults: Options { get }
}

extension NamedDefinition {
    /// The default options with their keys, in their declared order.
    var defaultTree: ConfigNode { get throws { try ConfigEncoder.encode(defaults) } }

    /// The defaults of the type of options.
    public var defaults: Options { Options() }
}

/// The options of a definition that has none: `let defaults = NoOptions()`.
public struct NoOptions: Configuration {
    /// No options.
    public init() {}
}

/// A family of definitions that ``NamedOptions`` chooses from.
///
/// ```swift
/// public enum SpaceFamily: DefinitionFamily {
///     public static let registry = Registry<any SpaceDefinition>(
///         of: "search space", [ChainDefinition(), MobileDefinition()]) { $0.name }
///     public static var standard: any SpaceDefinition { ChainDefinition() }
///     public static func erased(_ member: any SpaceDefinition) -> any NamedDefinition { member }
/// }
/// public typealias SpaceConfiguration = NamedOptions<SpaceFamily>
/// ```
public protocol DefinitionFamily: RegisteredFamily {
    /// The member that is chosen where no name is given; it must be registered.
    static var standard: Member { get }
    /// The member as what all definitions are; the body is `member`.
    static func erased(_ member: Member) -> any NamedDefinition
    /// A member that nobody registered but whose name says what it is, such as the path of a file that declares a
    /// search space; nil for any other name.
    static func unregistered(_ name: String) -> Member?
    /// What such names are, to stand after the registered ones in a list, such as `the path of a .yaml file`; nil where
    /// there are none.
    static var unregisteredNames: String? { get }
}

extension DefinitionFamily {
    /// None.
    public static func unregistered(_ name: String) -> Member? { nil }

    /// None.
    public static var unregisteredNames: String? { nil }

    /// The member of that name, registered or not; nil where there is none.
    public static func member(named name: String) -> Member? { registry[name] ?? unregistered(name) }

    /// Everything that may stand as a name, in words.
    public static var nameList: [String] { registry.names + (unregisteredNames.map { [$0] } ?? []) }
}

/// A section of a configuration whose key `name` chooses one of a family of definitions, and whose other keys are that
/// definition's own options:
///
/// ```yaml
/// space:
///   name: chain
///   widths: [8, 16]
/// ```
///
/// What is not given has the definition's defaults, and a null stands for the default, too. A key that the chosen
/// definition lacks is refused with those that it has, unless
///
/// - its value is null, or it is a key of another definition with that one's default, as in files of before each definition
///   had its own keys, which list all keys of the family; what a run stored may have any value there;
/// - it was given less importantly than the name, as an option of the definition that was chosen until then: a preset or a
///   file may well give options of one, and `--set space.name=…` over it choose another. Options that both have stay.
///
/// The resolved configuration has all options of the chosen definition, none else, so that runs are compared by what
/// counts.
public struct NamedOptions<Family: DefinitionFamily>: Configuration {
    /// What is chosen: what makes use of the options.
    public let definition: Family.Member
    /// The options, of the type that the definition has.
    public private(set) var options: any Configuration

    /// The family's standard definition with its defaults.
    public init() { self.init(Family.standard) }

    /// A definition with its defaults. It must be registered for the configuration to be stored and loaded again.
    public init(_ definition: Family.Member) {
        self.definition = definition
        options = Family.erased(definition).defaults
    }

    /// The definition of that name with its defaults.
    ///
    /// - Throws: ``NamedOptionsError/unknown(name:noun:known:)``.
    public init(named name: String) throws {
        guard let definition = Family.member(named: name) else {
            throw NamedOptionsError.unknown(name: name, noun: Family.registry.noun, known: Family.nameList)
        }
        self.init(definition)
    }

    /// The definition of that name with changed options.
    ///
    /// - Parameters:
    ///   - name: of the definition.
    ///   - type: of its options.
    ///   - change: sets options, beginning with the definition's defaults.
    /// - Throws: ``NamedOptionsError`` for an unknown name, or another type of options than the definition's.
    public init<Options: Configuration>(
        named name: String, _ type: Options.Type, _ change: (inout Options) throws -> Void
    ) throws {
        try self.init(named: name)
        try update(type, change)
    }

    /// The name of the definition.
    public var name: String { Family.erased(definition).name }

    /// The options in their own type.
    ///
    /// - Throws: ``NamedOptionsError/otherOptions(name:noun:wanted:)`` if the definition has options of another type.
    public func options<Options: Configuration>(as type: Options.Type = Options.self) throws -> Options {
        guard let options = options as? Options else {
            throw NamedOptionsError.otherOptions(name: name, noun: Family.registry.noun, wanted: "\(type)")
        }
        return options
    }

    /// The options in the type of a definition, which must be the chosen one:
    ///
    /// ```swift
    /// func make<D: SpaceDefinition>(_ definition: D) throws -> SupernetDescription {
    ///     try definition.description(options(of: definition), channels: channels)
    /// }
    /// return try make(definition)
    /// ```
    ///
    /// - Throws: ``NamedOptionsError/otherOptions(name:noun:wanted:)`` for another definition.
    public func options<Definition: NamedDefinition>(of definition: Definition) throws -> Definition.Options {
        try options(as: Definition.Options.self)
    }

    /// Changes options in their own type; they are validated when the configuration is resolved.
    ///
    /// - Throws: ``NamedOptionsError/otherOptions(name:noun:wanted:)``; what `change` throws.
    public mutating func update<Options: Configuration>(
        _ type: Options.Type, _ change: (inout Options) throws -> Void
    ) throws {
        var changed = try options(as: type)
        try change(&changed)
        options = changed
    }

    /// Refuses options that make no sense.
    public func validate() throws { try options.validate() }

    /// Whether name and options are equal.
    public static func == (a: Self, b: Self) -> Bool {
        a.name == b.name && a.options.isEqual(to: b.options)
    }

    /// The name, and the options beside it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ConfigKey.self)
        try container.encode(name, forKey: ConfigKey(nameKey))
        try options.encode(to: encoder)
    }

    /// Chooses the definition, and decodes the options that it has.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ConfigKey.self)
        if let decoder = decoder as? ConfigDecoder {
            (definition, options) = try NamedOptionsDecoding<Family>(decoder).decode()
            return
        }
        let name = try container.decode(String.self, forKey: ConfigKey(nameKey))
        guard let definition = Family.member(named: name) else {
            throw NamedOptionsError.unknown(name: name, noun: Family.registry.noun, known: Family.nameList)
        }
        func decodeOptions<D: NamedDefinition>(_ definition: D) throws -> any Configuration {
            try D.Options(from: decoder)
        }
        self.definition = definition
        options = try decodeOptions(Family.erased(definition))
    }
}

extension Configuration {
    /// Whether another configuration has the same type and is equal.
    fileprivate func isEqual(to other: any Configuration) -> Bool { other as? Self == self }
}

/// The key that chooses among definitions.
let nameKey = "name"

/// A name or a type that is not what was chosen.
public enum NamedOptionsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No definition of the family has the name; these there are.
    case unknown(name: String, noun: String, known: [String])
    /// The options of the chosen definition are not of the type that was asked for.
    case otherOptions(name: String, noun: String, wanted: String)

    /// What is wrong, and what there is.
    public var description: String {
        switch self {
        case .unknown(let name, let noun, let known):
            let nearest = NearestKeys.of(name, among: known)
            let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"
            return "there is no \(noun) `\(name)`; there are \(known.joined(separator: ", "))\(hint)"
        case .otherOptions(let name, let noun, let wanted):
            return "the options of the \(noun) `\(name)` are not of the type \(wanted)"
        }
    }
}
