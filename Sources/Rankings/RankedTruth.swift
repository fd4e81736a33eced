/// Truth of architectures that were drawn some number of times, and the parts of it that figures are about.
struct RankedTruth {
    /// By architecture.
    let values: [Double]
    let all, topTenth, topQuarter, topTen: Part
    /// The best truth of those drawn.
    let best: Double

    /// - Parameters:
    ///   - values: one per architecture.
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

    /// The best draws.
    struct Part {
        /// Draws in this part.
        let size: Int
        /// Architectures from the lowest truth to the highest.
        let members: [Int]
        /// By architecture: its draws in this part.
        let weights: [Int]
        /// By architecture: place among the distinct values, from 1.
        let levels: [Int]
        /// By architecture: mean rank of its draws and those of equal truth, less the mean of all ranks.
        let ranks: [Double]
        /// By architecture: truth less the mean of this part, in units of the widest deviation.
        let deviations: [Double]
        /// Pairs of draws of two architectures, and those of different truth.
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
