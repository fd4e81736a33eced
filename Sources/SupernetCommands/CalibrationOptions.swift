import ArgumentParser
import Datasets
import Experiments
import Foundation
import NN
import Networks
import ONNX
import Quantization
import Support
import Tasks
import Torch
import Training

/// The options of an export in integers of eight bits.
struct CalibrationOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "ONNX: compute in integers of eight bits (QDQ), which processors with such instructions do faster.")
    var int8 = false
    @Option(
        name: .long,
        help: """
            For --int8: images like those that the network will see, by which the ranges of values are known; labels do not \
            matter. A folder, of which `train` is taken where there is one, or the name of a data set.
            """)
    var calibrate: String?
    @Option(name: .long, help: "For --int8: how many of the images are used, evenly over all of them.")
    var calibrationImages = 256
    @Option(
        name: .long,
        help:
            "For --int8: the error of the outputs, as a share of their variance, from which layers stay in floating point."
    )
    var largestError = 0.01

    func validate() throws {
        guard int8 || calibrate == nil else { throw ValidationError("--calibrate is for --int8") }
        guard !int8 || calibrate != nil else {
            throw ValidationError("--int8 needs --calibrate FOLDER: some hundred images like those that will come")
        }
        guard (1...4096).contains(calibrationImages) else {
            throw ValidationError("--calibration-images must be in 1...4096, is \(calibrationImages)")
        }
        guard largestError > 0 else { throw ValidationError("--largest-error must be above 0, is \(largestError)") }
    }

    /// Quantizes a network.
    ///
    /// - Throws: `ValidationError` for a detector; `DatasetError`, `QuantizationError`, what the loader throws.
    func quantization(of store: ParameterStore, _ head: NetworkHead, _ card: NetworkFile.Card) throws
        -> Quantizer.Outcome
    {
        guard head.kind != .detector else {
            throw ValidationError("--int8 is not for detectors: the ranges of values of their heads cannot be seen")
        }
        let all = try images(of: card, head)
        let count = min(all.count, calibrationImages)
        let images = try Subset(of: all, indices: (0..<count).map { $0 * all.count / count })
        var batches: [Tensor] = []
        let iterator = try card.batches(images, batchSize: 32, skipBadImages: false)
        while let batch = try iterator.next() { batches.append(try batch.images(on: .cpu).contiguous()) }
        let progress = ProgressReporter()
        defer { progress.finish() }
        let (network, kind) = ONNXFile.graph(card, head)
        return try Quantizer(
            network, imageSize: card.imageSize, head: kind, options: .init(largestError: largestError),
            tensors: ONNXFile.tensors(of: store)
        )(batches) { doing, step, steps in
            progress.update(ProgressState(phase: doing, step: step, steps: steps))
        }
    }

    /// The images that are named: of a data set those to learn from, never its test images.
    private func images(of card: NetworkFile.Card, _ head: NetworkHead) throws -> any ImageDataset {
        let source = calibrate ?? ""
        guard !DataSource.isNamed(source), !TaskSource.isSynthetic(source) else {
            return try card.task(of: source, head: head).scoring(source, with: TaskSource.open).data.train
        }
        let train = FilePath.join(source, "train")
        return try ImageFiles([FileManager.default.fileExists(atPath: train) ? train : source])
    }

    /// What was found, for the table of the result.
    static func rows(_ outcome: Quantizer.Outcome, _ card: NetworkFile.Card) -> [(String, String)] {
        func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
        let kept = outcome.quantization.floatLayers
        var rows = [("layers in int8", "\(outcome.layers - kept.count) of \(outcome.layers)")]
        if !kept.isEmpty {
            rows += [
                ("in floating point", kept.sorted().joined(separator: ", ")),
                ("error with all in int8", percent(outcome.errorOfAll)),
            ]
        }
        rows.append(("error of outputs", percent(outcome.error) + " of their variance"))
        if !card.classNames.isEmpty { rows.append(("same answer as in float32", percent(outcome.agreement))) }
        return rows
    }
}
