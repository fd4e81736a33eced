import ArgumentParser
import Distributed
import Foundation
import Support
import Torch
import Workflows

/// Measures how long two processes of this machine take to add up tensors (c10d with Gloo).
enum ReductionMeter {
    /// What was measured, in seconds.
    struct Measured: Codable, Equatable {
        /// To add up the tensors.
        var seconds: Double
        /// To add up one number.
        var empty: Double
    }

    /// Starts both processes and waits for them.
    ///
    /// - Parameter bytes: the bytes of the tensors.
    /// - Throws: `TorchError` for a libtorch without groups of processes; `ValidationError` where they fail.
    static func measure(bytes: Int) throws -> Measured {
        let file = FilePath.join(NSTemporaryDirectory(), "supernet-reduction-\(getpid()).json")
        defer { unlink(file) }
        let arguments = [MeasureReduction.name, "--bytes", "\(bytes)", "--output", file]
        let status = try ProcessLauncher(count: 2, threads: 1, restarts: 0, arguments: arguments)()
        guard status == 0, let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("two processes of this machine could not add up their tensors; see above")
        }
        return try JSONDecoder().decode(Measured.self, from: data)
    }
}

/// One of the two processes.
struct MeasureReduction: ParsableCommand {
    static let name = "measure-reduction"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "One process of a measurement of reductions.", shouldDisplay: false)

    @Option var bytes: Int
    @Option var output: String
    @OptionGroup var processes: ProcessOptions

    private static let rounds = 7

    func run() throws {
        guard bytes >= 4, let ranks = try processes.join(threads: 1) else {
            throw ValidationError("\(Self.name) is started by a measurement, on 4 bytes or more")
        }
        let (tensor, number) = (try Tensor.zeros([bytes / 4]), try Tensor.zeros([1]))
        func median(_ tensor: Tensor) throws -> Double {
            var times: [Double] = []
            // The first ones open connections and touch memory.
            for round in 0..<Self.rounds + 2 {
                let start = DispatchTime.now().uptimeNanoseconds
                try ranks.addUp([tensor])
                if round >= 2 { times.append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9) }
            }
            return times.sorted()[Self.rounds / 2]
        }
        let measured = ReductionMeter.Measured(seconds: try median(tensor), empty: try median(number))
        if ranks.rank == 0 { try AtomicFile.write(JSONEncoder().encode(measured), to: output) }
        try ranks.finish()
    }
}
