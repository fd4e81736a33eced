import Distributed
import Foundation
import NN
import TestFolders
import TestImages
import Testing
import Torch

/// The child half of the tests with several processes: this very test program, told by the environment which rank it is and
/// what to do.
@Suite struct RankChild {
    private static let taskVariable = "SUPERNET_TEST_TASK"
    private static let folderVariable = "SUPERNET_TEST_TASK_FOLDER"

    /// Starts a rank.
    static func start(
        _ task: String, rank: Int, of size: Int, port: Int, folder: String, timeout: Double = 120
    ) throws -> Process {
        let world = World(
            rank: rank, size: size, localRank: rank, localSize: size, address: "127.0.0.1", port: port)
        return try ChildTest.start(
            "RankChild",
            environment: world.environment.merging([
                taskVariable: task, folderVariable: folder, "SUPERNET_TEST_TIMEOUT": "\(timeout)",
            ]) { $1 })
    }

    /// Runs a task on all ranks; gives what each wrote.
    static func outcomes(
        _ task: String, ranks: Int, timeout: Double = 120, disturb: ([Process]) throws -> Void = { _ in }
    ) throws -> [String] {
        let folder = try TemporaryFolder()
        let port = try freePort()
        let children = try (0..<ranks).map {
            try start(task, rank: $0, of: ranks, port: port, folder: folder.path, timeout: timeout)
        }
        try disturb(children)
        for child in children { child.waitUntilExit() }
        return (0..<ranks).map { (try? folder.text("\($0)")) ?? "nothing" }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment[taskVariable] != nil))
    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let task = environment[Self.taskVariable], let folder = environment[Self.folderVariable],
            let world = try World.found(in: environment)
        else { return }
        try Runtime.setThreadCount(1)
        var words: String
        do {
            let ranks = try Ranks(world, timeout: environment["SUPERNET_TEST_TIMEOUT"].flatMap { Double($0) } ?? 120)
            words = try Self.does(task, ranks, folder)
        } catch { words = "error: \(error)" }
        try Data(words.utf8).write(to: URL(filePath: "\(folder)/\(world.rank)"), options: .atomic)
        _exit(0)
    }

    private static func does(_ task: String, _ ranks: Ranks, _ folder: String) throws -> String {
        switch task {
        case "collectives": return try collectives(ranks)
        case "store": return try store(ranks)
        case "norm": return try norm(ranks)
        case "rows": return try rows(ranks)
        case "gradients": return try gradients(ranks)
        case "alone": return try alone(ranks)
        case "unequal":
            try ranks.compare("configuration", "the same")
            try ranks.compare("number of parameters", ranks.rank == 1 ? "8" : "7")
            return "went on"
        case "steps": return try steps(ranks, folder)
        case "peer": return try peer(ranks)
        default: return "an unknown task"
        }
    }

    private static func require(_ holds: Bool, _ what: String) throws {
        struct Wrong: Error, CustomStringConvertible { let description: String }
        if !holds { throw Wrong(description: "\(what) is wrong") }
    }

    private static func collectives(_ ranks: Ranks) throws -> String {
        let (group, rank, size) = (ranks.group, ranks.rank, ranks.size)
        let all = Double(size * (size + 1) / 2)
        for type in [DType.float32, .float64, .int64, .int32] {
            let tensor = try Tensor.full([5, 3], Double(rank + 1), dtype: type)
            try group.reduce([tensor])
            try require(try tensor.to(.float64).array(Double.self).allSatisfy { $0 == all }, "a sum of \(type)")
        }
        // Of any memory format, several at once.
        let image = try Tensor.full([2, 3, 4, 5], Double(rank)).contiguous(.channelsLast)
        let other = try Tensor([Int64(rank)])
        try group.reduce([image, other], .maximum)
        try require(try image.array(Float.self).allSatisfy { $0 == Float(size - 1) }, "a maximum")
        try require(try other.array(Int64.self) == [Int64(size - 1)], "a maximum of numbers")
        let shared = try Tensor.full([4], Double(rank))
        try group.broadcast([shared], from: 1)
        try require(try shared.array(Float.self) == [1, 1, 1, 1], "a broadcast")
        let gathered = try group.gathered(Tensor.full([2], Double(rank)))
        let pairs = (0..<size).flatMap { (other: Int) in [Float(other), Float(other)] }
        try require(try gathered.array(Float.self) == pairs, "what was gathered")
        // Rank r sends r + 1 rows to each.
        let rows = try Tensor.full([size * (rank + 1), 2], Double(rank))
        let came = try group.exchanged(
            rows, sent: [Int](repeating: rank + 1, count: size), received: (0..<size).map { $0 + 1 })
        let expected = (0..<size).flatMap { (other: Int) in [Float](repeating: Float(other), count: 2 * (other + 1)) }
        try require(try came.array(Float.self) == expected, "what was exchanged")
        try group.barrier(timeout: 100)
        try ranks.finish()
        return "right"
    }

    private static func store(_ ranks: Ranks) throws -> String {
        let store = ranks.store
        if ranks.isFirst {
            for job in 0..<8 { try store.push("jobs", Array("\(job)".utf8)) }
            try store.set("ready", "yes")
            var done: Set<String> = []
            for _ in 0..<8 { done.insert(String(decoding: try store.pop("done", timeout: 100), as: UTF8.self)) }
            try require(done == Set((0..<8).map { "\($0)" }), "the set of jobs")
            try require(try store.pop("done") == nil, "an empty queue")
            try store.set("stop", "")
        } else {
            try require(try store.text("ready", timeout: 100) == "yes", "a text")
            while try !store.contains("stop") {
                if let job = try store.pop("jobs") { try store.push("done", job) } else { usleep(2_000) }
            }
        }
        try store.add("counter", 2)
        try store.set("told/\(ranks.rank)", "")
        for other in 0..<ranks.size { _ = try store.value("told/\(other)", timeout: 100) }
        try require(try store.add("counter", 0) == 2 * ranks.size, "a counter")
        let error = #expect(throws: TorchError.self) { _ = try store.value("never", timeout: 0.2) }
        try require(error != nil, "a wait for a key that never comes")
        try ranks.finish()
        return "right"
    }

    /// Batch norm over the parts of a batch of unequal size, against one pass over all: by the fused loops, and in float64, which
    /// they do not take, as on a GPU by libtorch's operators.
    private static func norm(_ ranks: Ranks) throws -> String {
        for dtype in [DType.float32, .bfloat16, .float64] {
            let (whole, mixed) = try (values([7, 6, 3, 2], 1), values([7, 6, 3, 2], 2))
            let extra = try values([7, 6, 3, 2], 3)
            let ends = [0] + (1..<ranks.size).map { $0 + 1 } + [7]
            let own = ends[ranks.rank]..<ends[ranks.rank + 1]
            func pass(_ rows: Range<Int>, group: String) throws -> [Tensor] {
                let x = try whole.slice(rows).to(dtype).contiguous(.channelsLast).requireGradient()
                let residual = try extra.slice(rows).to(dtype).contiguous(.channelsLast).requireGradient()
                let parameters: DType = dtype == .float64 ? .float64 : .float32
                let weight = try values([6], 4).to(parameters).requireGradient()
                let bias = try values([6], 5).to(parameters).requireGradient()
                let mean = try Tensor.zeros([6], dtype: parameters)
                let variance = try Tensor.ones([6], dtype: parameters)
                let y = try x.batchNormalized(
                    weight: weight, bias: bias, residual: residual, runningMean: mean, runningVariance: variance,
                    training: true, momentum: 0.3, relu: true, group: group)
                try (y.to(.float32) * mixed.slice(rows)).sum().backward()
                return [y, x.gradient, residual.gradient, mean, variance, weight.gradient, bias.gradient].compactMap {
                    $0
                }
            }
            let (here, all) = (try pass(own, group: ranks.group.name), try pass(0..<7, group: ""))
            try require(here.count == 7 && all.count == 7, "the number of gradients")
            let tolerance = dtype == .bfloat16 ? 0.03 : 1e-5
            for (index, name) in ["the output", "the gradient of x", "the gradient of the residual"].enumerated() {
                let part = try all[index].slice(own).to(.float32)
                try require(
                    try here[index].to(.float32).isClose(to: part, relative: tolerance, absolute: tolerance), name)
            }
            for (index, name) in [(3, "the mean"), (4, "the variance")] {
                try require(try here[index].isClose(to: all[index], relative: 1e-5, absolute: 1e-6), name)
            }
            // Of scale and shift each has its own part, which add up.
            for index in 5...6 {
                try ranks.addUp([here[index]])
                try require(
                    try here[index].isClose(to: all[index], relative: tolerance, absolute: 10 * tolerance),
                    "the gradient of a parameter")
            }
        }
        try ranks.finish()
        return "right"
    }

    private static func values(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
        try Tensor.normal(shape, using: Generator(seed: seed))
    }

    private static func rows(_ ranks: Ranks) throws -> String {
        let count = 3
        let order = (0..<count * ranks.size).map { ($0 * 5 + 2) % (count * ranks.size) }
        try require(Set(order).count == order.count, "the order of the test")
        let own = try Tensor((0..<count).map { Float(ranks.rank * count + $0) }, shape: [count, 1])
        let found = try ranks.rows(order, of: own).array(Float.self)
        try require(
            found == order[ranks.rank * count..<(ranks.rank + 1) * count].map { Float($0) }, "the rows of the order")
        try ranks.finish()
        return "right"
    }

    private static func gradients(_ ranks: Ranks) throws -> String {
        // One large, many small, and one without a gradient.
        let parameters = try (0..<12).map { number in
            (key: "p\(number)", tensor: try Tensor.zeros(number == 3 ? [200, 200] : [number + 1]).requireGradient())
        }
        for (key, tensor) in parameters where key != "p5" {
            try (tensor.sum() * Double(ranks.rank + 1)).backward()
        }
        try ranks.averageGradients(parameters, step: 0)
        let mean = Float(ranks.size + 1) / 2
        for (key, tensor) in parameters {
            guard let gradient = tensor.gradient else {
                try require(key == "p5", "a missing gradient")
                continue
            }
            try require(try gradient.array(Float.self).allSatisfy { abs($0 - mean) < 1e-6 }, "the mean of \(key)")
        }
        // Another parameter on one rank.
        try (parameters[ranks.rank == 1 ? 5 : 4].tensor.sum() * 1).backward()
        do {
            try ranks.averageGradients(parameters, step: 1)
            return "went on"
        } catch let error as RanksError { return "\(error)" }
    }

    private static func alone(_ ranks: Ranks) throws -> String {
        let found = try ranks.alone { () -> Int in
            usleep(300_000)
            return try Runtime.threadCount()
        }
        try require(found == (ranks.isFirst ? ranks.size : nil), "what rank 0 did")
        try require(try Runtime.threadCount() == 1, "the number of threads after it")
        let state = try ranks.shared(
            ranks.isFirst ? [("a", try values([2, 3], 1)), ("n", try Tensor([Int64(7)]))] : [])
        try require(state.map(\.key) == ["a", "n"], "the keys of the state")
        try require(try state[0].tensor.array(Float.self) == values([2, 3], 1).array(Float.self), "the state")
        try require(try state[1].tensor.array(Int64.self) == [7], "the number in the state")
        try require(try ranks.shared(ranks.isFirst ? "said" : "") == "said", "the text")
        try ranks.finish()
        return "right"
    }

    /// Steps without end, of which some are told.
    private static func steps(_ ranks: Ranks, _ folder: String) throws -> String {
        for step in 0..<1_000_000 {
            _ = try ranks.begin(step: step, images: 2)
            if step == 20 { try Data().write(to: URL(filePath: "\(folder)/at-20-\(ranks.rank)")) }
        }
        return "came to an end"
    }

    /// The same as `Tests/Goldens/process_peer.py`, which is the other rank.
    private static func peer(_ ranks: Ranks) throws -> String {
        // Gloo's sums, whose bits both must have.
        let tensor = try values([1001], UInt64(ranks.rank) + 7)
        let mine = try tensor.cloned()
        let rows = try ranks.group.gathered(mine.reshaped([1, 1001]))
        try ranks.group.reduce([tensor])
        try require(try tensor.array(Float.self) == rows.sum([0]).array(Float.self), "the sum")
        let all = try ranks.group.gathered(tensor.reshaped([1, 1001]))
        try require(
            try all[0].array(Float.self) == all[1].array(Float.self), "the sum, which another program has too,")
        let shared = try Tensor.zeros([3])
        try ranks.group.broadcast([shared], from: 1)
        return try shared.array(Float.self) == [1, 2, 3] ? "right" : "the broadcast is wrong"
    }
}
