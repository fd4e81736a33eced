/// How nearly two lists lie on a straight line.
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

    /// What the values have above their mean, in units of the largest such, so that no square overflows. Nil for fewer
    /// than two values, equal values, and values that are not finite.
    package static func deviations(_ values: [Double]) -> [Double]? {
        guard values.count > 1, values.contains(where: { $0 != values[0] }) else { return nil }
        guard let size = values.map(\.magnitude).max(), values.allSatisfy(\.isFinite), size > 0 else { return nil }
        let mean = values.reduce(0) { $0 + $1 / size } / Double(values.count)
        let above = values.map { $0 / size - mean }
        guard let widest = above.map(\.magnitude).max(), widest > 0 else { return nil }
        return above.map { $0 / widest }
    }
}
