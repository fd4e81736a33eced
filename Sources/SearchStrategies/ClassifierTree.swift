import Architectures

/// The search of Pi-NAS (Peng et al., "Pi-NAS: Improving Neural Architecture Search by Reducing Supernet Training
/// Consistency Shift", ICCV 2021; its public code): learns which part of the space is good, and draws from there.
///
/// A classifier learns to tell the better half of the scored architectures from the other, by their median; a second
/// one does the same within the better half, and so on, deeper as more are scored. New architectures are random ones
/// that every classifier on the way accepts. The first architectures are random.
///
/// Where the good part has become too small for a random draw to hit, this search goes on where the paper's would draw
/// for ever: it walks from the best scored architectures in random directions without leaving the good part. And it can
/// take the most promising of several accepted architectures, where the paper's takes the first.
public struct ClassifierTree: NamedSearchStrategy {
    /// The name in configurations.
    public static let name = "classifier-tree"
    /// One sentence for help texts.
    public static let summary = "Learns which half of the space is good, and which half of that: the search of Pi-NAS."

    /// The numbers of evaluations beyond which the paper's search adds a classifier.
    public static let paperThresholds = [400, 800, 1600, 3200]
    /// Architectures that the paper's search scores in all.
    public static let paperLength = 1000

    private var sampler: ConstraintSampler
    private let firstPhase: Int
    private let thresholds: [Int]
    private let candidates: Int
    private let options: BoostedTrees.Options
    private var rejecting: Patience
    private var evaluations: [Evaluation] = []
    private var classifiers: [BoostedTrees] = []
    /// The better half that the last classifier learned from.
    private var good: [Architecture] = []
    /// The number of evaluations that the classifiers have seen.
    private var learned = 0

    /// A search with settings of its own.
    ///
    /// - Parameters:
    ///   - sampler: draws from the space.
    ///   - firstPhase: how many random architectures come first.
    ///   - thresholds: one more classifier for each of these numbers that the count of evaluations exceeds.
    ///   - candidates: of how many accepted architectures the one that the classifiers are surest of is taken; 1 as in
    ///     the paper. More finds the best sooner, and looks about less.
    ///   - proposals: how many random architectures are drawn for these before the walks.
    ///   - options: how classifiers are made.
    /// - Throws: `StrategyError.tooSmall`.
    public init(
        _ sampler: ConstraintSampler, firstPhase: Int = 80, thresholds: [Int] = paperThresholds, candidates: Int = 1,
        proposals: Int = 1000, options: BoostedTrees.Options = .init()
    ) throws {
        try StrategyError.require(firstPhase, atLeast: 1, "the number of random architectures that come first")
        try StrategyError.require(candidates, atLeast: 1, "the number of candidates")
        try StrategyError.require(proposals, atLeast: 1, "the number of proposals")
        try StrategyError.require(options.trees, atLeast: 1, "the number of trees")
        try StrategyError.require(options.depth, atLeast: 1, "the depth of the trees")
        try StrategyError.require(options.leafSamples, atLeast: 1, "the number of samples in a leaf")
        self.sampler = sampler
        self.firstPhase = firstPhase
        self.thresholds = thresholds
        self.candidates = candidates
        self.options = options
        rejecting = Patience(proposals)
    }

    /// A search as planned, with the paper's thresholds in proportion to its length.
    public init(_ plan: SearchPlan) throws {
        try self.init(
            plan.sampler, firstPhase: plan.initial, thresholds: Self.thresholds(forLength: plan.evaluations),
            candidates: plan.treeCandidates)
    }

    /// The paper's thresholds in proportion to a search of another length than the paper's.
    ///
    /// - Parameter length: architectures that will be scored in all.
    public static func thresholds(forLength length: Int) -> [Int] {
        paperThresholds.map { Int((Double($0) * Double(length) / Double(paperLength)).rounded()) }
    }

    /// The next architecture to evaluate, as `SearchStrategy` asks for it.
    public mutating func next() throws -> Architecture? {
        guard sampler.seen.count >= firstPhase else { return try sampler.next() }
        if learned != evaluations.count { learn() }
        var best: (architecture: Architecture, logOdds: Double)?
        for (architecture, logOdds) in accepted() where best.map({ logOdds > $0.logOdds }) ?? true {
            best = (architecture, logOdds)
        }
        if let best { return sampler.admit(best.architecture) }
        return try sampler.next()
    }

    /// Takes in finished evaluations, as `SearchStrategy` asks for it.
    public mutating func tell(_ evaluations: [Evaluation]) throws {
        self.evaluations += try sampler.record(evaluations)
    }

    /// Accepted architectures, as many as there should be candidates or fewer, each with the sum of what the
    /// classifiers say.
    private mutating func accepted() -> [(Architecture, Double)] {
        let classifiers = classifiers
        var accepted: [(Architecture, Double)] = []
        for _ in 0..<rejecting.tries where accepted.count < candidates {
            guard let drawn = sampler.draw() else { break }
            if let logOdds = Self.logOdds(drawn, classifiers) { accepted.append((drawn, logOdds)) }
        }
        if accepted.isEmpty { rejecting.failed() } else { rejecting.succeeded() }
        while accepted.count < candidates,
            let drawn = sampler.draw(near: good, accepting: { Self.logOdds($0, classifiers) != nil }),
            let logOdds = Self.logOdds(drawn, classifiers)
        {
            accepted.append((drawn, logOdds))
        }
        return accepted
    }

    /// The sum of what the classifiers say; nil when one of them refuses.
    private static func logOdds(_ architecture: Architecture, _ classifiers: [BoostedTrees]) -> Double? {
        var sum = 0.0
        for classifier in classifiers {
            let logOdds = classifier.logOdds(architecture)
            guard logOdds > 0 else { return nil }
            sum += logOdds
        }
        return sum
    }

    private mutating func learn() {
        learned = evaluations.count
        classifiers = []
        good = []
        var scored = evaluations.sorted(by: Evaluation.isBetter)
        let depth = 1 + thresholds.count { evaluations.count > $0 }
        while classifiers.count < depth, let best = scored.first, let worst = scored.last, best.score > worst.score,
            scored.count >= 4 * options.leafSamples
        {
            let half = scored.count / 2
            let bad = scored.dropFirst(half).map(\.architecture)
            scored.removeLast(scored.count - half)
            good = scored.map(\.architecture)
            classifiers.append(BoostedTrees(sampler.space, good: good, bad: bad, options: options))
        }
    }
}
