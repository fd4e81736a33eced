import TensorFiles

/// What an import took from a checkpoint, and what it left.
public struct ImportReport: Sendable, Equatable {
    /// What stood before the network's keys.
    public let prefix: String
    /// What those weights are.
    public var weights: WeightsKind { WeightsKind(prefix: prefix) }
    /// Other prefixes behind which as many of the network's keys stand, in the order of the file.
    public let alternatives: [String]
    /// Tensors that were taken over.
    public let tensors: Int
    /// Tensors that were left out, by the beginning of their names, most first.
    public let leftOut: [(group: String, count: Int)]
    /// Python objects in the file that are not understood, and therefore were left out, in its order.
    public let unread: [UnreadObject]
    /// Learned numbers of what was imported.
    public let parameters: Int

    /// Equal in every field.
    public static func == (a: ImportReport, b: ImportReport) -> Bool {
        a.prefix == b.prefix && a.alternatives == b.alternatives && a.unread == b.unread && a.tensors == b.tensors
            && a.parameters == b.parameters
            && a.leftOut.elementsEqual(b.leftOut) { $0 == $1 }
    }

    init(_ checkpoint: ForeignCheckpoint, _ part: ForeignCheckpoint.Part, taken: Set<String>, parameters: Int) {
        prefix = part.prefix
        alternatives = part.alternatives
        unread = checkpoint.unread
        self.parameters = parameters
        tensors = taken.count
        var groups: [String: Int] = [:]
        for tensor in checkpoint.tensors where !taken.contains(tensor.name) {
            // Two parts tell `state_dict.encoder_k` from `state_dict.queue`; a third only says more of `module`.
            let parts = tensor.name.split(separator: ".").map(String.init)
            let deep = parts.contains("module") ? 3 : 2
            groups[parts.prefix(min(deep, max(1, parts.count - 1))).joined(separator: "."), default: 0] += 1
        }
        leftOut = groups.map { (group: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.group) < ($0.count, $1.group) }
    }
}
