import Architectures

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells good architectures from bad ones: a sum of small trees, each grown on what those before it got wrong, for the
/// logistic loss (Friedman, "Greedy function approximation: a gradient boosting machine", 2001), with second-order
/// splits and leaves (Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016, equations 5 and 7).
/// Nothing in it is random.
public struct BoostedTrees: Sendable, Hashable {
    /// Settings of how trees are grown.
    public struct Options: Sendable, Hashable {
        /// The number of trees.
        public var trees = 50
        /// Questions on the way from the root to a leaf, at most.
        public var depth = 3
        /// Share of each tree's step that is taken.
        public var learningRate = 0.3
        /// The fewest samples that a leaf may hold.
        public var leafSamples = 5
        /// Added to the curvature of a leaf: lambda of XGBoost.
        public var shrinkage = 1.0

        /// The defaults.
        public init() {}
    }

    private let prior: Double
    /// The nodes of all trees, one tree after another.
    private var nodes: [ChoiceTree.Node] = []
    /// The position of each tree's root among the nodes.
    private var roots: [Int] = []

    /// Learns to tell `good` from `bad`, both of which are architectures of the space.
    ///
    /// - Parameters:
    ///   - space: where both come from.
    ///   - good: examples to be accepted.
    ///   - bad: examples to be refused.
    ///   - options: how trees are grown.
    public init(
        _ space: SearchSpace, good: [Architecture], bad: [Architecture], options: Options = Options()
    ) {
        let samples = OneHotSamples(space, good + bad)
        prior = log(Double(good.count + 1) / Double(bad.count + 1))
        var sums = [Double](repeating: prior, count: samples.count)
        var errors = [ChoiceTree.Sum](repeating: .zero, count: samples.count)
        for _ in 0..<max(0, options.trees) {
            for sample in sums.indices {
                let probability = 1 / (1 + exp(-sums[sample]))
                errors[sample] = .init(
                    gradient: (sample < good.count ? 1 : 0) - probability, curvature: probability * (1 - probability),
                    samples: 1)
            }
            let tree = ChoiceTree(samples, errors, options: options, adding: &sums)
            if tree.nodes.count == 1 { break }
            nodes += tree.nodes
            roots.append(nodes.count - 1)
        }
    }

    /// The logarithm of the odds that an architecture is good.
    public func logOdds(_ architecture: Architecture) -> Double {
        var sum = prior
        for root in roots {
            var node = nodes[root]
            var position = root
            while node.yes > 0 {
                position -= architecture[node.point] == node.candidate ? node.yes : node.no
                node = nodes[position]
            }
            sum += node.value
        }
        return sum
    }

    /// Whether an architecture is more likely good than bad.
    public func accepts(_ architecture: Architecture) -> Bool { logOdds(architecture) > 0 }
}
