import Architectures

/// A truth table that cannot be used.
public enum BenchmarkTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no row in it.
    case empty(path: String)
    /// Columns that every table has are not there.
    case missingColumns(path: String, [String])
    /// A value makes no sense.
    case badValue(path: String, line: Int, String)
    /// Two rows for one training.
    case repeated(path: String, line: Int, Architecture, seed: Int)
    /// Its architectures are not those of the supernet.
    case otherSpace(path: String, space: String, String)

    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .empty(let path): return "\(path) holds no row; `supernet benchmark` makes truth tables"
        case .missingColumns(let path, let names):
            return "\(path), line 1: there is no column " + names.map { "`\($0)`" }.joined(separator: ", ")
                + "; a truth table has architecture, seed, accuracy, loss, parameters and multiply_adds"
        case .badValue(let path, let line, let reason): return "\(path), line \(line): \(reason)"
        case .repeated(let path, let line, let architecture, let seed):
            return "\(path), line \(line): `\(architecture)` with seed \(seed) stands there twice"
        case .otherSpace(let path, let space, let reason):
            return "\(path) is a truth of another space than the supernet's, '\(space)': \(reason)"
        }
    }
}
