import ArgumentParser
import Torch

/// `--threads`, which several verbs take.
enum ThreadOption {
    /// - Throws: `ValidationError` for a number of threads that no machine has.
    static func validate(_ threads: Int?) throws {
        guard let threads, !(1...Runtime.mostThreads).contains(threads) else { return }
        throw ValidationError("--threads must be in 1...\(Runtime.mostThreads), is \(threads)")
    }
}
