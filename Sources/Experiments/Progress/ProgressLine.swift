import Foundation
import Support

/// Renders progress as one line of text: a pure function of its arguments.
public enum ProgressLine {
    /// `train  epoch 3/30  step 1234/9000 (14%)  loss 1.234  accuracy 71.2%  1.2 k images/s  4m12s left`
    ///
    /// - Parameters:
    ///   - state: what to show; what is nil in it is left out.
    ///   - stepsPerSecond: nil while it is not known yet.
    ///   - width: columns of the terminal. A line that is too long first loses its least important fields, and is then
    ///     cut. Nil for any length.
    public static func render(_ state: ProgressState, stepsPerSecond: Double?, width: Int? = nil) -> String {
        var fields = fields(state, stepsPerSecond)
        func line() -> String { fields.map(\.text).joined(separator: "  ") }
        guard let width else { return line() }
        while TextWidth.of(line()) > width, fields.count > 1,
            let least = fields.indices.max(by: { fields[$0].rank < fields[$1].rank })
        {
            fields.remove(at: least)
        }
        return TextWidth.truncate(line(), to: width)
    }

    /// Seconds until the last step; nil where that is not known.
    public static func secondsLeft(_ state: ProgressState, stepsPerSecond: Double?) -> Double? {
        guard let steps = state.steps, let rate = stepsPerSecond, rate > 0 else { return nil }
        return Double(max(0, steps - state.step)) / rate
    }

    /// The fields in reading order. The higher its rank, the sooner a field is given up.
    private static func fields(_ state: ProgressState, _ rate: Double?) -> [(text: String, rank: Int)] {
        var fields: [(text: String, rank: Int)] = [(TerminalText.shown(state.phase, lines: false), 1)]
        func of(_ total: Int?) -> String { total.map { "/\($0)" } ?? "" }
        if let epoch = state.epoch { fields.append(("epoch \(epoch)\(of(state.epochs))", 4)) }
        let share = state.steps.flatMap { steps in
            steps > 0 ? " (\(Int(min(1, Double(state.step) / Double(steps)) * 100))%)" : nil
        }
        fields.append(("step \(state.step)\(of(state.steps))\(share ?? "")", 0))
        if let loss = state.loss { fields.append(("loss \(String(format: "%.4g", loss))", 3)) }
        if let accuracy = state.accuracy { fields.append((String(format: "accuracy %.1f%%", accuracy * 100), 5)) }
        if let images = state.imagesPerStep, let rate {
            let perSecond = Quantity.count(rate * Double(images))
            // `1.2 k images/s`, `950 images/s`
            fields.append(("\(perSecond) images/s", 6))
        }
        if let left = secondsLeft(state, stepsPerSecond: rate) {
            fields.append(("\(Quantity.duration(left)) left", 2))
        }
        return fields
    }
}
