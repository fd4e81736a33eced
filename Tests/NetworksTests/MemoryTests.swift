import Foundation
import NN
import Testing
import Torch

/// Training does not grow: every tensor that a step makes is given back.
@Suite struct MemoryTests {
    /// In a process of its own: resident memory is the process's, and other tests come and go in this one.
    @Test(.timeLimit(.minutes(2)))
    func tenThousandStepsDoNotGrow() async throws {
        await #expect(processExitsWith: .success) {
            let trainer = try Trainer()
            for _ in 0..<1_000 { try trainer.step() }
            let early = try residentBytes()
            for _ in 1_000..<10_000 { try trainer.step() }
            let growth = try residentBytes() - early
            #expect(growth < 3 << 20, "resident memory grew by \(growth) bytes from step 1,000 to 10,000")
        }
    }

    /// The measure itself sees what is kept.
    @Test func keptTensorsAreSeen() async throws {
        await #expect(processExitsWith: .success) {
            let trainer = try Trainer()
            try trainer.step()
            let early = try residentBytes()
            let kept = try (0..<256).map { _ in try Tensor.ones([16_384]) }
            #expect(try residentBytes() - early > 12 << 20, "16 MiB in \(kept.count) tensors")
        }
    }
}

/// A convolution, batch norm, ReLU and a linear layer, trained on batches of four by SGD with momentum.
private struct Trainer {
    private let store: ParameterStore
    private let conv: Conv2d
    private let norm: BatchNorm2d
    private let linear: Linear
    private let optimizer: SGD

    init() throws {
        try Runtime.setThreadCount(1)
        store = try ParameterStore(seed: 1)
        conv = try Conv2d(store.root / "conv", 1, 4, kernel: 3, padding: 1, bias: false)
        norm = try BatchNorm2d(store.root / "bn", 4)
        linear = try Linear(store.root / "fc", 4, 3)
        optimizer = try SGD(ParameterGroup.splitByDecay(store), momentum: 0.9, weightDecay: 1e-4)
    }

    func step() throws {
        try store.clearGradients()
        let images = try Tensor.normal([4, 1, 8, 8], using: store.generator)
        let classes = try Tensor.integers([4], in: 0..<3, using: store.generator)
        let features = try norm(conv(images), .training, relu: true).splitPooled(radix: 1).flattened(from: 1)
        try linear(features).crossEntropy(classes).backward()
        try optimizer.step(learningRate: 0.01)
    }
}

/// Bytes of this process that are in memory now.
private func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
}
