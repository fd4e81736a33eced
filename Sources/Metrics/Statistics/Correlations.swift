/// Kendall's rank correlation: how well one list ranks things like another.
public enum KendallTau {
    /// Kendall's tau-b, from -1 to 1, which allows for ties in both lists (Kendall, "The treatment of ties in ranking
    /// problems", 1945), in O(n log n) (Knight, "A computer method for calculating Kendall's tau with ungrouped data",
    /// 1966). Nil where it has no meaning: lists of different lengths or of fewer than two values, a list whose values
    /// are all equal, a value that is not a number.
    ///
    /// - Parameters:
    ///   - x: values of one measure, such as a supernet's scores.
    ///   - y: values of another, of the same things in the same order.
    public static func b(_ x: [Double], _ y: [Double]) -> Double? {
        guard x.count == y.count, !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return nil }
        let order = x.indices.sorted { x[$0] == x[$1] ? y[$0] < y[$1] : x[$0] < x[$1] }
        var ranked = order.map { y[$0] }
        let pairs = x.count * (x.count - 1) / 2
        let tiedX = tiedPairs(order.indices) { x[order[$0]] == x[order[$1]] }
        let tiedBoth = tiedPairs(order.indices) {
            x[order[$0]] == x[order[$1]] && y[order[$0]] == y[order[$1]]
        }
        let discordant = sortCountingExchanges(&ranked)
        let tiedY = tiedPairs(ranked.indices) { ranked[$0] == ranked[$1] }
        guard pairs > tiedX, pairs > tiedY else { return nil }
        let difference = pairs - tiedX - tiedY + tiedBoth - 2 * discordant
        return Double(difference) / (Double(pairs - tiedX) * Double(pairs - tiedY)).squareRoot()
    }

    /// Pairs within runs of equal neighbours.
    private static func tiedPairs(_ positions: Range<Int>, areEqual: (Int, Int) -> Bool) -> Int {
        var (pairs, run) = (0, 0)
        for position in positions.dropFirst() {
            run = areEqual(position - 1, position) ? run + 1 : 0
            pairs += run
        }
        return pairs
    }

    /// Merge sort from below; the number of pairs that stood in descending order.
    private static func sortCountingExchanges(_ values: inout [Double]) -> Int {
        var (exchanges, width) = (0, 1)
        var merged = values
        while width < values.count {
            var start = 0
            while start < values.count {
                let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
                var (left, right) = (start, middle)
                for place in start..<end {
                    if right == end || (left < middle && values[left] <= values[right]) {
                        merged[place] = values[left]
                        left += 1
                    } else {
                        merged[place] = values[right]
                        exchanges += middle - left
                        right += 1
                    }
                }
                start = end
            }
            swap(&values, &merged)
            width *= 2
        }
        return exchanges
    }
}

/// Spearman's rank correlation: how nearly one list is a rising function of another.
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

/// Pearson's correlation: how nearly two lists lie on a straight line.
public enum Pearson {
    /// Pearson's correlation coefficient, from -1 to 1 (Pearson, "Notes on regression and inheritance in the case of
    /// two parents", 1895). Nil where it has no meaning: lists of different lengths or of fewer than two values, a list
    /// whose values are all equal, a value that is infinite or not a number.
    ///
    /// - Parameters:
    ///   - x: values of one measure, such as a supernet's scores.
    ///   - y: values of another, of the same things in the same order.
    public static func r(_ x: [Double], _ y: [Double]) -> Double? {
        guard x.count == y.count, let (u, v) = deviations(x).flatMap({ u in deviations(y).map { (u, $0) } }) else {
            return nil
        }
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(u, v) {
            xx += a * a
            yy += b * b
            xy += a * b
        }
        guard xx > 0, yy > 0 else { return nil }
        return min(1, max(-1, xy / (xx.squareRoot() * yy.squareRoot())))
    }

    /// The deviations from the mean in units of the largest of them, so that no square overflows. Nil for fewer than
    /// two values, equal values, and values that are not finite.
    package static func deviations(_ values: [Double]) -> [Double]? {
        guard values.count > 1, values.contains(where: { $0 != values[0] }) else { return nil }
        guard let size = values.map(\.magnitude).max(), values.allSatisfy(\.isFinite), size > 0 else { return nil }
        let mean = values.reduce(0) { $0 + $1 / size } / Double(values.count)
        let above = values.map { $0 / size - mean }
        guard let widest = above.map(\.magnitude).max(), widest > 0 else { return nil }
        return above.map { $0 / widest }
    }
}

/// Several rankings made into one: the mean of the ranks that each gives (Borda count; Dwork, Kumar, Naor and
/// Sivakumar, "Rank aggregation methods for the web", 2001). Unlike a mean of scores it knows neither units nor
/// outliers.
public enum MeanRank {
    /// The mean rank of each item, from 1 for the lowest; equal values share the mean of their ranks.
    ///
    /// - Parameter lists: values of the same items, in the same order.
    /// - Returns: one an item; empty for no lists, or for lists of different lengths.
    public static func of(_ lists: [[Double]]) -> [Double] {
        guard let count = lists.first?.count, lists.allSatisfy({ $0.count == count }) else { return [] }
        var sums = [Double](repeating: 0, count: count)
        for list in lists {
            for (item, rank) in Spearman.ranks(list).enumerated() { sums[item] += rank / Double(lists.count) }
        }
        return sums
    }
}

/// The agreement of the ranking by one training seed with that by another, which is the noise ceiling.
public enum TauBetweenSeeds {
    /// The mean of Kendall's tau over all pairs of the seeds that every architecture has; nil without a second seed,
    /// and where no pair has a tau.
    ///
    /// - Parameter trainings: for each architecture one value per seed, the same seeds in the same order.
    public static func mean(_ trainings: [[Double]]) -> Double? {
        guard let seeds = trainings.map(\.count).min() else { return nil }
        let columns = (0..<seeds).map { seed in trainings.map { $0[seed] } }
        let taus = columns.indices.flatMap { one in
            columns[..<one].compactMap { KendallTau.b(columns[one], $0) }
        }
        return SampleSpread(taus)?.mean
    }
}
