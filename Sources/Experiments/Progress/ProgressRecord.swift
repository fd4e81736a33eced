import Foundation
import Support

/// The progress of a run in a file of its folder, for whoever looks at the run from outside.
public struct ProgressRecord: Codable, Equatable, Sendable {
    /// The line that a terminal shows.
    public var line: String
    /// The phase of the work.
    public var phase: String
    /// The number of steps done.
    public var step: Int
    /// The number of steps in all; nil where that is not known.
    public var steps: Int?
    /// Seconds until the last step of the phase; nil while that is not known.
    public var secondsLeft: Double?
    /// When this was so.
    public var time: Date

    /// The record of a state.
    ///
    /// - Parameters:
    ///   - state: where the work is.
    ///   - stepsPerSecond: nil while it is not known.
    ///   - time: when it is there.
    init(_ state: ProgressState, stepsPerSecond: Double?, time: Date = Date()) {
        line = ProgressLine.render(state, stepsPerSecond: stepsPerSecond)
        (phase, step, steps) = (state.phase, state.step, state.steps)
        secondsLeft = ProgressLine.secondsLeft(state, stepsPerSecond: stepsPerSecond)
        self.time = time
    }

    /// Reads a record; nil for a file that is none.
    public static func read(_ path: String) -> ProgressRecord? {
        guard let bytes = try? InputFile.readAll(path, limit: 1 << 16) else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return try? decoder.decode(ProgressRecord.self, from: Data(bytes))
    }

    /// Replaces the file, without waiting for the disk: no work depends on it. A failure is no reason to stop.
    func write(to path: String) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try? encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
