import ArgumentParser

/// What `make bench` runs. Every comparison alternates between this library and its peer in one run.
@main
struct Benchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SupernetBenchmarks",
        abstract: "Times this library against PyTorch in Python on the same machine, in the same run.",
        subcommands: [
            All.self, Step.self, PiStep.self, Segmentation.self, Detector.self, Paths.self, Latency.self, Deployed.self,
            Overhead.self,
            Loading.self, LoadingWorker.self, Detections.self,
        ],
        defaultSubcommand: All.self)
}

/// Everything, in the order of the documentation.
struct All: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All benchmarks, one after another.")

    func run() throws {
        for arguments in [["--network", "tiny"], ["--network", "resnest50"]] {
            try Step.parse(arguments).run()
        }
        for size in ["224", "64", "32"] { try PiStep.parse(["--size", size]).run() }
        try Segmentation.parse([]).run()
        try Paths.parse([]).run()
        try Latency.parse([]).run()
        try Overhead.parse([]).run()
        try Loading.parse([]).run()
        try Detections.parse([]).run()
    }
}
