/// How well one list ranks like another.
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
