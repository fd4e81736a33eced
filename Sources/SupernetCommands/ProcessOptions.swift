import ArgumentParser
import Datasets
import Distributed
import Experiments
import Foundation
import Support
import Torch

/// The options of commands that several processes can run together.
struct ProcessOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            Train by this many processes on this machine, each with its share of every batch and of the threads; what is no \
            training is done by one of them. Other launchers, such as torchrun, are found by their variables.
            """
    ) var processes: Int?
    @Option(name: .long, help: "How often processes are started again when one was killed.") var restarts = 3
    @Option(name: .long, help: "The launcher whose variables count, for SLURM's srun: `--launcher slurm`.")
    var launcher: World.Launcher?
    @Option(name: .long, help: "The seconds that processes wait for one another.") var processTimeout =
        Ranks.defaultTimeout

    func validate() throws {
        if let processes, !(1...1024).contains(processes) {
            throw ValidationError("--processes must be in 1...1024, is \(processes)")
        }
        guard (0...1000).contains(restarts) else {
            throw ValidationError("--restarts must be in 0...1000, is \(restarts)")
        }
        guard (1...1_000_000).contains(processTimeout) else {
            throw ValidationError("--process-timeout must be from 1 to 1000000 seconds, is \(processTimeout)")
        }
    }

    /// Starts the processes that the options ask for, and ends with them; or joins those that a launcher has started.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments.
    ///   - threads: the number of threads that the command line gives; nil for an equal share for each process.
    /// - Returns: the joined processes; nil where there is one alone.
    /// - Throws: `WorldError`, `RanksError`; `ExitCode` after the processes of this program have ended with an error.
    func join(_ arguments: [String] = CommandLine.arguments, threads: Int?) throws -> Ranks? {
        let environment = ProcessInfo.processInfo.environment
        let world = try World.found(in: environment, launcher: launcher)
        if let processes, processes > 1, ChildProcess.parent == nil {
            guard world == nil else {
                throw ValidationError(
                    "--processes is for one machine without a launcher; here another one has started the processes")
            }
            let cores = ProcessInfo.processInfo.activeProcessorCount
            let status = try ProcessLauncher(
                count: processes, threads: threads ?? max(cores / processes, 1), restarts: restarts,
                arguments: Self.withoutProcesses(Array(arguments.dropFirst())))()
            throw ExitCode(status)
        }
        guard let world else { return nil }
        ChildProcess.endWithParent()
        Console.isQuiet = world.rank > 0
        if let threads {
            try Runtime.setThreadCount(threads)
        } else if environment["OMP_NUM_THREADS"] == nil {
            try Runtime.setThreadCount(max(ProcessInfo.processInfo.activeProcessorCount / world.localSize, 1))
        }
        let ranks = try Ranks(world, timeout: processTimeout)
        try ranks.compare("version", "\(ProgramVersion.number) with libtorch \(Runtime.version())")
        Ranks.setCurrent(ranks)
        return ranks
    }

    /// The arguments of the processes, which do not start others.
    static func withoutProcesses(_ arguments: [String]) -> [String] {
        ChildProcess.arguments(arguments, without: ["--processes", "--restarts"])
    }

    /// The commands that write a run, in one process: several would fight over its folder.
    private static let alone: Set = ["demo", "search", "benchmark", "rank", "compare"]

    /// Refuses processes for a command that runs in one.
    ///
    /// - Parameter verb: the command.
    /// - Throws: `ValidationError`; `WorldError`.
    static func refuseSeveral(_ verb: String?) throws {
        guard let verb, alone.contains(verb),
            let world = try World.found(in: ProcessInfo.processInfo.environment)
        else { return }
        throw ValidationError(
            "a launcher has started \(world.size) processes, and `\(verb)` runs in one; `train`, `run`, `probe`, "
                + "`finetune`, `retrain` and `adapt` are for several, and `search` has --workers")
    }
}

extension World.Launcher: ExpressibleByArgument {}

/// Words on processes.
enum ProcessText {
    /// What computes, such as `2 processes of 1 thread each`.
    static func threads(_ ranks: Ranks?) throws -> String {
        let count = try Runtime.threadCount()
        let threads = "\(count) thread\(count == 1 ? "" : "s")"
        return ranks.map { "\($0.size) processes of \(threads) each" } ?? threads
    }
}

extension Ranks {
    /// Runs what rank 0 does, who calls the others to each training, and lets them go after it.
    func leading(_ body: () throws -> Void) throws {
        try lead()
        try body()
        try dismiss()
    }

    /// Gives all processes the settings of rank 0.
    ///
    /// - Parameter own: on rank 0 its settings.
    /// - Throws: `ConfigurationError`; `RanksError` if rank 0 ends before.
    func settings<Value: Configuration>(_ own: Resolved<Value>?) throws -> Value {
        let text = try shared(own.map { $0.yaml() } ?? "")
        if let own { return own.value }
        let file = FilePath.join(NSTemporaryDirectory(), "supernet-settings-\(getpid()).yaml")
        try AtomicFile.write(text, to: file)
        defer { unlink(file) }
        return try ConfigurationLoader.load(Value.self, file: file).value
    }

    /// Holds the images of this process to those of rank 0: their number, their labels and the classes.
    func compareImages(_ train: any ImageDataset) throws {
        let labels = (0..<train.count).map { "\(train.label(at: $0))" }.joined(separator: " ")
        let text = "\(train.count) images of \(train.classNames.count) classes, digest "
        let digest = FileDigest.text(of: Array((labels + train.classNames.joined(separator: "\n")).utf8)).prefix(12)
        try compare("set of images", text + digest)
    }
}
