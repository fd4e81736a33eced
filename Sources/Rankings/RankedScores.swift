import Metrics

/// A measure's values in rank order, sorted once for all resamples.
struct RankedScores {
    /// In units of the widest deviation from the mean; all 0 where the values are equal.
    let values: [Double]
    /// Architectures from the lowest value to the highest.
    let order: [Int]
    /// For each architecture its place among the distinct values.
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
