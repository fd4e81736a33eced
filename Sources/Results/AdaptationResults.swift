import Architectures
import Datasets

/// What the method is compared with (G. Wang et al., "Joint Learning of Neural Transfer and Architecture Adaptation for
/// Image Recognition", IEEE TNNLS 2021).
public enum AdaptationControl: String, Sendable, Codable, CaseIterable {
    /// The source's best path with its weights, fine-tuned: the usual transfer.
    case weightsOnly = "weights-only"
    /// The adapted path from random weights: the architecture without the weights that it was ranked with.
    case architectureOnly = "architecture-only"
    /// The adapted path with source weights of the same shapes that belong to other candidates: the marginals of
    /// architecture and weights without their joint distribution.
    case mismatchedWeights = "mismatched-weights"
    /// For an elastic source: the source with the same share of every block's inner channels, as wide as the budget
    /// allows.
    case narrowing
    /// For an elastic source: the source made narrower and shallower by hand, the best of a few such networks on the
    /// validation images.
    case scaling
    /// For an elastic source: a random path of the adapted supernet that nearly uses up the budget.
    case randomPath = "random-path"
    /// For an elastic source: the path of the adapted supernet that one would take by hand: all blocks, all of the same
    /// share of their inner channels, as wide as the budget allows.
    case uniformPath = "uniform-path"

    /// The controls of any source.
    public static let ofPaths: [AdaptationControl] = [.weightsOnly, .architectureOnly, .mismatchedWeights]
    /// The controls that only an elastic source has.
    public static let ofElasticSources: [AdaptationControl] = [
        .narrowing, .scaling, .randomPath, .uniformPath,
    ]
    /// Whether the control is a path of the adapted supernet, from which it inherits its weights.
    public var isPathOfSupernet: Bool { self == .randomPath || self == .uniformPath }
    /// Whether the control keeps the budget; the source's own path does not.
    public var keepsBudget: Bool { self != .weightsOnly }

    /// Reads a control, also under the name that it had in version 0.8.
    public init?(rawValue: String) {
        let name = rawValue == "broken-pair" ? "mismatched-weights" : rawValue
        guard let control = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
        self = control
    }
}

/// What an adaptation leaves in `result.json`.
public struct AdaptationResult: Codable, Sendable, Equatable {
    /// The path that is best on the source.
    public var sourcePath: Architecture
    /// The names of that path's candidates.
    public var sourceCandidates: [String]
    /// The path that is best on the target.
    public var path: Architecture
    /// The names of that path's candidates.
    public var candidates: [String]
    /// The number of paths that were evaluated.
    public var evaluations: Int
    /// By name: `joint`, the controls, and what the task is compared with.
    public var outcomes: [String: NetworkResult]
    /// The images that could not be read and were left out; nil where such an image stops the run.
    public var leftOut: [UnreadableImages.Entry]?

    /// The paths that were found for several budgets, in their order; nil where there was one search.
    public var budgets: [FoundForBudget]?
    /// For an elastic source: the milliseconds that one image takes in the network of each row, measured with one thread
    /// on the machine of the run.
    public var latencies: [String: Double]?

    /// The best path within one of several budgets.
    public struct FoundForBudget: Codable, Sendable, Equatable {
        /// The budget as it was written, such as `25%`.
        public var budget: String
        /// The name of its folder, which its rows' names begin with.
        public var folder: String
        /// What is limited: `macs`, `params` or `latency`.
        public var quantity: String
        /// The limit: multiply-adds, parameters or milliseconds.
        public var limit: Double
        /// The best path within it.
        public var path: Architecture

        /// A path that was found for a budget.
        public init(budget: String, folder: String, quantity: String, limit: Double, path: Architecture) {
            (self.budget, self.folder, self.quantity) = (budget, folder, quantity)
            (self.limit, self.path) = (limit, path)
        }
    }

    /// The name of the method itself among the outcomes; with several budgets, each has a row of this name behind that
    /// of its folder.
    public static let joint = "joint"

    /// A finished adaptation.
    public init(
        sourcePath: Architecture, sourceCandidates: [String], path: Architecture, candidates: [String],
        evaluations: Int, outcomes: [String: NetworkResult], leftOut: [UnreadableImages.Entry]?,
        budgets: [FoundForBudget]? = nil, latencies: [String: Double]? = nil
    ) {
        (self.budgets, self.latencies) = (budgets, latencies)
        (self.sourcePath, self.sourceCandidates) = (sourcePath, sourceCandidates)
        (self.path, self.candidates, self.evaluations) = (path, candidates, evaluations)
        (self.outcomes, self.leftOut) = (outcomes, leftOut)
    }

    /// Whether another result tells the same. Version 0.8 did not say where no image was left out.
    ///
    /// - Parameter other: of the same adaptation.
    public func says(_ other: AdaptationResult) -> Bool {
        var own = self
        // What was measured is never measured twice the same.
        own.latencies = other.latencies
        if other.leftOut?.isEmpty == true { own.leftOut = own.leftOut ?? [] }
        return own == other
    }

    /// Reads a result, also one that names a control as version 0.8 did.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        sourcePath = try fields.decode(Architecture.self, forKey: .sourcePath)
        sourceCandidates = try fields.decode([String].self, forKey: .sourceCandidates)
        path = try fields.decode(Architecture.self, forKey: .path)
        candidates = try fields.decode([String].self, forKey: .candidates)
        evaluations = try fields.decode(Int.self, forKey: .evaluations)
        let named = try fields.decode([String: NetworkResult].self, forKey: .outcomes)
        outcomes = Dictionary(
            named.map { (AdaptationControl(rawValue: $0)?.rawValue ?? $0, $1) }, uniquingKeysWith: { first, _ in first }
        )
        leftOut = try fields.decodeIfPresent([UnreadableImages.Entry].self, forKey: .leftOut)
        budgets = try fields.decodeIfPresent([FoundForBudget].self, forKey: .budgets)
        latencies = try fields.decodeIfPresent([String: Double].self, forKey: .latencies)
    }
}

/// What one adaptation of a comparison gave.
public struct TransferOutcome: Codable, Sendable, Equatable {
    /// The name of the task.
    public var task: String
    /// The name of the source.
    public var source: String
    /// The seed of source and adaptation.
    public var seed: UInt64
    /// Whether paths were compared by linear evaluation of a supernet that learned without labels.
    public var isUnsupervised: Bool
    /// All rows of the adaptation.
    public var result: AdaptationResult

    /// The outcome of one adaptation.
    public init(task: String, source: String, seed: UInt64, isUnsupervised: Bool, result: AdaptationResult) {
        (self.task, self.source, self.seed) = (task, source, seed)
        (self.isUnsupervised, self.result) = (isUnsupervised, result)
    }
}
