import Experiments
import Foundation
import Rankings

/// An error of a phase that cannot run with the files or settings that there are.
public enum WorkflowError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The supernet of the study at this path has no classifier yet.
    case needsProbe(String)
    /// The supernet in this file has no neck.
    case needsEmbeddings(String)
    /// The archive at this path has no entries.
    case nothingEvaluated(String)
    /// The outputs of all paths, or of one that is needed, are not finite; the text says which.
    case noNumbers(String)
    /// The folder at this path holds no study.
    case notAStudy(String)
    /// The file of an earlier phase is missing: its path, and the command that makes it.
    case missingPhase(file: String, command: String)
    /// The supernet's file at this path does not say which of its paths is best on the source.
    case noOrigin(String)
    /// Controls that need an elastic source whose supernet is trained on the target.
    case needsElasticSource([String])
    /// No path that was evaluated keeps a latency when it is measured as a network of its own, in milliseconds.
    case slowerThanPredicted(limit: Double, fastest: Double)
    /// The folder at this path holds no finished adaptation; the text says what is missing.
    case notAnAdaptation(String, missing: String)
    /// The finished adaptation at this path compared paths without training the supernet on the target.
    case noAdaptedSupernet(String)
    /// Searches by these settings cannot be compared; the text says why, and what to set.
    case cannotCompare(String)
    /// There is no source of this path or name; the known names are given.
    case noSource(String, known: [String])

    /// A benchmark table, or a half of it, by which no ranking can be judged: its path, which half, and why.
    case unusableTable(String, half: String, RankingError)
    /// A worker that would score paths by other things than the search does; the text says what differs.
    case otherSearch(String)
    /// A worker could not score a path: its name, and why.
    case worker(String, String)
    /// Two workers have given different scores for the same path.
    case unequalScores(String, String)

    /// A message that says what is missing, and which command makes it.
    public var description: String {
        switch self {
        case .needsProbe(let path):
            return
                "the supernet in \(path) learned without labels and has no classifier to score paths with; first run "
                + "`\(CommandText.command("probe", path))`, or score without labels: `--set search.score=contrastive`"
        case .unusableTable(let path, let half, let reason):
            return "\(path)\(half == "all" ? "" : ", half `\(half)`"): \(reason)"
        case .otherSearch(let difference):
            return
                "this worker would score paths by other things than the search does: \(difference); give it the same "
                + "study, settings and data"
        case .worker(let name, let problem): return "\(name) could not score a path: \(problem)"
        case .unequalScores(let one, let other):
            return
                "\(one) and \(other) gave different scores for the same paths: their processors or versions compute "
                + "differently; search with one kind of machine"
        case .needsEmbeddings(let path):
            return "the supernet in \(path) learned with labels and gives no embeddings; score by accuracy"
        case .needsElasticSource(let controls):
            return
                "controls: \(controls.joined(separator: ", ")) need an elastic source, such as mobilenet-v2 or what "
                + "`supernet import --elastic` writes, and a search by a shared head; leave them out"
        case .slowerThanPredicted(let limit, let fastest):
            return
                "no path that was evaluated takes at most \(Self.milliseconds(limit)) when it is measured by itself; the "
                + "fastest takes \(Self.milliseconds(fastest)). Raise the limit or search.evaluations, or continue when "
                + "the machine does nothing else"
        case .nothingEvaluated(let path): return "\(path) holds no evaluated path to choose from"
        case .noNumbers(let paths):
            return
                "nothing that \(paths) gives is a number: the training of the supernet diverged, or its weights suit "
                + "other images; train it again with a lower `supernet.learning-rate` (where each path is trained for "
                + "its score, lower `search.train-learning-rate`)"
        case .notAStudy(let path):
            return "\(path) is no study: it holds no study.yaml; start one with `supernet train --config FILE`, with a "
                + "`space` in the file"
        case .noOrigin(let path):
            return
                "\(path) does not say which of its paths is best on what it learned; adapt from a study's folder, "
                + "which has a search, or from a file that `supernet import --elastic` or `supernet import --spread` wrote"
        case .notAnAdaptation(let path, let missing):
            return
                "\(path) holds no finished adaptation: \(missing); name the folder of a run that "
                + "`supernet adapt --source SOURCE --data DATA --run FOLDER` finished"
        case .noAdaptedSupernet(let path):
            return
                "the adaptation \(path) compared paths by linear evaluation and trained no supernet whose paths could be "
                + "searched; name one that ran without `--unsupervised`"
        case .cannotCompare(let reason): return reason
        case .noSource(let path, let known):
            return
                "there is no \(path) to adapt from; give the folder of a study with a supernet and a search, the file "
                + "of a supernet that was made of one network, or one of: \(known.joined(separator: ", "))"
        case .missingPhase(let file, let command): return "\(file) is not there yet; it is made by `\(command)`"
        }
    }

    private static func milliseconds(_ time: Double) -> String { String(format: "%.3g ms", time) }
}
