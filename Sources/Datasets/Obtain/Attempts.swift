/// Ways of fetching something, tried one after the other until one does not fail.
struct Attempts {
    /// Why those before failed.
    private(set) var reasons: [String] = []

    /// What `way` gives; nil where it failed and another way may do.
    ///
    /// - Throws: failures that are fatal.
    mutating func first<Value>(_ way: () throws(FetchFailure) -> Value) throws(FetchFailure) -> Value? {
        do throws(FetchFailure) {
            return try way()
        } catch {
            guard case .reasons(let words) = error else { throw error }
            reasons += words.filter { !reasons.contains($0) }
            return nil
        }
    }
}
