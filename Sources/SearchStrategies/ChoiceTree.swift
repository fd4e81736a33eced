import Architectures

/// Architectures as one-hot features: feature f is set where one choice point takes one candidate.
struct OneHotSamples {
    /// The number of samples.
    let count: Int
    /// For each feature, the choice point and candidate that it stands for.
    let features: [(point: Int, candidate: Int)]
    /// For each sample, the feature that is set at each choice point.
    let rows: [[Int]]

    init(_ space: SearchSpace, _ architectures: [Architecture]) {
        var features: [(point: Int, candidate: Int)] = []
        var offsets: [Int] = []
        for (point, candidates) in space.points.map(\.candidates).enumerated() {
            offsets.append(features.count)
            features += candidates.indices.map { (point, $0) }
        }
        count = architectures.count
        self.features = features
        rows = architectures.map { zip(offsets, $0.choices).map { $0 + $1 } }
    }
}

/// A regression tree whose questions are "does this choice point take this candidate?".
struct ChoiceTree {
    /// Sums over some samples of what the loss still wants, and of how curved it is (g and h of Chen and Guestrin,
    /// 2016, the gradient with the opposite sign).
    struct Sum {
        var gradient: Double
        var curvature: Double
        var samples: Int

        static let zero = Sum(gradient: 0, curvature: 0, samples: 0)

        mutating func add(_ other: Sum) {
            gradient += other.gradient
            curvature += other.curvature
            samples += other.samples
        }

        func without(_ other: Sum) -> Sum {
            Sum(
                gradient: gradient - other.gradient, curvature: curvature - other.curvature,
                samples: samples - other.samples)
        }

        /// Twice the loss that one leaf takes away.
        func gain(_ shrinkage: Double) -> Double { gradient * gradient / (curvature + shrinkage) }
    }

    /// A question about one choice point, or, where `yes` is 0, a leaf.
    struct Node: Sendable, Hashable {
        var point = 0
        var candidate = 0
        /// The number of nodes further back in the list where a yes leads.
        var yes = 0
        var no = 0
        /// The value of a leaf.
        var value = 0.0
    }

    /// Children before their parents: the root last.
    private(set) var nodes: [Node] = []

    /// Grows a tree and adds what it says of each sample to `sums`.
    init(
        _ samples: OneHotSamples, _ errors: [Sum], options: BoostedTrees.Options, adding sums: inout [Double]
    ) {
        _ = grow(Array(0..<samples.count), depth: options.depth, samples, errors, options, &sums)
    }

    /// Adds the subtree of some samples, its root last, and gives the position of the root.
    private mutating func grow(
        _ members: [Int], depth: Int, _ samples: OneHotSamples, _ errors: [Sum], _ options: BoostedTrees.Options,
        _ sums: inout [Double]
    ) -> Int {
        var total = Sum.zero
        for sample in members { total.add(errors[sample]) }
        if depth > 0, let feature = Self.bestFeature(members, total, samples, errors, options) {
            let (point, candidate) = samples.features[feature]
            let yes = members.filter { samples.rows[$0][point] == feature }
            let no = members.filter { samples.rows[$0][point] != feature }
            let left = grow(yes, depth: depth - 1, samples, errors, options, &sums)
            let right = grow(no, depth: depth - 1, samples, errors, options, &sums)
            nodes.append(
                Node(point: point, candidate: candidate, yes: nodes.count - left, no: nodes.count - right))
        } else {
            let value = options.learningRate * total.gradient / (total.curvature + options.shrinkage)
            for sample in members { sums[sample] += value }
            nodes.append(Node(value: value))
        }
        return nodes.count - 1
    }

    /// The question that takes most from the loss; nil where none takes anything.
    private static func bestFeature(
        _ members: [Int], _ total: Sum, _ samples: OneHotSamples, _ errors: [Sum], _ options: BoostedTrees.Options
    ) -> Int? {
        guard members.count >= 2 * options.leafSamples else { return nil }
        var histogram = [Sum](repeating: .zero, count: samples.features.count)
        for sample in members {
            let error = errors[sample]
            for feature in samples.rows[sample] { histogram[feature].add(error) }
        }
        var best: Int?
        var bestGain = total.gain(options.shrinkage) + 1e-9
        for (feature, yes) in histogram.enumerated() {
            let no = total.without(yes)
            guard min(yes.samples, no.samples) >= options.leafSamples else { continue }
            let gain = yes.gain(options.shrinkage) + no.gain(options.shrinkage)
            if gain > bestGain { (best, bestGain) = (feature, gain) }
        }
        return best
    }
}
