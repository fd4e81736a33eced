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

    /// The name of the method itself among the outcomes.
    public static let joint = "joint"

    /// A finished adaptation.
    public init(
        sourcePath: Architecture, sourceCandidates: [String], path: Architecture, candidates: [String],
        evaluations: Int, outcomes: [String: NetworkResult], leftOut: [UnreadableImages.Entry]?
    ) {
        (self.sourcePath, self.sourceCandidates) = (sourcePath, sourceCandidates)
        (self.path, self.candidates, self.evaluations) = (path, candidates, evaluations)
        (self.outcomes, self.leftOut) = (outcomes, leftOut)
    }

    /// Whether another result tells the same. Version 0.8 did not say where no image was left out.
    ///
    /// - Parameter other: of the same adaptation.
    public func says(_ other: AdaptationResult) -> Bool {
        var own = self
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
