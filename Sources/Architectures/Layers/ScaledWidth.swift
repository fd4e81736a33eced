/// The rule by which published families of networks scale their widths (Sandler et al., "MobileNetV2", 2018; Tan and
/// Le, "EfficientNet", ICML 2019).
enum ScaledWidth {
    /// The range of multipliers that make sense.
    static let multipliers = 0.01...10.0

    /// A number of channels times a multiplier, rounded to a multiple of 8: at least 8, and never more than a tenth
    /// below the product.
    static func channels(_ base: Int, times multiplier: Double) -> Int {
        let product = Double(base) * multiplier
        let rounded = max(8, Int(product + 4) / 8 * 8)
        return Double(rounded) < 0.9 * product ? rounded + 8 : rounded
    }

    /// What is wrong with the sizes that scaled networks have in common.
    static func problems(channels: Int, multipliers named: [(name: String, value: Double)]) -> [String] {
        var problems: [String] = []
        if !(1...8192).contains(channels) { problems.append("channels (=\(channels)) must be from 1 to 8,192") }
        for (name, value) in named where !multipliers.contains(value) {
            problems.append(
                "\(name) (=\(value)) must be from \(multipliers.lowerBound) to \(multipliers.upperBound)")
        }
        return problems
    }
}
