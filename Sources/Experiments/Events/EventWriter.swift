import Foundation
import Support

/// Writes scalars and images for TensorBoard.
///
/// Every record is written in one call, so that a killed process loses none; at worst the last is half written, and
/// the next start cuts it off.
public final class EventWriter {
    /// The position at which to go on in a file that exists.
    public enum Resume: Equatable, Sendable {
        /// The start of the file, which is written anew.
        case fromStart
        /// A ``EventWriter/position`` that a checkpoint stored.
        case atPosition(Int)
        /// After the records up to and including a step.
        case afterStep(Int)
    }

    /// The event file as the caller named it. TensorBoard finds it by `tfevents` in its name.
    public let path: String
    /// The size of the file in bytes, at which the next record will begin. Part of a checkpoint, for
    /// ``Resume/atPosition(_:)``.
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

    /// Writes a scalar.
    ///
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

/// TensorBoard's `Event` message (`tensorboard/compat/proto/event.proto` and `summary.proto`), as far as it is used.
enum EventMessage {
    /// The first event of every file.
    static func fileVersion(time: Double) -> [UInt8] {
        var event = ProtobufWriter()
        event.field(1, time)
        event.field(3, "brain.Event:2")
        return event.bytes
    }

    static func scalars(_ values: [(tag: String, value: Float)], step: Int, time: Double) -> [UInt8] {
        summary(step: step, time: time) { summary in
            for (tag, value) in values {
                summary.message(1) {
                    $0.field(1, tag)
                    $0.field(2, value)
                }
            }
        }
    }

    static func image(_ tag: String, _ png: [UInt8], _ header: PNGHeader, step: Int, time: Double) -> [UInt8] {
        summary(step: step, time: time) { summary in
            summary.message(1) {
                $0.field(1, tag)
                $0.message(4) {
                    $0.field(1, header.height)
                    $0.field(2, header.width)
                    $0.field(3, header.channels)
                    $0.field(4, png)
                }
            }
        }
    }

    /// The step of an event; nil for the file's version, which has none. A step of 0 is left out, as any field at its
    /// default is.
    static func step(of payload: [UInt8]) -> Int? {
        var reader = ProtobufReader(payload[...])
        var step = 0
        var isVersion = false
        while let (field, value) = reader.next() {
            if field == 2, case .integer(let bits) = value { step = Int(Int64(bitPattern: bits)) }
            if field == 3 { isVersion = true }
        }
        return isVersion ? nil : step
    }

    private static func summary(step: Int, time: Double, _ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var event = ProtobufWriter()
        event.field(1, time)
        if step != 0 { event.field(2, step) }
        event.message(5, body)
        return event.bytes
    }
}

/// The size and kind of a PNG image, from its header chunk (PNG specification, 11.2.2).
struct PNGHeader: Equatable {
    var width: Int
    var height: Int
    /// Channels when decoded: 1 grey, 2 grey with alpha, 3 RGB or palette, 4 RGB with alpha.
    var channels: Int

    /// Reads the header; nil if `bytes` do not begin a PNG image.
    init?(_ bytes: [UInt8]) {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard bytes.count >= 33, bytes.starts(with: signature), Array(bytes[12..<16]) == Array("IHDR".utf8),
            let channels = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4][bytes[25]]
        else { return nil }
        width = bytes[16..<20].reduce(0) { $0 << 8 | Int($1) }
        height = bytes[20..<24].reduce(0) { $0 << 8 | Int($1) }
        self.channels = channels
        guard width > 0, height > 0 else { return nil }
    }
}

/// An event file, or an event for it, that is not right.
public enum EventError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The image's bytes do not begin a PNG file.
    case notPNG(tag: String)
    case emptyTag
    case negativeStep(Int)
    /// A position, stored in a checkpoint, at which no record ends.
    case badPosition(path: String, position: Int, end: Int)
    /// A whole record fails its checksum.
    case damaged(path: String, offset: Int)
    /// The file is something else.
    case notEvents(path: String)

    /// The problem, its place and its remedy as one message.
    public var description: String {
        switch self {
        case .notPNG(let tag): "the image `\(tag)` is not PNG"
        case .emptyTag: "a scalar or image needs a tag"
        case .negativeStep(let step): "the step of an event cannot be negative (=\(step))"
        case .badPosition(let path, let position, let end):
            "\(path) cannot be resumed at byte \(position): no record ends there (the last ends at \(end)); "
                + "the file is not the one that the checkpoint was written with"
        case .damaged(let path, let offset):
            "\(path) is damaged: the record at byte \(offset) fails its checksum; move the file away"
        case .notEvents(let path): "\(path) is not a TensorBoard event file"
        }
    }
}
