/// TensorBoard's `Event` message (`tensorboard/compat/proto/event.proto` and `summary.proto`), as far as it is used.
enum EventMessage {
    /// The first event of every file.
    static func fileVersion(time: Double) -> [UInt8] {
        var event = ProtobufWriter()
        event.double(1, time)
        event.string(3, "brain.Event:2")
        return event.bytes
    }

    static func scalars(_ values: [(tag: String, value: Float)], step: Int, time: Double) -> [UInt8] {
        summary(step: step, time: time) { summary in
            for (tag, value) in values {
                summary.message(1) {
                    $0.string(1, tag)
                    $0.float(2, value)
                }
            }
        }
    }

    static func image(_ tag: String, _ png: [UInt8], _ header: PNGHeader, step: Int, time: Double) -> [UInt8] {
        summary(step: step, time: time) { summary in
            summary.message(1) {
                $0.string(1, tag)
                $0.message(4) {
                    $0.integer(1, header.height)
                    $0.integer(2, header.width)
                    $0.integer(3, header.channels)
                    $0.data(4, png)
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
        event.double(1, time)
        if step != 0 { event.integer(2, step) }
        event.message(5, body)
        return event.bytes
    }
}
