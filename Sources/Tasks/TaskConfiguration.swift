import Experiments

/// Which task, and what it needs to know.
public struct TaskConfiguration: Configuration {
    /// Which.
    public var name = TaskKind.classification
    /// Tasks with classes or identities: the share of each target that goes to all alike.
    public var labelSmoothing = 0.1
    /// re-identification: images of each identity in a batch.
    public var imagesPerIdentity = 4
    /// re-identification: of the triplet loss beside the cross-entropy.
    public var tripletWeight = 1.0
    /// domain-adaptation: the labelled domain, a data set like the target.
    public var sourceDomain = ""
    /// domain-adaptation: what brings the domains' features together.
    public var alignment = DomainAlignment.dann
    /// domain-adaptation: of the mutual information between the target's images and the classes they are given, which is
    /// made large beside the alignment.
    public var informationWeight = 0.1

    /// Classification.
    public init() {}

    /// Refuses values out of range, all at once.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(
            (0..<1).contains(labelSmoothing), "label-smoothing", "must be at least 0 and below 1, is \(labelSmoothing)")
        check.require(
            (2...1024).contains(imagesPerIdentity), "images-per-identity",
            "must be in 2...1024, is \(imagesPerIdentity)")
        check.require(
            tripletWeight >= 0 && tripletWeight.isFinite, "triplet-weight", "must not be negative, is \(tripletWeight)")
        check.require(
            informationWeight >= 0 && informationWeight.isFinite, "information-weight",
            "must not be negative, is \(informationWeight)")
        check.require(
            (name == .domainAdaptation) == !sourceDomain.isEmpty, "source-domain",
            name == .domainAdaptation
                ? "must name the data set whose labels are known" : "is for the task domain-adaptation")
        try check.finish()
    }
}
