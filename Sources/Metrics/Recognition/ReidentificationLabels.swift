/// Who is on each image, and which camera took it.
public struct ReidentificationLabels: Sendable, Equatable {
    /// The identity of an image that is ignored: neither right nor wrong.
    public static let junk = -1
    /// The identity of an image that is always wrong.
    public static let distractor = 0

    /// One an image: from 1 for people, `distractor` or `junk`.
    public let identities: [Int]
    /// One an image.
    public let cameras: [Int]

    /// The number of images.
    public var count: Int { identities.count }

    /// - Parameters:
    ///   - identities: one an image: from 1 for people, `distractor` or `junk`.
    ///   - cameras: one an image, any numbers.
    /// - Throws: `TaskMetricError` for lists of different lengths, or an identity below -1.
    public init(identities: [Int], cameras: [Int]) throws(TaskMetricError) {
        guard identities.count == cameras.count else {
            throw .lengths(what: "cameras", count: cameras.count, of: "identities", expected: identities.count)
        }
        if let wrong = identities.firstIndex(where: { $0 < Self.junk }) {
            throw .identity(position: wrong, value: identities[wrong])
        }
        self.identities = identities
        self.cameras = cameras
    }
}
