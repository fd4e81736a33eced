import Architectures
import ArgumentParser
import Foundation
import Metrics
import NN
import Networks
import Rankings
import SearchStrategies
import Supernets
import Support
import Torch

/// Evaluating the paths of an evolution, statistics recalibrated for each: as a trie, against one path at a time.
struct Paths: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluation of an evolution's paths as a trie, against one path at a time.")

    @Option(help: "Side of the square images.") var size = 32
    @Option(help: "Images that statistics are recalibrated from, in batches of 64.") var recalibration = 64
    @Option(help: "Images that are evaluated, in batches of 64.") var validation = 64
    @Option(help: "Rounds of the evolution, each timed on every side.") var rounds = 16
    @Option(help: "Paths of a round.") var paths = 16
    @Option(help: "Megabytes of activations that each trie keeps.") var cache = 4096
    @Option(help: "Threads.") var threads = 2

    func run() throws {
        try Runtime.setThreadCount(threads)
        let space = ResNeStSpace(stem: .small, planes: [16, 32, 64, 128], depths: [3, 4, 6, 3])
        let description = try space.description()
        func side(_ format: MemoryFormat, _ precision: Precision, cache: Int) throws -> (PathEvaluator, Tensor) {
            let supernet = try Supernet(description, store: ParameterStore(seed: 1, format: format))
            let generator = try Generator(seed: 3)
            // Blocks start as their shortcuts; a trained supernet's do not.
            try withoutGradients {
                for entry in supernet.store.parameters where entry.key.hasSuffix("bn3.weight") {
                    try entry.tensor.copyInPlace(
                        from: .uniform(entry.tensor.shape, low: 0.2, high: 0.8, using: generator))
                }
            }
            let head = try Tensor.normal([10, supernet.features], using: generator)
            func batches(_ count: Int) throws -> [Tensor] {
                try (0..<max(1, count / 64)).map { _ in try Tensor.normal([64, 3, size, size], using: generator) }
            }
            var options = PathEvaluator.Options()
            (options.precision, options.cacheLimit) = (precision, cache)
            return (
                try PathEvaluator(
                    supernet, recalibration: batches(recalibration), validation: batches(validation), options: options),
                head
            )
        }
        // A score that differs from path to path without training: the share of images given to class 0, finely
        // resolved by the mean margin.
        func score(_ features: [Tensor], _ head: Tensor) throws -> Double {
            try features.map {
                try ($0.to(.float32).matrixProduct(head.transposed(0, 1))).softmax(1).select(0, dimension: 1).mean()
                    .item()
            }
            .reduce(0, +) / Double(features.count)
        }
        var strategy = try RegularizedEvolution(
            ConstraintSampler(description.space, seed: 5), populationSize: 2 * paths, sampleSize: paths)
        var asked: [[Architecture]] = []
        var times = [[Double]](repeating: [], count: 3)
        var scores = [[Double]](repeating: [], count: 3)
        var pieces: [Double] = []
        // One side after the other, as each may fill the memory that a search has to itself.
        for (number, (format, precision)) in [
            (MemoryFormat.contiguous, Precision.float32), (.contiguous, .float32), (.channelsLast, .bfloat16),
        ].enumerated() {
            let (evaluator, head) = try side(format, precision, cache: number == 0 ? 0 : cache << 20)
            for round in 0..<rounds + 2 {
                if number == 0 { asked.append(try strategy.ask(paths)) }
                let start = DispatchTime.now().uptimeNanoseconds
                let before = evaluator.work
                let found =
                    number == 0
                    ? try asked[round].map { try evaluator.evaluateAlone($0) { try score($1, head) } }
                    : try evaluator.evaluate(asked[round]) { try score($1, head) }
                // The first two rounds are the random population.
                if round >= 2 { times[number].append(Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6) }
                scores[number] += found
                if number == 0 { try strategy.tell(zip(asked[round], found).map { Evaluation($0, score: $1) }) }
                if number == 1, round >= 2 {
                    let (run, alone) = (evaluator.work.run - before.run, evaluator.work.alone - before.alone)
                    pieces.append(Double(run) / Double(alone))
                }
            }
            evaluator.forgetActivations()
            try Runtime.trimMemory()
        }
        let differing = zip(scores[0], scores[1]).count { $0 != $1 }
        print("\n\(paths) paths a round of regularised evolution, 16 choices, \(size)x\(size), \(threads) threads")
        for (name, own) in zip(
            [
                "one at a time, float32, contiguous", "trie, float32, contiguous", "trie, bfloat16, channels_last",
            ], times)
        {
            let ratios = zip(times[0], own).map { $0 / $1 }
            let whole = times[0].reduce(0, +) / own.reduce(0, +)
            print(
                String(
                    format: "  %@  median %8.1f ms   %.2f times the speed (%.2f to %.2f), %.2f over all rounds",
                    name.padding(toLength: 36, withPad: " ", startingAt: 0), median(own), median(ratios),
                    ratios.min() ?? 0, ratios.max() ?? 0, whole))
        }
        let tau = KendallTau.b(scores[0], scores[2]) ?? .nan
        print(String(format: "  pieces of the computation that the trie runs: %.0f %%", 100 * median(pieces)))
        print("  scores of the trie that differ at the same precision: \(differing) of \(scores[0].count)")
        print(String(format: "  rank agreement of bfloat16 with float32 scores: Kendall tau %.3f", tau))
    }
}
