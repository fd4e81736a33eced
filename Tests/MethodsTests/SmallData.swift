import Architectures
import Datasets
import Foundation
import NN
import Networks
import Tasks
import Torch
import Training

@testable import Methods

/// Grey images of 8 x 8 whose class is the place of a bar; the last class has none.
struct Bars: ImageDataset {
    var count = 64
    let classNames = ["top", "middle", "bottom", "none"]

    func label(at index: Int) -> Int { index % 4 }

    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        var pixels = (0..<64).map { UInt8(truncatingIfNeeded: ($0 &* 7919 &+ index &* 104_729) % 64) }
        if label(at: index) < 3 {
            let row = label(at: index) * 3
            for place in row * 8..<(row + 2) * 8 { pixels[place] = 255 }
        }
        return Image(width: 8, height: 8, channels: 1, pixels: pixels)
    }

    func source(at index: Int) -> String { "bar \(index)" }

    /// Batches of randomly shifted images, with some views of each.
    static func loader(views: Int, batchSize: Int = 8, count: Int = 64, shifted: Bool = true) throws -> BatchLoader {
        try BatchLoader(
            dataset: Bars(count: count),
            augmentation: Augmentation([
                shifted ? .randomCrop(size: 8, padding: 2) : .centerCrop(8), .normalize(mean: [0.3], std: [0.3]),
            ]),
            options: BatchLoaderOptions(
                batchSize: batchSize, views: views, shuffle: true, seed: 9, layout: .nhwc, channels: .grey))
    }

    /// The first batches of the first epoch.
    static func batches(_ count: Int, views: Int, batchSize: Int = 8) throws -> [Batch] {
        if batchSize == 8, let made = usual[views] { return try Array(made.get().prefix(count)) }
        return try read(count, views: views, batchSize: batchSize)
    }

    /// Those that most tests take, made once.
    private static let usual = Dictionary(
        uniqueKeysWithValues: [1, 2, 4].map { views in (views, Result { try read(6, views: views, batchSize: 8) }) })

    private static func read(_ count: Int, views: Int, batchSize: Int) throws -> [Batch] {
        let iterator = try loader(views: views, batchSize: batchSize).batches(epoch: 0)
        return try (0..<count).compactMap { _ in try iterator.next() }
    }
}

/// Two blocks of four candidates.
enum Tiny {
    static func description() throws -> SupernetDescription { try made.get() }

    private static let made = Result {
        try ResNeStSpace(channels: 1, stem: .small, planes: [16, 16], depths: [1, 1], expansion: 1).description()
    }

    static let dimension = 8

    static func store(seed: UInt64) throws -> ParameterStore {
        try ParameterStore(seed: seed, format: .channelsLast)
    }

    static func encoder(seed: UInt64) throws -> SupernetEncoder {
        try SupernetEncoder(description(), dimension: dimension, store: store(seed: seed))
    }

    /// Which of the four bars an image shows.
    static let task = ClassificationTask(OpenedDataset(train: Bars(), validation: Bars(count: 16)))

    static func taskSupernet(seed: UInt64) throws -> TaskSupernet {
        try TaskSupernet(description(), task: task, store: store(seed: seed))
    }

    /// Pi-NAS over embeddings as short as those of these encoders.
    static func piOptions(_ change: (inout PiMethod.Options) -> Void = { _ in }) -> PiMethod.Options {
        var options = PiMethod.Options()
        options.dimension = dimension
        change(&options)
        return options
    }

    /// What supervised methods learn by here: a task, with label smoothing.
    static func objective(
        _ task: any RecognitionTask = task, seed: UInt64 = 5, _ precision: Precision = .float32,
        smoothing: Double = 0.1,
        _ change: (inout TrainConfiguration) -> Void = { _ in }
    ) throws -> TaskObjective {
        var train = TrainConfiguration()
        train.labelSmoothing = smoothing
        change(&train)
        return try TaskObjective(task, train: train, precision: precision, device: .cpu, seed: seed, steps: 8)
    }

    static func supernet(seed: UInt64) throws -> Supernet {
        try Supernet(description(), store: store(seed: seed))
    }

    static var architectures: [Architecture] { (0..<16).map { Architecture([$0 / 4, $0 % 4]) } }

    /// The choice and the candidate that a tensor belongs to, told by its key alone: candidates lie under their
    /// numbers. Nil for shortcuts and whatever else all paths share.
    static func owner(of key: String) -> (point: Int, candidate: Int)? {
        let words = key.split(separator: ".")
        guard words[0].hasPrefix("layer"), words[3] != "downsample", let stage = Int(words[0].dropFirst(5)),
            let candidate = Int(words[2])
        else { return nil }
        return (stage - 1, candidate)
    }

    /// Whether a tensor is part of a path.
    static func isOn(_ path: Architecture, _ key: String) -> Bool {
        owner(of: key).map { path[$0.point] == $0.candidate } ?? true
    }
}

/// The elements' bytes: equal for tensors that agree bit by bit.
func bits(_ tensor: Tensor) throws -> Data {
    try tensor.detached().contiguous().withUnsafeBytes { Data($0) }
}

/// The bytes of every tensor of a state.
func bits(_ state: [(key: String, tensor: Tensor)]) throws -> [String: Data] {
    try Dictionary(uniqueKeysWithValues: state.map { ($0.key, try bits($0.tensor)) })
}

/// Moves every parameter by noise, so that nothing is zero and no block is its shortcut.
func shake(_ store: ParameterStore, seed: UInt64 = 12) throws {
    let generator = try Generator(seed: seed)
    try withoutGradients {
        for entry in store.parameters {
            try entry.tensor.addInPlace(.normal(entry.tensor.shape, deviation: 0.1, using: generator))
        }
    }
}

/// Every element as a double, in the order of the dimensions.
func doubles(_ tensor: Tensor) throws -> [Double] { try tensor.detached().to(.float64).array(Double.self) }

/// The rows of a matrix.
func rows(_ matrix: Tensor) throws -> [[Double]] {
    let (values, width) = (try doubles(matrix), matrix.size(1))
    return (0..<matrix.size(0)).map { Array(values[$0 * width..<($0 + 1) * width]) }
}

/// The largest distance of two tensors' elements.
func distance(_ a: Tensor, _ b: Tensor) throws -> Double {
    guard a.shape == b.shape else { return .infinity }
    return try withoutGradients { try (a.to(.float64) - b.to(.float64)).absolute().max().item() }
}

/// log of the sum of exponentials.
func logSumExp(_ values: [Double]) -> Double {
    let most = values.max() ?? 0
    return most + log(values.reduce(0) { $0 + exp($1 - most) })
}
