import Foundation
import Support

/// Shows progress: on a terminal as one line that is redrawn at most ten times a second, elsewhere as a plain line
/// every half minute, so that a log stays readable.
public final class ProgressReporter {
    /// Between two redraws on a terminal, in seconds.
    public static let redrawInterval = 0.1

    private let output: any ProgressOutput
    private let clock: () -> Double
    private let lineInterval: Double
    /// One for each phase: training and evaluation take turns, and have rates of their own.
    private var rates: [String: RateEstimator] = [:]
    private var state: ProgressState?
    private var lastShown = -Double.infinity
    private var isLineOpen = false
    /// Whether the last state has been shown; a line of a log need not be written twice.
    private var isShown = false

    /// - Parameters:
    ///   - output: where progress goes; its `columns` tell whether it is a terminal.
    ///   - lineInterval: seconds between two lines where the output is not a terminal.
    ///   - clock: seconds of a clock that does not go back.
    public init(
        output: any ProgressOutput = StandardErrorOutput(), lineInterval: Double = 30,
        clock: @escaping () -> Double = ProgressReporter.uptime
    ) {
        self.output = output
        self.lineInterval = lineInterval
        self.clock = clock
    }

    /// Seconds since the machine started, without the time it slept.
    public static func uptime() -> Double { ProcessInfo.processInfo.systemUptime }

    /// Reports where the work is. The first report, at the step a resumed run goes on from, starts the measurement of
    /// the rate; the time spent in another phase is no part of it.
    public func update(_ new: ProgressState) {
        let now = clock()
        let isNewPhase = new.phase != state?.phase
        if isNewPhase, let old = state?.phase { rates[old]?.pause() }
        rates[new.phase, default: RateEstimator()].report(step: new.step, at: now)
        state = new
        isShown = false
        let interval = output.columns == nil ? lineInterval : Self.redrawInterval
        if isNewPhase || now - lastShown >= interval { show(at: now) }
    }

    /// Prints a line of its own, above the progress line.
    public func print(_ text: String) {
        let text = TerminalText.shown(text)
        output.write(isLineOpen ? "\r\u{1B}[K\(text)\n" : "\(text)\n")
        if isLineOpen { show(at: clock()) }
    }

    /// Shows the last state, whatever the time, and ends the line.
    public func finish() {
        guard state != nil else { return }
        if !isShown || output.columns != nil { show(at: clock()) }
        if isLineOpen { output.write("\n") }
        isLineOpen = false
        state = nil
        rates = [:]
    }

    private func show(at time: Double) {
        guard let state else { return }
        lastShown = time
        isShown = true
        let rate = rates[state.phase]?.stepsPerSecond
        if let columns = output.columns {
            // The last column stays free: some terminals wrap as soon as it is filled.
            let line = ProgressLine.render(state, stepsPerSecond: rate, width: columns - 1)
            output.write("\r\(line)\u{1B}[K")
            isLineOpen = true
        } else {
            output.write(ProgressLine.render(state, stepsPerSecond: rate) + "\n")
        }
    }
}
