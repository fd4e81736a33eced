import Architectures
import Datasets
import Methods
import Networks
import Support
import Tasks
import Training
import Workflows

/// Circles and squares of any size and place in noise, drawn when they are asked for: an index is always one image.
struct Shapes: ImageDataset {
    let count: Int
    let seed: UInt64
    let classNames = ["circle", "square"]
    func label(at index: Int) -> Int { index % 2 }
    func source(at index: Int) -> String { "shape \(index)" }
    func image(at index: Int, decoding: ImageDecoding) -> Image {
        var generator = SeededGenerator(seed: seed, UInt64(index))
        let (side, radius) = (24, generator.uniform(4, 9))
        let (left, top) = (generator.uniform(radius, 23 - radius), generator.uniform(radius, 23 - radius))
        let pixels = (0..<side * side).map { place in
            let (x, y) = (abs(Double(place % side) - left), abs(Double(place / side) - top))
            let isInside = label(at: index) == 0 ? x * x + y * y < radius * radius : max(x, y) < radius
            return UInt8(clamping: Int((isInside ? 160 : 96) + 24 * generator.normal()))
        }
        return Image(width: side, height: side, channels: 1, pixels: pixels)
    }
}

/// A stem, and then a chain of six places for a convolution of one of three sizes, pooling or nothing; 15,625 networks.
func chain() throws -> SupernetDescription {
    func block(_ kernel: Int, stride: Int = 1) -> Layer {
        .sequence(Layer.convolutionBlock("conv", "norm", .init(24, kernel: kernel, stride: stride)))
    }
    let pool = Layer.pool(.init(.average, kernel: 3, stride: 1, padding: 1))
    let others = [Layer.Candidate("pool", pool), Layer.Candidate("identity", .identity)]
    let candidates = [3, 5, 1].map { Layer.Candidate("\($0)x\($0)", block($0)) } + others
    let places = (1...6).map { Layer.Part("place\($0)", .choice(.init("place\($0)", candidates))) }
    let stem = (0..<2).map { Layer.Part("stem.\($0)", block(3, stride: 2)) }
    return try SupernetDescription("chain", channels: 1, backbone: .sequence(stem + places + [.init("", .globalPool)]))
}

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 4000
var options = StudyConfiguration()
(options.data.source, options.precision) = ("shapes", .float32)
options.data.evaluation = try Augmentation([.centerCrop(24), .normalize(mean: [0.4], std: [0.2])])
options.method = try MethodConfiguration(named: "spos")
options.finetune.epochs = 3
(options.supernet.epochs, options.supernet.batchSize, options.supernet.learningRate) = (15, 64, 0.1)
(options.search.evaluations, options.search.initial, options.search.maxMacs) = (100, 30, 1_000_000)
let data = OpenedDataset(train: Shapes(count: count, seed: 1), test: Shapes(count: 1000, seed: 2))
let study = try Study(options, path: "runs/own-space", space: chain(), open: .given(data))
try SupernetTraining(study)()
print("found:", try ArchitectureSearch(study)().candidates.joined(separator: ", "))
let training = try NetworkPhase(study, .finetune).training()
print("accuracy on test images:", try training().test?.accuracy ?? .nan)

let predictor = Predictor(try NetworkFile.read(training.networkFile))
for shape in try predictor.classes(Shapes(count: 6, seed: 3)) {
    print("\(shape.image): \(shape.classes[0].name), sure to \(shape.classes[0].probability)")
}
