import Datasets

/// Checks the options of a rendered set against their ranges.
enum OptionRanges {
    /// Refuses options that are out of their ranges, all at once.
    ///
    /// - Parameters:
    ///   - ranges: the name, the value and the range of each option.
    ///   - others: what else is wrong with them.
    /// - Throws: `DatasetError` of kind `.invalidArgument` that names each of them.
    static func require(
        _ ranges: [(String, Int, ClosedRange<Int>)], and others: [DatasetError.Problem] = []
    ) throws(DatasetError) {
        let problems =
            ranges.filter { !$0.2.contains($0.1) }.map { name, value, range in
                DatasetError.Problem("\(name) is \(value), not in \(range.lowerBound)...\(range.upperBound)")
            } + others
        guard problems.isEmpty else {
            throw DatasetError(.invalidArgument, problems: problems, advice: "Give values within these ranges.")
        }
    }
}
