import Torch

/// The outputs of one piece of a supernet for all batches of an evaluation.
struct Activations {
    /// The outputs for the batches from which statistics are recalibrated.
    let recalibration: [Tensor]
    /// The outputs for the batches that are evaluated.
    let validation: [Tensor]
    /// The maps handed out so far for each batch that is evaluated; empty where none are kept.
    var maps: [[(name: String, map: Tensor)]] = []

    var bytes: Int {
        (recalibration + validation + maps.joined().map(\.map)).reduce(0) {
            $0 + $1.elementCount * $1.dtype.byteCount
        }
    }
}

/// A cache of activations by the choices that led to them, within a limit of memory.
///
/// Entries that save most work for their bytes stay longest (GreedyDual-Size: Cao and Irani, "Cost-aware WWW proxy
/// caching algorithms", 1997): late activations are small and replace the whole computation before them, early ones are
/// large and replace little. Unused entries are removed eventually, as newer ones start from a higher worth.
struct ActivationCache {
    let limit: Int
    private(set) var bytes = 0
    private var entries: [[Int]: Entry] = [:]
    /// The worth of the entry that was removed last.
    private var floor = 0.0
    /// The number of lookups that found something, and of those that did not.
    private(set) var hits = 0
    private(set) var misses = 0

    private struct Entry {
        let activations: Activations
        let bytes: Int
        /// The number of pieces of computation saved for each byte.
        let density: Double
        var worth: Double
    }

    init(limit: Int) { self.limit = limit }

    mutating func find(_ prefix: [Int]) -> Activations? {
        guard let found = entries[prefix] else {
            misses += 1
            return nil
        }
        hits += 1
        entries[prefix]?.worth = floor + found.density
        return found.activations
    }

    /// Keeps activations, unless the entries that would be removed for them are worth more.
    ///
    /// - Parameters:
    ///   - prefix: the choices that led to them.
    ///   - activations: the activations to keep.
    ///   - pieces: the number of pieces of computation that they save.
    mutating func insert(_ prefix: [Int], _ activations: Activations, pieces: Int) {
        let size = activations.bytes
        guard size <= limit, entries[prefix] == nil else { return }
        let density = Double(pieces) / Double(max(size, 1))
        let worth = floor + density
        var room = limit - bytes
        var leaving: [[Int]] = []
        if room < size {
            // Of equal ones the first in the order of choices goes, so that a search always does the same.
            let order = entries.sorted {
                ($0.value.worth, $0.key.count) != ($1.value.worth, $1.key.count)
                    ? ($0.value.worth, $0.key.count) < ($1.value.worth, $1.key.count)
                    : $0.key.lexicographicallyPrecedes($1.key)
            }
            for entry in order where room < size {
                guard entry.value.worth <= worth else { return }
                leaving.append(entry.key)
                room += entry.value.bytes
            }
        }
        for key in leaving {
            guard let gone = entries.removeValue(forKey: key) else { continue }
            bytes -= gone.bytes
            floor = max(floor, gone.worth)
        }
        bytes += size
        entries[prefix] = Entry(activations: activations, bytes: size, density: density, worth: floor + density)
    }

    mutating func removeAll() {
        entries = [:]
        bytes = 0
    }
}
