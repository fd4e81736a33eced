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

    /// Nil until there is an interval.
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
