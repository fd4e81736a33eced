import ArgumentParser
import Datasets
import Experiments
import Networks
import Torch

/// The options of a prediction, with its progress and warnings.
struct PredictionOptions {
    /// The number of classes or matches for each image.
    var top: Int
    /// The precision of the network.
    var precision: Precision
    /// Whether unreadable images are left out instead of stopping.
    var skipBadImages: Bool

    /// Runs a closure on images with a progress line, and prints how many could not be read.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - phase: the name of the phase in the progress line.
    ///   - card: the card of the network, which says how images are prepared.
    ///   - body: a closure that runs the network and calls its argument with the number of images so far.
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

    /// Warns that a network which was trained on unscaled images sees only the centre of larger ones.
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
