/// How often each class was taken for each.
public struct ConfusionMatrix: Sendable, Equatable {
    /// Rows: the true class; columns: the predicted one.
    public let counts: [[Int]]

    /// A pair of classes that were mixed up.
    public struct Confusion: Sendable, Equatable {
        /// The position of the true class.
        public let truth: Int
        /// The position of the class it was taken for.
        public let prediction: Int
        /// How often it happened.
        public let count: Int
        /// Of the true class.
        public let share: Double
    }

    /// - Throws: ``ReportError`` with every row of a wrong length and every negative count.
    public init(_ counts: [[Int]]) throws(ReportError) {
        var problems: [String] = []
        for (row, values) in counts.enumerated() {
            if values.count != counts.count {
                problems.append(
                    "the confusion matrix has \(counts.count) rows, but row \(row) has \(values.count) columns")
            }
            for (column, count) in values.enumerated() where count < 0 || count > Self.mostCount {
                problems.append("the confusion matrix counts \(count) in row \(row), column \(column)")
            }
        }
        if !problems.isEmpty { throw ReportError(problems) }
        self.counts = counts
    }

    /// Sums of so many counts over millions of classes still fit into an `Int`.
    private static let mostCount = 1 << 40

    /// The number of rows, and of columns.
    public var classCount: Int { counts.count }
    /// Everything that was classified.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// Everything on the diagonal.
    public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

    /// Of each class's samples, the share that was recognised; nil for a class without any.
    public var recalls: [Double?] {
        counts.indices.map { Self.share(counts[$0][$0], of: counts[$0].reduce(0, +)) }
    }

    /// Of all that was taken for each class, the share that was right; nil for a class that was never predicted.
    public var precisions: [Double?] {
        let sums = counts.reduce(into: [Int](repeating: 0, count: counts.count)) { sums, row in
            for (column, count) in row.enumerated() { sums[column] += count }
        }
        return counts.indices.map { Self.share(counts[$0][$0], of: sums[$0]) }
    }

    /// The most frequent mistakes, most frequent first.
    public func confusions(atMost limit: Int) -> [Confusion] {
        var all: [Confusion] = []
        for (truth, row) in counts.enumerated() {
            let sum = row.reduce(0, +)
            for (prediction, count) in row.enumerated() where count > 0 && prediction != truth {
                let share = Double(count) / Double(sum)
                all.append(Confusion(truth: truth, prediction: prediction, count: count, share: share))
            }
        }
        all.sort { ($0.count, $0.share, -$0.truth, -$0.prediction) > ($1.count, $1.share, -$1.truth, -$1.prediction) }
        return Array(all.prefix(max(0, limit)))
    }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }
}
