import Architectures
import Datasets
import Foundation
import Networks
import Support
import Tasks
import TestImages
import Testing
import Torch
import Training

/// Images reach a network that was opened from its file as they reached it while it learned.
@Suite struct PreparationTests {
    private func card(_ data: DataConfiguration) -> NetworkFile.Card {
        let (mean, std) = data.normalization
        return NetworkFile.Card(
            network: NetworkDescription(channels: 1, classes: 2, backbone: .globalPool), classNames: ["a", "b"],
            imageSize: data.imageSize, mean: mean, std: std, steps: data.steps, orientation: data.orientation)
    }

    private func data(_ steps: [Transform]) throws -> DataConfiguration {
        var data = DataConfiguration()
        data.evaluation = try Augmentation(steps + [.normalize(mean: [0.3], std: [0.2])])
        return data
    }

    private func pixels(_ batches: BatchIterator) throws -> [Float] {
        try #require(try batches.next()).images(on: .cpu).contiguous().array(Float.self)
    }

    /// Of images that are neither square nor of the network's size.
    @Test(arguments: [
        [Transform.stretch(12)], [.stretch(4), .stretch(12)], [.resize(14), .centerCrop(12)], [.centerCrop(12)],
        [.centerCrop(24)], [.stretch(5), .resize(12)], [.stretch(.init(height: 16, width: 8))],
        [.stretch(.init(height: 40, width: 10)), .resize(5), .centerCrop(.init(height: 16, width: 4))],
    ]) func pixelsAreThoseOfTheEvaluation(steps: [Transform]) throws {
        let data = try data(steps)
        for (width, height) in [(23, 17), (13, 30)] {
            let images = NoiseImages(count: 3, classes: 2, width: width, height: height)
            let learned = try pixels(data.evaluationLoader(images).batches(epoch: 0))
            #expect(learned.count == 3 * data.imageSize.pixels)
            let opened = try pixels(card(data).batches(images, skipBadImages: false))
            #expect(opened == learned, "\(width) x \(height)")
        }
    }

    /// Turned or not, as the network learned them; and the two differ.
    @Test func filesAreTurnedAsTheyWereWhileTheNetworkLearned() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "supernet-turned-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let image = Image(width: 16, height: 12, channels: 1, pixels: (0..<192).map { UInt8($0) })
        try Data(image.pngData(orientation: 8)).write(to: folder.appending(path: "photo.png"))
        let files = try ImageFiles([folder.path])
        var seen: [[Float]] = []
        for orientation in ImageOrientation.allCases {
            var data = try data([.stretch(12)])
            data.orientation = orientation
            let learned = try pixels(data.evaluationLoader(files).batches(epoch: 0))
            let augmented = try data.trainingLoader(files, augmentation: data.evaluation, batchSize: 1, seed: 0)
            #expect(try pixels(augmented.batches(epoch: 0)) == learned)
            #expect(try pixels(card(data).batches(files, skipBadImages: false)) == learned)
            #expect(try files.image(at: 0, decoding: data.decoding).width == (orientation == .exif ? 12 : 16))
            seen.append(learned)
        }
        #expect(seen[0] != seen[1])
    }

    /// What is random in an evaluation becomes the middle, so that the file can be opened.
    @Test func randomStepsBecomeTheMiddle() throws {
        #expect(try data([.randomCrop(size: 12, padding: 2)]).steps == [.centerCrop(12)])
        let steps = try data([.randomResizedCrop(size: 12), .horizontalFlip()]).steps
        #expect(steps == [.resize(12), .centerCrop(12)] && steps.outputSize == 12)
        let tall = ImageSize(height: 16, width: 8)
        #expect(try data([.randomResizedCrop(size: tall)]).steps == [.stretch(tall)])
    }

    @Test func onlyStepsThatDoNotScaleCutLargeImages() throws {
        #expect(try data([.centerCrop(12)]).steps.cutsUnscaled)
        #expect(try !data([.resize(14), .centerCrop(12)]).steps.cutsUnscaled)
        #expect(try !data([.stretch(12)]).steps.cutsUnscaled)
    }
}
