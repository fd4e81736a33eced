import NN

/// A checkpoint that does not hold what is wanted of it.
public enum ImportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// So few of the wanted keys are there that it must be another network: the file, how many of how many were found,
    /// some that are missing and some that it has, and objects in it that are not read.
    case otherNetwork(
        path: String, found: Int, wanted: Int, missing: [String], has: [String], unread: [String] = [])
    /// It is the network, but not all of it fits: the file and the prefix of its keys.
    case misfit(
        path: String, prefix: String, missing: [String], unexpected: [String], misshapen: [StateError.Misshapen])
    /// The classifier has another number of outputs than there are names of classes.
    case classCount(path: String, key: String, outputs: Int, names: Int)
    /// The file has no weights of that kind: the prefixes behind which it has all that is wanted, or as much as anywhere.
    case noSuchWeights(path: String, WeightsKind, has: [String])
    /// Tensors with values that are infinite or no numbers.
    case notFinite(path: String, keys: [String])
    /// A network was wanted, but the checkpoint holds features only.
    case noClassifier(path: String)
    /// A candidate that has other layers than the one whose weights it was to take over: the choice, the candidate, and the
    /// first of its tensors that does not come of them.
    case notAPart(point: String, candidate: String, key: String)

    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .otherNetwork(let path, let found, let wanted, let missing, let has, let unread):
            return "\(path) holds another network: \(found) of the \(wanted) wanted tensors are in it. Wanted, for "
                + "example: \(missing.prefix(3).joined(separator: ", ")). It has: "
                + "\(has.isEmpty ? "nothing" : has.prefix(3).joined(separator: ", ")). Check --space, its settings and "
                + "--path"
                + (unread.isEmpty
                    ? ""
                    : ". Objects that are not understood here were left out: \(unread.prefix(3).joined(separator: ", ")); "
                        + "if the weights are in one of them, save its state_dict()")
        case .misfit(let path, let prefix, let missing, let unexpected, let misshapen):
            var lines = ["\(path) does not fit" + (prefix.isEmpty ? ":" : " (keys behind `\(prefix)`):")]
            func list(_ title: String, _ keys: [String]) {
                guard !keys.isEmpty else { return }
                let more = keys.count > 8 ? ", and \(keys.count - 8) more" : ""
                lines.append("  \(title): \(keys.prefix(8).joined(separator: ", "))\(more)")
            }
            list("missing", missing)
            list("not of this network", unexpected)
            list("of another shape", misshapen.map { "\($0.key) is \($0.found) instead of \($0.expected)" })
            return lines.joined(separator: "\n")
        case .classCount(let path, let key, let outputs, let names):
            return "\(path): `\(key)` has \(outputs) rows, but there are \(names) classes; give as many names as the "
                + "network has outputs"
        case .noSuchWeights(let path, let kind, let has):
            let found = has.map { $0.isEmpty ? "no prefix" : "`\($0)` (\(WeightsKind(prefix: $0).words))" }
            return "\(path) has no \(kind.words) of this network; it has some behind "
                + (found.isEmpty ? "no prefix at all" : found.prefix(8).joined(separator: ", "))
                + "; leave out --weights, or name a prefix with --prefix"
        case .notFinite(let path, let keys):
            let more = keys.count > 8 ? ", and \(keys.count - 8) more" : ""
            return "\(path) has infinite values or values that are no numbers in "
                + keys.prefix(8).joined(separator: ", ") + more + "; the training that wrote it diverged"
        case .notAPart(let point, let candidate, let key):
            return
                "the candidate '\(candidate)' at '\(point)' is no part of the imported path's: it has `\(key)`, which "
                + "cannot be cut out of that path's weights; spread weights over a space whose candidates are narrower "
                + "versions of one another, such as efficientnet-lite0"
        case .noClassifier(let path):
            return "\(path) has no classifier, so that it gives features and no classes; ask for a fresh one "
                + "(--fresh-classifier) to train it, or import it as a supernet (without --path) and probe it"
        }
    }
}
