/// The settings of one verb or of one part of it: a plain `struct` whose properties all have defaults.
///
/// A YAML file spells the properties in kebab-case (`batchSize` is `batch-size`), and a property that is itself a
/// `Configuration` is a section. Sections are merged key by key over the defaults; lists and dictionaries are replaced
/// whole.
///
/// ```swift
/// struct Training: Configuration {
///     var epochs = 30
///     var optimizer = Optimizer()      // another Configuration
///     var warmup: Double? = nil        // known even while it is nil
/// }
/// ```
///
/// A type that writes its own `init(from:)` and tries one form after another must be a ``FreeFormConfiguration``:
/// elsewhere, a value of the wrong type is noted as a problem and decoding goes on, so that one load reports them all.
public protocol Configuration: Codable, Equatable, Sendable {
    /// Creates a configuration of the default values.
    init()

    /// Refuses values that have the right type and make no sense. Called for every section of a loaded configuration
    /// whose types are right; see ``ConfigurationCheck`` for a way to report several at once.
    func validate() throws

    /// Keys (`section.some-key`, or a whole `section`) that do not affect a run's result, and so may differ when an
    /// existing run is resumed.
    static var resumeIgnoredKeys: [String] { get }

    /// The meanings of keys that a stored configuration lacks because it was stored before there were such keys: their
    /// names in kebab-case, and their values as settings spell them. They serve keys whose default, which is for what
    /// begins now, differs from what was done before. What goes on keeps its own value of such a key unless it is told
    /// another.
    static var meaningsOfAbsence: [String: String] { get }

    /// Keys of earlier versions, as dotted paths from the outermost configuration, with the paths of those that took their
    /// place; an empty list for a key that means nothing any more. Files and settings with the earlier keys mean the same.
    static var renamedKeys: [String: [String]] { get }

    /// What each key is for, by its name in kebab-case: one or two sentences, for help texts. Options of a
    /// ``NamedDefinition`` describe all of their keys; other sections need not.
    static var keyHelp: [String: String] { get }
}

extension Configuration {
    /// Accepts every value, by default.
    public func validate() throws {}

    /// No keys by default: every key must be as it was for a run to be resumed.
    public static var resumeIgnoredKeys: [String] { [] }

    /// No meanings by default: a key that a stored configuration lacks has its default.
    public static var meaningsOfAbsence: [String: String] { [:] }

    /// No key had another name before.
    public static var renamedKeys: [String: [String]] { [:] }

    /// None.
    public static var keyHelp: [String: String] { [:] }
}

/// Marks a type whose YAML form is its own affair, such as one element of a list of image transforms.
///
/// Its value is replaced whole, never merged with a default. Its `Decodable` code may try several forms; the error
/// that it throws in the end is reported with the key path and the line. Keys that it never asks for are still refused.
public protocol FreeFormConfiguration: Codable {}

/// Collects what a ``Configuration/validate()`` has to say, so that it says it all at once.
///
/// ```swift
/// func validate() throws {
///     var check = ConfigurationCheck()
///     check.require(epochs > 0, "epochs", "must be at least 1, is \(epochs)")
///     check.require(warmup < epochs, "warmup", "must be below epochs (=\(epochs)), is \(warmup)")
///     try check.finish()
/// }
/// ```
public struct ConfigurationCheck: Sendable {
    /// A refused value: its key, relative to the section that was checked, and the reason.
    public struct Issue: Equatable, Sendable {
        /// The refused key, as it was given to ``ConfigurationCheck/require(_:_:_:)``; dots enter nested sections.
        public var key: String
        /// The reason as it stands after the key, such as `must be at least 1, is 0`.
        public var reason: String
    }

    /// The values refused so far.
    public private(set) var issues: [Issue] = []

    /// A check that has found nothing yet.
    public init() {}

    /// Notes `reason` against `key` (kebab-case or the property's name; dots enter nested sections) unless `condition`.
    public mutating func require(_ condition: Bool, _ key: String, _ reason: @autoclosure () -> String) {
        if !condition { issues.append(Issue(key: key, reason: reason())) }
    }

    /// Throws ``InvalidConfiguration`` if anything was noted.
    public func finish() throws {
        if !issues.isEmpty { throw InvalidConfiguration(issues: issues) }
    }
}

/// Values that have the right type and make no sense, as ``ConfigurationCheck`` found them.
public struct InvalidConfiguration: Error, Equatable, Sendable, CustomStringConvertible {
    /// Every refused value, at least one, in the order of the checks.
    public var issues: [ConfigurationCheck.Issue]

    /// The refused values, one a line: the key in kebab-case and the reason.
    public var description: String {
        issues.map { "`\(KeyStyle.kebab($0.key))`: \($0.reason)" }.joined(separator: "\n")
    }
}
