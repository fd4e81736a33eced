import NN
import TensorFiles

/// A report of what an import took from a checkpoint, and of what it left.
public struct ImportReport: Sendable, Equatable {
    /// The prefix of the network's keys in the checkpoint.
    public let prefix: String
    /// The kind of those weights.
    public var weights: WeightsKind { WeightsKind(prefix: prefix) }
    /// Other prefixes behind which as many of the network's keys stand, in the order of the file.
    public let alternatives: [String]
    /// The number of tensors that were imported.
    public let tensors: Int
    /// Tensors that were left out, by the beginning of their names, most first.
    public let leftOut: [(group: String, count: Int)]
    /// Python objects in the file that are not understood, and therefore were left out, in its order.
    public let unread: [UnreadObject]
    /// The number of parameters of the imported network.
    public let parameters: Int

    /// Compares all fields of two reports.
    public static func == (a: ImportReport, b: ImportReport) -> Bool {
        a.prefix == b.prefix && a.alternatives == b.alternatives && a.unread == b.unread && a.tensors == b.tensors
            && a.parameters == b.parameters
            && a.leftOut.elementsEqual(b.leftOut) { $0 == $1 }
    }

    init(_ checkpoint: ForeignCheckpoint, _ part: ForeignCheckpoint.Part, taken: Set<String>, parameters: Int) {
        prefix = part.prefix
        alternatives = part.alternatives
        unread = checkpoint.unread
        self.parameters = parameters
        tensors = taken.count
        var groups: [String: Int] = [:]
        for tensor in checkpoint.tensors where !taken.contains(tensor.name) {
            // Two parts tell `state_dict.encoder_k` from `state_dict.queue`; a third only says more of `module`.
            let parts = tensor.name.split(separator: ".").map(String.init)
            let deep = parts.contains("module") ? 3 : 2
            groups[parts.prefix(min(deep, max(1, parts.count - 1))).joined(separator: "."), default: 0] += 1
        }
        leftOut = groups.map { (group: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.group) < ($0.count, $1.group) }
    }
}

/// An error in importing a checkpoint.
public enum ImportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The checkpoint is of another network, as most of the wanted keys are missing: the file, the numbers of found and
    /// wanted keys, examples of missing and present keys, and objects that were not read.
    case otherNetwork(
        path: String, found: Int, wanted: Int, missing: [String], has: [String], unread: [String] = [])
    /// The checkpoint is of the network, but some keys or shapes do not fit: the file and the prefix of its keys.
    case misfit(
        path: String, prefix: String, missing: [String], unexpected: [String], misshapen: [StateError.Misshapen])
    /// The classifier has another number of outputs than there are names of classes.
    case classCount(path: String, key: String, outputs: Int, names: Int)
    /// The file has no weights of that kind: the prefixes behind which it has all that is wanted, or as much as
    /// anywhere.
    case noSuchWeights(path: String, WeightsKind, has: [String])
    /// Tensors with values that are infinite or no numbers.
    case notFinite(path: String, keys: [String])
    /// A network was wanted, but the checkpoint holds features only.
    case noClassifier(path: String)
    /// A candidate has other layers than the one whose weights it was to take: the choice, the candidate, and the first
    /// of its tensors that cannot be taken.
    case notAPart(point: String, candidate: String, key: String)

    /// The problem, its place and its remedy as one message.
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

/// The kind of weights in a checkpoint: programs that average weights write both into one file.
public enum WeightsKind: String, Sendable, CaseIterable {
    /// The weights that the optimiser moves.
    case plain
    /// A moving average of them: an `ema`, a teacher, a momentum encoder.
    case ema

    private static let names: Set = ["teacher", "swa", "average", "averaged", "avg", "momentum", "target"]

    /// Tells the kind of weights behind a prefix by its words: `model_ema.`, `state_dict_ema.`, `teacher.backbone.`,
    /// and the `encoder_k.` of MoCo are averaged.
    public init(prefix: String) {
        let isAveraged = prefix.split(separator: ".").contains { component in
            if component == "encoder_k" { return true }
            return component.lowercased().split { !$0.isLetter }.contains {
                Self.names.contains(String($0)) || $0.hasPrefix("ema") || $0.hasSuffix("ema")
            }
        }
        self = isAveraged ? .ema : .plain
    }

    /// The kind for people: `plain weights`, `averaged weights`.
    public var words: String { self == .plain ? "plain weights" : "averaged weights" }
}
