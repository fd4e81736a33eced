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
    /// One refused value: its key, relative to the section that was checked, and the reason.
    public struct Issue: Equatable, Sendable {
        /// The refused key, as it was given to ``ConfigurationCheck/require(_:_:_:)``; dots enter nested sections.
        public var key: String
        /// What the value must be and what it is, to stand after the key: `must be at least 1, is 0`.
        public var reason: String
    }

    /// What was found so far.
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

    /// One line for each refused value: its key in kebab-case and the reason.
    public var description: String {
        issues.map { "`\(KeyStyle.kebab($0.key))`: \($0.reason)" }.joined(separator: "\n")
    }
}
