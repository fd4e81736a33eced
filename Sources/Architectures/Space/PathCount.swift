/// A number of architectures: exact up to 2^128, and as far as `Double` holds it beyond.
struct PathCount {
    private let exact: UInt128?
    private let rounded: Double

    /// The number as `Double`, rounded once where it is exact.
    var value: Double { exact.map { Double($0) } ?? rounded }

    init(_ count: Int) {
        exact = UInt128(max(count, 0))
        rounded = Double(max(count, 0))
    }

    private init(_ result: (partialValue: UInt128, overflow: Bool)?, or rounded: Double) {
        exact = result.flatMap { $0.overflow ? nil : $0.partialValue }
        self.rounded = rounded
    }

    /// The product of several numbers.
    static func product(_ counts: some Sequence<Int>) -> PathCount {
        counts.reduce(PathCount(1)) { $0 * PathCount($1) }
    }

    static func + (a: PathCount, b: PathCount) -> PathCount {
        let sum = a.exact.flatMap { a in b.exact.map { a.addingReportingOverflow($0) } }
        return PathCount(sum, or: a.value + b.value)
    }

    static func * (a: PathCount, b: PathCount) -> PathCount {
        let product = a.exact.flatMap { a in b.exact.map { a.multipliedReportingOverflow(by: $0) } }
        return PathCount(product, or: a.value * b.value)
    }
}
