/// How nearly one list is a rising function of another.
public enum Spearman {
    /// Spearman's rank correlation, from -1 to 1: Pearson's of the ranks, equal values sharing the mean of theirs
    /// (Spearman, "The proof and measurement of association between two things", 1904). Nil where it has no meaning:
    /// lists of different lengths or of fewer than two values, a list whose values are all equal, a value that is not a
    /// number.
    ///
    /// - Parameters:
    ///   - x: values of one measure, such as a supernet's scores.
    ///   - y: values of another, of the same things in the same order.
    public static func rho(_ x: [Double], _ y: [Double]) -> Double? {
        guard x.count == y.count, !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return nil }
        return Pearson.r(ranks(x), ranks(y))
    }

    /// Ranks from 1 for the least value; equal values share the mean of theirs.
    package static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
