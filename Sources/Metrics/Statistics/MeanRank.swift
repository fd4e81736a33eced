/// Several rankings made into one: the mean of the ranks that each gives (Borda count; Dwork, Kumar, Naor and Sivakumar,
/// "Rank aggregation methods for the web", 2001). Unlike a mean of scores it knows neither units nor outliers.
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
