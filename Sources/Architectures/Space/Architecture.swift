/// One path through a supernet: the position of the chosen candidate at each choice point, in the space's order.
///
/// Its text is the numbers with spaces between them, as papers print codes: `3 0 1 3`.
public struct Architecture: Hashable, Sendable, Codable, LosslessStringConvertible, Comparable {
    /// The positions of the chosen candidates, one for each choice point.
    public let choices: [Int]

    /// An architecture of any choices; `SearchSpace.validate` tells whether a space has them.
    public init(_ choices: [Int]) { self.choices = choices }

    /// Reads numbers parted by spaces or commas, with or without brackets; nil for anything else.
    public init?(_ description: String) {
        let bare = description.filter { !"[]".contains($0) }
        let words = bare.split { $0 == " " || $0 == "," || $0 == "\t" }
        let numbers = words.compactMap { Int($0) }
        guard !words.isEmpty, numbers.count == words.count else { return nil }
        choices = numbers
    }

    /// The choices as text, with spaces between them.
    public var description: String { choices.map(String.init).joined(separator: " ") }

    /// The position of the candidate at a choice point.
    public subscript(point: Int) -> Int { choices[point] }

    /// The architecture with another candidate at one choice point.
    public func replacing(_ point: Int, with candidate: Int) -> Architecture {
        var changed = choices
        changed[point] = candidate
        return Architecture(changed)
    }

    /// The number of choice points at which two architectures of one space differ (Hamming distance).
    public func distance(to other: Architecture) -> Int {
        zip(choices, other.choices).count { $0 != $1 }
    }

    /// Whether an architecture comes first in lexicographic order: architectures with a common beginning stand
    /// together.
    public static func < (a: Architecture, b: Architecture) -> Bool {
        a.choices.lexicographicallyPrecedes(b.choices)
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let read = Architecture(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an architecture is numbers like `3 0 1 3`, not `\(text)`")
        }
        self = read
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
