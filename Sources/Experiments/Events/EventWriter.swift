import Foundation
import Support

/// Writes scalars and images for TensorBoard.
///
/// Every record is written in one call, so that a killed process loses none; at worst the last is half written, and
/// the next start cuts it off.
public final class EventWriter {
    /// Where to go on in a file that exists.
    public enum Resume: Equatable, Sendable {
        /// Nowhere: start the file anew.
        case fromStart
        /// At a ``EventWriter/position`` that a checkpoint stored.
        case atPosition(Int)
        /// After the records up to and including a step.
        case afterStep(Int)
    }

    /// The event file as the caller named it. TensorBoard finds it by `tfevents` in its name.
    public let path: String
    /// Bytes in the file: where the next record will begin. Part of a checkpoint, for ``Resume/atPosition(_:)``.
    public private(set) var position: Int
    private let file: OutputFile
    private let now: () -> Date

    /// Opens the file, and cuts off what a resumed run will write again.
    ///
    /// - Throws: ``EventError``, `FileError`.
    public init(_ path: String, resume: Resume, now: @escaping () -> Date = { Date() }) throws {
        self.path = path
        self.now = now
        file = try OutputFile(path, .append)
        position = try Self.position(path, resume)
        try file.truncate(to: position)
        if position == 0 { try write(EventMessage.fileVersion(time: now().timeIntervalSince1970)) }
    }

    /// - Throws: ``EventError``, `FileError`.
    public func scalar(_ tag: String, _ value: Double, step: Int) throws {
        try scalars([(tag, value)], step: step)
    }

    /// Several scalars in one record. TensorBoard keeps 32-bit floats.
    ///
    /// - Throws: ``EventError``, `FileError`.
    public func scalars(_ values: [(tag: String, value: Double)], step: Int) throws {
        for value in values { try Self.check(value.tag, step) }
        let values = values.map { (tag: $0.tag, value: Float($0.value)) }
        try write(EventMessage.scalars(values, step: step, time: now().timeIntervalSince1970))
    }

    /// An image, given as the bytes of a PNG file.
    ///
    /// - Throws: ``EventError``, `FileError`.
    public func image(_ tag: String, png: [UInt8], step: Int) throws {
        try Self.check(tag, step)
        guard let header = PNGHeader(png) else { throw EventError.notPNG(tag: tag) }
        try write(EventMessage.image(tag, png, header, step: step, time: now().timeIntervalSince1970))
    }

    /// Waits until all records are on the disk; to be called before a checkpoint is written.
    public func sync() throws { try file.sync() }

    private func write(_ payload: [UInt8]) throws {
        let record = TFRecord.frame(payload)
        try file.append(record)
        position += record.count
    }

    private static func check(_ tag: String, _ step: Int) throws {
        if tag.isEmpty { throw EventError.emptyTag }
        if step < 0 { throw EventError.negativeStep(step) }
    }

    private static func position(_ path: String, _ resume: Resume) throws -> Int {
        if resume == .fromStart { return 0 }
        let scan = try EventFile.scan(path)
        let isForeign = scan.damage == 0 || scan.records.first.map { $0.step != nil } ?? false
        if isForeign { throw EventError.notEvents(path: path) }
        switch resume {
        case .fromStart: return 0
        case .afterStep(let step): return try EventFile.position(after: step, in: path)
        case .atPosition(let position):
            guard position == 0 || scan.records.contains(where: { $0.end == position }) else {
                throw EventError.badPosition(path: path, position: position, end: scan.records.last?.end ?? 0)
            }
            return position
        }
    }
}
