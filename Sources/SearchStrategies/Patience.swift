/// How many tries something gets. The number halves each time all of them failed, so that a tight constraint or a
/// nearly exhausted space does not cost all tries for every architecture, and recovers as soon as one succeeds.
struct Patience: Sendable {
    private(set) var tries: Int
    private let most: Int

    init(_ most: Int) {
        self.most = most
        tries = most
    }

    mutating func succeeded() { tries = most }
    mutating func failed() { tries = max(tries / 2, min(16, most)) }
}
