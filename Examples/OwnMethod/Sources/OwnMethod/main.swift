// A way of one's own to train a supernet: only paths that a device can afford learn. Run it with:
// swift run -c release OwnMethod
import Architectures
import Datasets
import Experiments
import Methods
import NN
import Support
import Tasks
import Torch
import Training
import Workflows

/// One uniform path a step among those within a budget of multiply-adds, so that what no device will run takes no part.
final class BudgetedMethod: SupervisedSupernetMethod {
    struct Options: Configuration {
        var maxMacs = 10_000_000
        static let keyHelp = ["max-macs": "The most multiply-adds of a path that learns."]
    }
    static let name = "budgeted"
    static let summary = "One uniform path a step among those within a budget."
    let (model, objective): (TaskSupernet, TaskObjective)
    private let (costs, most): (CostTable, Int)

    init(_ setup: SupernetSetup, most: Int) throws {
        (model, objective) = (try setup.taskSupernet(setup.initialSeed), setup.objective)
        (costs, self.most) = (try setup.costs(), most)
        let least = costs.cost(of: costs.cheapest { Double($0.multiplyAdds) }).multiplyAdds
        guard least <= most else {
            throw TrainingError.badOption("method.max-macs", "must be at least \(least), is \(most)")
        }
    }
    static func make(_ setup: SupernetSetup, _ options: Options) throws -> BudgetedMethod {
        try BudgetedMethod(setup, most: options.maxMacs)
    }
    static func passes(_ options: Options, in space: SearchSpace) -> Double { 3 }

    func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        // Every random choice of a step follows from the seed and the step, so that a killed training goes on exactly.
        var generator = SeededGenerator(seed: objective.seed, 0xB0D6E7, UInt64(step))
        var path = supernet.space.random(using: &generator)
        while costs.cost(of: path).multiplyAdds > most { path = supernet.space.random(using: &generator) }
        let mode = Mode.training(nil)
        let prepared = try objective.prepare(batch, step: step)
        let outcome = try objective.loss(prepared, head: model.head, mode) { try supernet.features($0, path, mode) }
        try outcome.loss.backward()
        return StepOutcome(loss: try outcome.loss.detached(), correct: outcome.correct)
    }
}

/// Stripes that rise or fall, in noise.
struct Stripes: ImageDataset {
    let count: Int
    let seed: UInt64
    let classNames = ["rising", "falling"]
    func label(at index: Int) -> Int { index % 2 }
    func source(at index: Int) -> String { "stripes \(index)" }
    func image(at index: Int, decoding: ImageDecoding) -> Image {
        var generator = SeededGenerator(seed: seed, UInt64(index))
        let phase = generator.below(8)
        let pixels = (0..<400).map { place in
            let (x, y) = (place % 20, label(at: index) == 0 ? place / 20 : 19 - place / 20)
            return UInt8(clamping: Int(((x + y + phase) % 8 < 4 ? 170 : 90) + 40 * generator.normal()))
        }
        return Image(width: 20, height: 20, channels: 1, pixels: pixels)
    }
}

try SupernetMethodFamily.register(SupernetMethodType<BudgetedMethod>())  // from here on: method.name=budgeted
let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 2000
var options = StudyConfiguration()
(options.data.source, options.precision, options.search.maxMacs) = ("stripes", .float32, 3_000_000)
options.space = try SpaceConfiguration(named: "mobile-tiny")
options.method = try MethodConfiguration(named: "budgeted", BudgetedMethod.Options.self) { $0.maxMacs = 3_000_000 }
options.setLengths(images: count)
(options.supernet.epochs, options.search.evaluations, options.finetune.epochs) = (6, 40, 4)
let stripes = OpenedDataset(train: Stripes(count: count, seed: 1), test: Stripes(count: 300, seed: 2))
let result = try Study(options, path: "runs/own-method", open: .given(stripes))()
print("accuracy on test images:", result.test?.accuracy ?? .nan)
