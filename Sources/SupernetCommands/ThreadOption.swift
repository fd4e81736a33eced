import ArgumentParser
import Torch

/// The option `--threads`, which several commands share.
enum ThreadOption {
    /// Checks a number of threads.
    ///
    /// - Throws: `ValidationError` for a number of threads out of range.
    static func validate(_ threads: Int?) throws {
        guard let threads, !(1...Runtime.mostThreads).contains(threads) else { return }
        throw ValidationError("--threads must be in 1...\(Runtime.mostThreads), is \(threads)")
    }
}
