/// An image of the gallery in the ranking of a query.
public struct RankedImage: Sendable, Codable, Equatable {
    /// Where it stands in the gallery.
    public var position: Int
    /// Its distance from the query.
    public var distance: Float
    /// Whether it shows the query's person, under another camera.
    public var isMatch: Bool

    /// - Parameters:
    ///   - position: where it stands in the gallery.
    ///   - distance: its distance from the query.
    ///   - isMatch: whether it shows the query's person, under another camera.
    public init(position: Int, distance: Float, isMatch: Bool) {
        self.position = position
        self.distance = distance
        self.isMatch = isMatch
    }

    /// Nearer first; among equals wrong ones, then those that stand first.
    func precedes(_ other: RankedImage) -> Bool {
        if distance != other.distance { return distance < other.distance }
        if isMatch != other.isMatch { return !isMatch }
        return position < other.position
    }
}
