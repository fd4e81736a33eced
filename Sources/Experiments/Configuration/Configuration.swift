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
    /// The defaults.
    init()

    /// Refuses values that have the right type and make no sense. Called for every section of a loaded configuration
    /// whose types are right; see ``ConfigurationCheck`` for a way to report several at once.
    func validate() throws

    /// Keys (`section.some-key`, or a whole `section`) that do not affect a run's result, and so may differ when an
    /// existing run is resumed.
    static var resumeIgnoredKeys: [String] { get }

    /// What keys mean in a stored configuration that lacks them, because it was stored before there were such keys: their
    /// names in kebab-case, and their values as settings have them. For keys whose default, which is for what begins now,
    /// is not what was done before. What goes on keeps its own value of such a key unless it is told another.
    static var meaningsOfAbsence: [String: String] { get }

    /// What each key is for, by its name in kebab-case: one or two sentences, for help texts. Options of a
    /// ``NamedDefinition`` describe all of their keys; other sections need not.
    static var keyHelp: [String: String] { get }
}

extension Configuration {
    /// Accepts every value.
    public func validate() throws {}

    /// None: every key must be as it was for a run to be resumed.
    public static var resumeIgnoredKeys: [String] { [] }

    /// None: a key that a stored configuration lacks has its default.
    public static var meaningsOfAbsence: [String: String] { [:] }

    /// None.
    public static var keyHelp: [String: String] { [:] }
}

/// Marks a type whose YAML form is its own affair, such as one element of a list of image transforms.
///
/// Its value is replaced whole, never merged with a default. Its `Decodable` code may try several forms; the error
/// that it throws in the end is reported with the key path and the line. Keys that it never asks for are still refused.
public protocol FreeFormConfiguration: Codable {}
