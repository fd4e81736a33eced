import ArgumentParser
import Datasets
import Experiments
import Networks
import Torch

/// What every way of predicting is told, and says.
struct PredictionOptions {
    /// How many classes or matches to name for an image.
    var top: Int
    /// What networks compute in.
    var precision: Precision
    /// Leave out what cannot be read instead of stopping.
    var skipBadImages: Bool

    /// Has images seen with a line of progress, and says how many could not be read.
    ///
    /// - Parameters:
    ///   - images: all of them.
    ///   - phase: for the line.
    ///   - card: says how images are prepared.
    ///   - body: sees them; calls what it is given with the number of images that have been seen.
    func seeing<Result>(
        _ images: ImageFiles, _ phase: String, _ card: NetworkFile.Card, _ body: ((Int) -> Void) throws -> Result
    ) rethrows -> Result {
        ImageNotes.orientation(of: images, card)
        warnOfSize(images, card)
        let progress = ProgressReporter()
        var seen = 0
        let result = try body {
            seen = $0
            progress.update(ProgressState(phase: phase, step: seen, steps: images.count))
        }
        progress.finish()
        if seen < images.count { Console.say("\(images.count - seen) images could not be read and were left out") }
        return result
    }

    /// A network of images that came at their size takes the middle of larger ones as it is.
    private func warnOfSize(_ images: ImageFiles, _ card: NetworkFile.Card) {
        guard card.steps.cutsUnscaled, images.count > 0,
            let first = try? images.image(at: 0, decoding: ImageDecoding(orientation: card.orientation)),
            first.width >= 2 * card.imageSize.width, first.height >= 2 * card.imageSize.height
        else { return }
        Console.say(
            "note: the network learned from images that were not scaled, so that of \(images.source(at: 0)) (\(first.width)"
                + " x \(first.height)) it sees the middle \(card.imageSize) pixels; scale large images "
                + "first")
    }
}
