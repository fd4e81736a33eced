import Datasets
import Distributed
import Foundation
import TestFolders
import TestImages
import TestSupernets
import Testing
import Torch
import Training

@testable import SupernetCommands

/// Trainings by several processes from the command line: the same network as one process makes, whatever happens on the way.
@Suite(.serialized, .enabled(if: KeyValueStore.isAvailable)) struct ProcessesVerbTests {
    private let folder: TemporaryFolder
    private let program = BuiltProgram("supernet")

    init() throws {
        folder = try TemporaryFolder()
        try BarImages(count: 48).write(to: folder.file("bars"))
    }

    /// A network that learns bars; rates are low, so that differences of rounding stay small.
    private static let network =
        SmallSettings.bars + [
            "network.planes=[16, 16]", "network.depths=[1, 1]", "network.expansion=1", "network.code=[3, 1]",
            "train.batch-size=8", "train.learning-rate=0.002", "train.label-smoothing=0", "train.warm-up-epochs=0",
            "log.checkpoint-every=3",
        ]

    private static func supernet(_ method: [String]) -> [String] {
        network.filter { !$0.hasPrefix("network.") && !$0.hasPrefix("train.") } + [
            "space.stem=small", "space.planes=[16, 16]", "space.depths=[1, 1]", "space.expansion=1",
            "supernet.batch-size=8", "supernet.learning-rate=0.002", "supernet.label-smoothing=0",
        ] + method
    }

    private func train(_ run: String, _ settings: [String], processes: Int = 1, _ more: [String] = []) throws {
        let outcome = try program.run(
            ["train", "--run", run, "--threads", "1", "--processes", "\(processes)"] + more
                + settings.flatMap { ["--set", $0] }, in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// The parameters of a file by key; running statistics only where they are the same for all processes.
    private func weights(_ path: String, statistics: Bool) throws -> [String: [Float]] {
        var found: [String: [Float]] = [:]
        for (key, tensor) in try Checkpoint.read(folder.file(path)).tensors where tensor.dtype == .float32 {
            if statistics || !key.contains("running_") { found[key] = try tensor.array(Float.self) }
        }
        return found
    }

    private func expectClose(
        _ path: String, _ other: String, _ tolerance: Float, statistics: Bool = true,
        where isMeant: (String) -> Bool = { _ in true }
    ) throws {
        let (own, its) = try (weights(path, statistics: statistics), weights(other, statistics: statistics))
        #expect(own.count > 5 && own.keys == its.keys)
        for (key, values) in own where isMeant(key) {
            guard let others = its[key] else { continue }
            let scale = max(values.map { abs($0) }.max() ?? 0, 0.01)
            let worst = zip(values, others).map { abs($0 - $1) }.max() ?? 0
            #expect(worst <= tolerance * scale, "\(key): \(worst) of \(scale)")
        }
    }

    @Test(arguments: [1, 4]) func networksAreThoseOfOneProcess(epochs: Int) throws {
        let settings = Self.network + ["train.epochs=\(epochs)"]
        for count in [1, 2, 4] { try train("net-\(count)", settings, processes: count) }
        for count in [2, 4] {
            try expectClose("net-1/network.safetensors", "net-\(count)/network.safetensors", epochs == 1 ? 1e-4 : 2e-3)
        }
        // The same number of processes gives the same bits.
        try train("again", settings, processes: 2)
        #expect(try bytes("again/network.safetensors") == bytes("net-2/network.safetensors"))
    }

    @Test(arguments: ["spos", "fairnas", "sandwich", "pi-nas-supervised"]) func supernetsAreThoseOfOneProcess(
        method: String
    )
        throws
    {
        let settings = Self.supernet(["method.name=\(method)", "supernet.epochs=1"])
        for count in [1, 2] { try train("net-\(count)", settings, processes: count) }
        try expectClose("net-1/supernet/supernet.safetensors", "net-2/supernet/supernet.safetensors", 1e-3)
    }

    @Test(arguments: ["queue", "batch"]) func piNASIsThatOfGroups(negatives: String) throws {
        for count in [2, 4] {
            let settings = Self.supernet([
                "method.name=pi-nas", "method.norm-groups=\(count)", "method.queue-length=32", "method.dimension=16",
                "method.negatives=\(negatives)", "supernet.epochs=1",
            ])
            try train("one-\(count)", settings)
            try train("all-\(count)", settings, processes: count)
            for file in ["supernet", "teacher"] {
                try expectClose(
                    "one-\(count)/supernet/\(file).safetensors", "all-\(count)/supernet/\(file).safetensors", 1e-3,
                    statistics: false)
            }
        }
    }

    @Test func segmentersAreThoseOfOneProcess() throws {
        try DiscMaps(count: 32).write(to: folder.file("data"), validationFrom: 28)
        for count in [1, 2] {
            let settings = SmallSettings.segmentation(folder.file("data"), epochs: 1)
            let outcome = try program.run(
                ["train", "--run", "seg-\(count)", "--threads", "1", "--processes", "\(count)"] + settings + [
                    "--set", "train.learning-rate=0.001",
                ], in: folder.path)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        // The head drops other features where there are more processes; what lies below it hardly feels that at this rate.
        try expectClose("seg-1/network.safetensors", "seg-2/network.safetensors", 0.03) { !$0.hasPrefix("head.") }
    }

    private func run(_ arguments: [String], processes: Int, _ settings: [String]) throws -> BuiltProgram.Outcome {
        let outcome = try program.run(
            arguments + ["--threads", "1", "--processes", "\(processes)"] + settings.flatMap { ["--set", $0] },
            in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    /// All phases of a study: what learns is shared, and what ranks and scores is done by one process with all threads.
    @Test func studiesAreThoseOfOneProcess() throws {
        let settings = Self.supernet([
            "method.name=spos", "supernet.epochs=1", "search.evaluations=4", "search.initial=4", "finetune.epochs=1",
            "finetune.batch-size=8", "finetune.learning-rate=0.002", "finetune.mix-probability=0",
            "finetune.warm-up-epochs=0",
        ])
        for count in [1, 2] {
            _ = try run(["run", "--run", "study-\(count)"], processes: count, settings)
        }
        try expectClose(
            "study-1/finetune/network.safetensors", "study-2/finetune/network.safetensors", 3e-3)
        let archived = try (1...2).map { try bytes("study-\($0)/finetune/result.json") }
        #expect(try archived.map(Self.architecture)[0] == archived.map(Self.architecture)[1])
        // A network from scratch, by the same command as the phases of one process.
        for count in [1, 2] {
            _ = try run(
                ["retrain", "study-\(count)"], processes: count,
                [
                    "retrain.epochs=1", "retrain.batch-size=8", "retrain.learning-rate=0.002",
                    "retrain.mix-probability=0",
                ])
        }
        try expectClose("study-1/retrain/network.safetensors", "study-2/retrain/network.safetensors", 3e-3)
    }

    private static func architecture(_ result: Data) throws -> String {
        let object = try JSONSerialization.jsonObject(with: result) as? [String: Any]
        return "\(try #require(object?["architecture"]))"
    }

    /// A probe learns on the frozen supernet, which normalises by the whole batch.
    @Test func probesAreThoseOfOneProcess() throws {
        try train(
            "study",
            Self.supernet([
                "method.name=pi-nas", "method.queue-length=32", "method.dimension=16", "supernet.epochs=1",
            ]))
        for count in [1, 2] {
            try FileManager.default.copyItem(atPath: folder.file("study"), toPath: folder.file("probe-\(count)"))
            _ = try run(
                ["probe", "probe-\(count)"], processes: count,
                ["probe.epochs=2", "probe.batch-size=8", "probe.learning-rate=0.1"])
        }
        let probes = try (1...2).map { try Checkpoint.read(folder.file("probe-\($0)/probe/probe.safetensors")).tensors }
        let values = try probes.map { try $0.filter { $0.key == "fc.weight" }[0].tensor.array(Float.self) }
        #expect(values[0].contains { abs($0) > 0.01 })
        #expect(zip(values[0], values[1]).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    /// An adaptation within budgets: its supernet, teacher, found networks and controls are those of one process, and after one of
    /// two was killed those of two.
    @Test func adaptationsAreThoseOfOneProcess() throws {
        try ElasticSource.write(to: folder.file("elastic.safetensors"))
        let settings =
            SmallSettings.bars + [
                "teacher-epochs=1", "supernet.epochs=2", "supernet.batch-size=8", "supernet.learning-rate=0.002",
                "finetune.epochs=3", "finetune.batch-size=8", "finetune.learning-rate=0.002", "search.evaluations=4",
                "search.initial=4", "search.recalibration-images=16", "search.batch-size=8", "log.checkpoint-every=3",
                "controls=[narrowing, random-path]", "supernet.warm-up-epochs=0", "finetune.warm-up-epochs=0",
            ]
        func arguments(_ run: String) -> [String] {
            ["adapt", "--source", "elastic.safetensors", "--data", "bars", "--run", run, "--budgets", "50%,100%"]
        }
        for count in [1, 2] { _ = try run(arguments("adapted-\(count)"), processes: count, settings) }
        try expectClose(
            "adapted-1/supernet/adapted.safetensors", "adapted-2/supernet/adapted.safetensors", 3e-3)
        let networks = ["50-percent/joint", "50-percent/random-path", "100-percent/joint"].map {
            $0 + "/network.safetensors"
        }
        let found = try (1...2).map { try bytes("adapted-\($0)/search/found.json") }
        #expect(found[0] == found[1])
        // Three trainings, each on from the one before: what rounding differs by grows.
        for network in networks { try expectClose("adapted-1/\(network)", "adapted-2/\(network)", 2e-2) }

        let broken = folder.file("broken")
        let thread = Thread {
            let sign = "\(broken)/50-percent/joint/checkpoints/step-00000003.safetensors"
            while !FileManager.default.fileExists(atPath: sign) { usleep(1_000) }
            if let victim = Self.process(of: 1, run: broken) { kill(victim, SIGKILL) }
        }
        thread.start()
        let outcome = try run(arguments(broken), processes: 2, settings)
        #expect(outcome.errors.contains("rank 1 was ended by signal 9: starting all 2 again"), "\(outcome.errors)")
        for network in networks { #expect(try bytes("broken/\(network)") == bytes("adapted-2/\(network)")) }
    }

    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.file(path))) }

    /// The process of a rank of a run.
    private static func process(of rank: Int, run: String) -> pid_t? {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for number in numbers.compactMap({ pid_t($0) }) {
            guard let line = try? Data(contentsOf: URL(filePath: "/proc/\(number)/cmdline")),
                let environment = try? Data(contentsOf: URL(filePath: "/proc/\(number)/environ"))
            else { continue }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            let variables = environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if words.contains(run), variables.contains("RANK=\(rank)") { return number }
        }
        return nil
    }

    /// Kill -9 of a rank in mid-training: all are started again, and end in the bits of an undisturbed run.
    @Test(arguments: [0, 1]) func aKilledRankIsStartedAgain(rank: Int) throws {
        let settings = Self.network + ["train.epochs=14"]
        try train("whole", settings, processes: 2)
        let run = folder.file("broken-\(rank)")
        let thread = Thread {
            let sign = "\(run)/checkpoints/step-00000012.safetensors"
            while !FileManager.default.fileExists(atPath: sign) { usleep(1_000) }
            if let victim = Self.process(of: rank, run: run) { kill(victim, SIGKILL) }
        }
        thread.start()
        let outcome = try program.run(
            ["train", "--run", run, "--threads", "1", "--processes", "2"] + settings.flatMap { ["--set", $0] },
            in: folder.path)
        #expect(outcome.status == 0)
        #expect(
            outcome.errors.contains(
                "rank \(rank) was ended by signal 9: starting all 2 again from the last checkpoint"),
            "\(outcome.errors)")
        #expect(outcome.errors.contains("continuing at step"))
        #expect(try bytes("whole/network.safetensors") == bytes("broken-\(rank)/network.safetensors"))
    }

    @Test func mistakesAreToldOnceAndNotRepeated() throws {
        func refusal(_ more: [String]) throws -> String {
            let outcome = try program.run(
                ["train", "--run", "bad", "--threads", "1", "--processes", "3"]
                    + (Self.network + more).flatMap { ["--set", $0] }, in: folder.path)
            #expect(outcome.status == 1)
            #expect(!outcome.errors.contains("starting all"))
            return outcome.errors
        }
        #expect(try refusal([]).contains("must be a multiple of the 3 processes"))
        #expect(try refusal(["data.source=nowhere"]).contains("nowhere"))
    }

    /// Triplets are of one process's images, which must hold whole identities.
    @Test func identitiesAreNotCutApart() throws {
        let data = DataConfiguration()
        func loader(_ size: Int, _ processes: Int) throws {
            _ = try data.trainingLoader(
                BarImages(count: 64), batchSize: size, setting: "train.batch-size",
                sampling: .identities(perBatch: size / 4, images: 4), share: BatchShare(0, of: processes), seed: 1)
        }
        for (size, processes) in [(8, 2), (12, 2), (16, 3)] {
            #expect(throws: TrainingError.self, "\(size) by \(processes)") { try loader(size, processes) }
        }
        #expect(throws: Never.self) { try loader(16, 2) }
    }

    /// What runs in one process says so under a launcher, and changes nothing.
    @Test(arguments: ["demo", "search", "benchmark", "rank", "compare"]) func otherVerbsAreRefused(verb: String) throws
    {
        let command = BuiltProgram("supernet")
        let outcome = try command.run(
            [verb, "x"], in: folder.path,
            environment: ["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("a launcher has started 2 processes, and `\(verb)` runs in one"))
    }

    @Test func theProcessesStartNoOthers() throws {
        #expect(ProcessOptions.withoutProcesses(["--processes", "4", "--run", "x", "--restarts=2"]) == ["--run", "x"])
    }
}
