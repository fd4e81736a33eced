/// Why one way of fetching something failed.
enum FetchFailure: Error {
    /// Another way may do; each reason is a sentence for people.
    case reasons([String])
    /// No other way will.
    case fatal(DatasetError)

    static func reason(_ words: String) -> FetchFailure { .reasons([words]) }

    /// What `body` gives; its errors are fatal.
    static func guarded<Value>(_ body: () throws(DatasetError) -> Value) throws(FetchFailure) -> Value {
        do throws(DatasetError) { return try body() } catch { throw .fatal(error) }
    }

    /// The same for who asked for a data set: that it could not be had, why, and what to do.
    func asDatasetError(folder: String, advice: String) -> DatasetError {
        switch self {
        case .reasons(let words):
            DatasetError(.unobtainable, file: folder, problems: words.map { .init($0) }, advice: advice)
        case .fatal(let error): error
        }
    }
}

extension DatasetError {
    /// That a disk is full, or would be.
    static func outOfSpace(_ folder: String, _ what: String) -> DatasetError {
        DatasetError(
            .unwritable, file: folder, "there is no room for the data set: \(what)",
            advice: "Make room on that disk, or set SUPERNET_CACHE to a folder on another.")
    }
}
