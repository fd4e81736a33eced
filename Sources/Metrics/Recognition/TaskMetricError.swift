/// Why a task's metric cannot be computed. Positions count from 0.
public enum TaskMetricError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Values that do not divide into embeddings of the dimension, or a dimension below 1.
    case embeddingShape(values: Int, dimension: Int)
    /// Embeddings of the queries and of the gallery that cannot be compared.
    case dimensions(query: Int, gallery: Int)
    /// An embedding with a value that is not a number, or infinite.
    case embeddingNotFinite(position: Int, value: Float)
    /// An embedding of zeros, which has no direction.
    case embeddingZero(position: Int)
    /// A distance that is not a number, or infinite.
    case distanceNotFinite(query: Int, gallery: Int, value: Float)
    /// Two lists that should be equally long.
    case lengths(what: String, count: Int, of: String, expected: Int)
    /// An identity that no image can have.
    case identity(position: Int, value: Int)
    /// A query that there is not.
    case noSuchQuery(position: Int, count: Int)
    /// Queries none of which has a match in the gallery, or no queries at all.
    case noMatches(queries: Int)
    /// Nothing to score.
    case nothing(what: String)
    /// A predicted or actual age that is not a number, or infinite.
    case ageNotFinite(position: Int, value: Double)
    /// A detection whose score is not a number.
    case scoreNotFinite(position: Int)
    /// A label beyond the classes.
    case label(position: Int, value: Int, classes: Int)
    /// Counts that are no confusion matrix, with each reason.
    case confusionCounts([String])

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .embeddingShape(let values, let dimension):
            return "\(values) values are no embeddings of dimension \(dimension); "
                + "give all values of the first embedding, then all of the second, and so on"
        case .dimensions(let query, let gallery):
            return "queries have embeddings of dimension \(query), the gallery of \(gallery); "
                + "embed both with the same network"
        case .embeddingNotFinite(let position, let value):
            return "embedding \(position) holds the value \(value); "
                + "look for a learning rate that is too high, or for an image that cannot be normalised"
        case .embeddingZero(let position):
            return "embedding \(position) is zero everywhere and has no cosine with another; "
                + "check that the network was trained, or use the Euclidean distance"
        case .distanceNotFinite(let query, let gallery, let value):
            return "the distance of query \(query) from gallery image \(gallery) is \(value), which has no place in "
                + "a ranking; check both embeddings"
        case .lengths(let what, let count, let of, let expected):
            return "\(count) \(what) for \(expected) \(of); give one for each, in the same order"
        case .identity(let position, let value):
            return "image \(position) has the identity \(value); identities count from 1, beside 0 for a distractor "
                + "and -1 for junk"
        case .noSuchQuery(let position, let count):
            return "there is no query \(position); there are \(count), counted from 0"
        case .noMatches(let queries):
            return "none of the \(queries) queries has a match under another camera in the gallery, so there is "
                + "nothing to score; check that both are of the same people and that cameras are read rightly"
        case .nothing(let what):
            return "there is no \(what) to score; give one at least"
        case .ageNotFinite(let position, let value):
            return "age \(position) is \(value); look for a learning rate that is too high"
        case .scoreNotFinite(let position):
            return "the score of detection \(position) is not a number; look for a learning rate that is too high"
        case .label(let position, let value, let classes):
            return "label \(position) is \(value), but there are \(classes) classes, counted from 0"
        case .confusionCounts(let problems): return problems.joined(separator: "\n")
        }
    }
}
