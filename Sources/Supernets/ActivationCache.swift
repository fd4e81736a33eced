import Torch

/// What came out of one piece of a supernet for all batches of an evaluation.
struct Activations {
    /// Of the batches from which statistics are re-estimated.
    let recalibration: [Tensor]
    /// Of the batches that are evaluated.
    let validation: [Tensor]

    var bytes: Int {
        (recalibration + validation).reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount }
    }
}

/// Activations by the choices that led to them, within a bound of memory; what was not used for longest goes first.
struct ActivationCache {
    let limit: Int
    private(set) var bytes = 0
    private var entries: [[Int]: (activations: Activations, bytes: Int, used: Int)] = [:]
    private var clock = 0
    /// How often something was found, and how often not.
    private(set) var hits = 0
    private(set) var misses = 0

    init(limit: Int) { self.limit = limit }

    mutating func find(_ prefix: [Int]) -> Activations? {
        guard let found = entries[prefix] else {
            misses += 1
            return nil
        }
        clock += 1
        hits += 1
        entries[prefix]?.used = clock
        return found.activations
    }

    mutating func insert(_ prefix: [Int], _ activations: Activations) {
        let size = activations.bytes
        guard size <= limit, entries[prefix] == nil else { return }
        while bytes + size > limit, let oldest = entries.min(by: { $0.value.used < $1.value.used }) {
            bytes -= oldest.value.bytes
            entries[oldest.key] = nil
        }
        clock += 1
        bytes += size
        entries[prefix] = (activations, size, clock)
    }

    mutating func removeAll() {
        entries = [:]
        bytes = 0
    }
}
