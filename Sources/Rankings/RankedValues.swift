import Metrics

/// The values of a ranker in rank order, sorted once for all resamples.
struct RankedScores {
    /// The deviations from the mean in units of the widest of them; all 0 where the values are equal.
    let values: [Double]
    /// The architectures from the lowest value to the highest.
    let order: [Int]
    /// For each architecture the place of its value among the distinct values.
    let levels: [Int]

    init(_ values: [Double]) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var levels = [Int](repeating: 0, count: values.count)
        for (previous, next) in zip(order, order.dropFirst()) {
            levels[next] = levels[previous] + (values[previous] == values[next] ? 0 : 1)
        }
        self.values = Pearson.deviations(values) ?? [Double](repeating: 0, count: values.count)
        self.order = order
        self.levels = levels
    }

    var isConstant: Bool { order.last.map { levels[$0] == 0 } ?? true }

    /// The architectures that have weight, from the lowest value to the highest, in runs of equal values.
    func runs(weights: [Int]) -> [[Int]] {
        var runs: [[Int]] = []
        for architecture in order where weights[architecture] > 0 {
            if let last = runs.last?[0], levels[last] == levels[architecture] {
                runs[runs.count - 1].append(architecture)
            } else {
                runs.append([architecture])
            }
        }
        return runs
    }
}

/// What rankings are compared with: a figure of trained networks, such as their accuracy, from some seeds of each
/// architecture.
struct SeededReference {
    /// For each architecture the values of its seeds, higher is better.
    let seeds: [[Double]]
    /// The mean of each architecture's seeds.
    let means: [Double]
    /// The least number of seeds of an architecture.
    let commonSeeds: Int

    /// - Throws: `RankingError` for an architecture that was not trained, for a value that is not finite, and where
    ///   there is no architecture.
    init(_ seeds: [[Double]]) throws {
        for (position, values) in seeds.enumerated() {
            guard !values.isEmpty else { throw RankingError.untrained(position: position) }
            if let seed = values.firstIndex(where: { !$0.isFinite }) {
                throw RankingError.referenceNotFinite(position: position, seed: seed, value: values[seed])
            }
        }
        guard let least = seeds.map(\.count).min() else {
            throw RankingError.tooFewArchitectures(count: 0, least: RankingJudgement.leastArchitectures)
        }
        self.seeds = seeds
        means = seeds.map { $0.reduce(0, +) / Double($0.count) }
        commonSeeds = least
    }

    var count: Int { seeds.count }

    /// The values that one seed has given, by architecture.
    func column(_ seed: Int) -> [Double] { seeds.map { $0[seed] } }
}

/// The reference values of architectures that were drawn some number of times, and the parts of them that figures are
/// about.
struct RankedReference {
    /// One value per architecture.
    let values: [Double]
    let all, topTenth, topQuarter, topTen: Part
    /// The best value of those drawn.
    let best: Double

    /// - Parameters:
    ///   - values: one value per architecture.
    ///   - weights: how many times each was drawn, as many draws as there are architectures.
    init(values: [Double], weights: [Int]) {
        let count = values.count
        let order = values.indices.filter { weights[$0] > 0 }.sorted {
            values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1]
        }
        self.values = values
        best = order.first.map { values[$0] } ?? 0
        let part = { Part(top: $0, of: order, values: values, weights: weights) }
        all = part(count)
        topTenth = part((count + 9) / 10)
        topQuarter = part((count + 3) / 4)
        topTen = part(10)
    }

    /// The best draws by the reference.
    struct Part {
        /// The number of draws in this part.
        let size: Int
        /// The architectures of this part from the lowest value to the highest.
        let members: [Int]
        /// For each architecture the number of its draws in this part.
        let weights: [Int]
        /// For each architecture the place of its value among the distinct values, from 1.
        let levels: [Int]
        /// For each architecture the mean rank of its draws and those of equal value, less the mean of all ranks.
        let ranks: [Double]
        /// For each architecture the deviation from the mean of this part, in units of the range.
        let deviations: [Double]
        /// The number of pairs of draws of two architectures, and of those with different values.
        let pairs, untiedPairs: Int

        init(top size: Int, of order: [Int], values: [Double], weights drawn: [Int]) {
            var weights = [Int](repeating: 0, count: values.count)
            var (members, left) = ([Int](), size)
            for architecture in order where left > 0 {
                weights[architecture] = min(left, drawn[architecture])
                left -= weights[architecture]
                members.append(architecture)
            }
            members.reverse()
            let total = size - left
            var levels = [Int](repeating: 0, count: values.count)
            var ranks = [Double](repeating: 0, count: values.count)
            var (start, below, level, tied, squares) = (0, 0, 0, 0, 0)
            while start < members.count {
                var (end, weight, own) = (start, 0, 0)
                while end < members.count, values[members[end]] == values[members[start]] {
                    weight += weights[members[end]]
                    own += weights[members[end]] * weights[members[end]]
                    end += 1
                }
                level += 1
                for architecture in members[start..<end] {
                    levels[architecture] = level
                    ranks[architecture] = Double(below) + Double(weight - total) / 2
                }
                below += weight
                tied += (weight * weight - own) / 2
                squares += own
                start = end
            }
            var deviations = [Double](repeating: 0, count: values.count)
            if level > 1, let high = members.last.map({ values[$0] }), let low = members.first.map({ values[$0] }) {
                let scaled = members.map { values[$0] / (high - low) - low / (high - low) }
                let sum = zip(members, scaled).reduce(0) { $0 + Double(weights[$1.0]) * $1.1 }
                for (architecture, value) in zip(members, scaled) {
                    deviations[architecture] = value - sum / Double(max(total, 1))
                }
            }
            self.size = total
            self.members = members
            self.weights = weights
            self.levels = levels
            self.ranks = ranks
            self.deviations = deviations
            pairs = (total * total - squares) / 2
            untiedPairs = pairs - tied
        }
    }
}
