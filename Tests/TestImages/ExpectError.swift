import Datasets
import Testing

/// Expects that `body` throws a `DatasetError` of the kind that speaks of all of `words`, and gives it.
@discardableResult
public func expectError(
    _ kind: DatasetError.Kind, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) -> DatasetError? {
    let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return nil }
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    #expect(!error.advice.isEmpty && !error.problems.isEmpty, sourceLocation: sourceLocation)
    for word in words {
        #expect(error.description.contains(word), "\(error)", sourceLocation: sourceLocation)
    }
    return error
}
