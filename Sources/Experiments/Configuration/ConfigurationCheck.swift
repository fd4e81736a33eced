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
        public var key: String
        public var reason: String
    }

    /// What was found so far.
    public private(set) var issues: [Issue] = []

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
    public var issues: [ConfigurationCheck.Issue]

    public var description: String {
        issues.map { "`\(KeyStyle.kebab($0.key))`: \($0.reason)" }.joined(separator: "\n")
    }
}
