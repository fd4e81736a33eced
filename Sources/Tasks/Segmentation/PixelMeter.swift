import Datasets
import Foundation
import Metrics
import Results
import Torch
import Training

/// A meter of segmentation: it counts pixels and keeps no outputs. For pages it keeps each image's label map and
/// prediction, small and in runs.
struct PixelMeter: ScoreMeter {
    private let classes: PixelClasses
    private let absent: PixelConfusion.AbsentClasses
    private var confusion: PixelConfusion?
    private var loss = 0.0
    private var images = 0
    private var kept: [PixelExample] = []

    /// The values of logits that are held at a time.
    private static let mostValues = 1 << 24
    /// The longer side of the maps that are kept, in pixels.
    private static let keptSide = 160

    init(_ classes: PixelClasses, absent: PixelConfusion.AbsentClasses) {
        (self.classes, self.absent) = (classes, absent)
        confusion = try? PixelConfusion(classes: classes.names.count)
    }

    mutating func add(_ outputs: Tensor, _ truth: ScoredBatch) throws {
        guard let maps = truth.maps, outputs.rank == 4 else {
            throw TrainingError.badOption("task.name", "is for maps of logits and of labels, and there are none")
        }
        let (height, width) = (maps.size(1), maps.size(2))
        let values = outputs.size(1) * height * width
        let step = max(Self.mostValues / max(values, 1), 1)
        for start in stride(from: 0, to: outputs.size(0), by: step) {
            let range = start..<min(start + step, outputs.size(0))
            let own = try maps.slice(range, dimension: 0).to(outputs.device)
            let logits = try PixelLogits(outputs.slice(range, dimension: 0).to(.float32), like: own)
            let pixels = try LabelledPixels(own)
            loss += try pixels.crossEntropy(logits).item() * pixels.count.item()
            let predicted = try logits.rows.argmax(1).to(.uint8).array(UInt8.self)
            try add(
                predicted, own.contiguous().array(UInt8.self), height: height, width: width,
                places: Array(truth.images[range]))
        }
    }

    /// Adds predicted label maps, one image after another.
    mutating func add(_ predicted: [UInt8], _ actual: [UInt8], height: Int, width: Int, places: [Int]) throws {
        for (number, place) in places.enumerated() {
            let range = number * height * width..<(number + 1) * height * width
            let (guess, label) = (Array(predicted[range]), Array(actual[range]))
            var own = try PixelConfusion(classes: classes.names.count)
            try own.add(predicted: guess, actual: label, ignored: LabelMap.ignored)
            try confusion?.add(counts: own.counts)
            images += 1
            let share = max(height, width) > Self.keptSide ? Double(Self.keptSide) / Double(max(height, width)) : 1
            func runs(_ map: [UInt8]) -> PixelRuns { PixelRuns(map, height: height, width: width, scaledBy: share) }
            kept.append(
                PixelExample(
                    image: place, meanIntersectionOverUnion: own.meanIntersectionOverUnion(absent: .leftOut),
                    actual: runs(label), predicted: runs(guess)))
        }
    }

    func score() throws -> Score {
        guard images > 0, let confusion, confusion.labelled > 0 else { throw TrainingError.nothingToScore }
        let mean = confusion.meanIntersectionOverUnion(absent: absent)
        return Score(
            mean, standardError: nil,
            metrics: [
                "mIoU": mean, "pixel accuracy": confusion.pixelAccuracy, "loss": loss / Double(confusion.labelled),
            ], count: images)
    }

    func examples() throws -> [Examples] {
        guard images > 0, let confusion else { return [] }
        let count = classes.names.count
        let rows = (0..<count).map { Array(confusion.counts[$0 * count..<($0 + 1) * count]) }
        return [
            Examples(
                images: kept.map(\.image),
                .pixels(
                    names: classes.names, colours: classes.colours.map(\.hex), confusion: rows,
                    shown: PixelExample.chosen(kept)))
        ]
    }
}
