import Foundation
import Support

/// Shows progress: on a terminal as one line that is redrawn at most ten times a second, elsewhere as a plain line
/// every half minute, so that a log stays readable.
public final class ProgressReporter {
    /// The least time between two redraws on a terminal, in seconds.
    public static let redrawInterval = 0.1
    /// The least time between two records, in seconds.
    public static let recordInterval = 2.0

    /// The file in which progress is recorded as well, for ``ProgressRecord``; nil for none.
    public var record: String?
    private let output: any ProgressOutput
    private let clock: () -> Double
    private let lineInterval: Double
    /// The rates by phase: training and evaluation take turns, and have rates of their own.
    private var rates: [String: RateEstimator] = [:]
    private var state: ProgressState?
    private var lastShown = -Double.infinity
    private var lastRecorded = -Double.infinity
    private var isLineOpen = false
    /// Whether the last state has been shown; a line of a log need not be written twice.
    private var isShown = false

    /// Creates a reporter that has shown nothing yet.
    ///
    /// - Parameters:
    ///   - output: the destination of progress; its `columns` tell whether it is a terminal.
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
        if let record, isNewPhase || now - lastRecorded >= Self.recordInterval {
            lastRecorded = now
            ProgressRecord(new, stepsPerSecond: rates[new.phase]?.stepsPerSecond).write(to: record)
        }
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

/// Estimates steps per second from the times at which steps were reported.
///
/// Recent intervals count, the fastest and the slowest tenth of them do not, so that neither one slow step (a
/// checkpoint, a laptop that slept) nor one fast one moves the time left much. Nothing before the first report counts:
/// a resumed run starts with no intervals.
public struct RateEstimator: Sendable {
    private struct Interval {
        var steps: Double
        var seconds: Double
    }

    private static let capacity = 64
    /// Shorter intervals are joined to the next one; they would be all noise.
    private static let shortest = 0.25

    private var intervals: [Interval] = []
    private var last: (step: Int, time: Double)?

    /// An estimator without a measurement: the first report only starts it.
    public init() {}

    /// Reports that `step` was reached at `time`, in seconds of a clock that does not go back. A step that goes back
    /// starts the measurement anew.
    public mutating func report(step: Int, at time: Double) {
        guard let previous = last else {
            last = (step, time)
            return
        }
        guard step >= previous.step, time >= previous.time else {
            intervals = []
            last = (step, time)
            return
        }
        guard step > previous.step, time - previous.time >= Self.shortest else { return }
        intervals.append(Interval(steps: Double(step - previous.step), seconds: time - previous.time))
        if intervals.count > Self.capacity { intervals.removeFirst() }
        last = (step, time)
    }

    /// The estimated rate; nil until there is an interval.
    public var stepsPerSecond: Double? {
        guard !intervals.isEmpty else { return nil }
        let sorted = intervals.sorted { $0.seconds / $0.steps < $1.seconds / $1.steps }
        let cut = intervals.count < 3 ? 0 : max(1, intervals.count / 10)
        let middle = sorted.dropFirst(cut).dropLast(cut)
        return middle.reduce(0) { $0 + $1.steps } / middle.reduce(0) { $0 + $1.seconds }
    }

    /// Keeps what was measured, and leaves the time until the next report out of it.
    public mutating func pause() { last = nil }
}

/// The destination of progress.
public protocol ProgressOutput {
    /// Columns, if this is a terminal; nil for a file or a pipe.
    var columns: Int? { get }
    /// Writes the text as it is and at once. It may hold carriage returns and escape sequences, and not end a line.
    func write(_ text: String)
}

/// The standard error stream of the process.
public struct StandardErrorOutput: ProgressOutput {
    /// Creates an output without state: every use goes to the process's own stream.
    public init() {}

    /// The width of the terminal, looked up anew each time, since windows are resized; nil where it is none.
    public var columns: Int? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes the text, and ignores failures: a stream that nobody reads any more is no reason to stop training.
    public func write(_ text: String) {
        try? StandardStream.error.write(text)
    }
}
