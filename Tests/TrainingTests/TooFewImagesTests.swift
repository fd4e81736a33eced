import Datasets
import TestImages
import Testing
import Training

/// Data sets of few images, and what a message about them says.
@Suite struct TooFewImagesTests {
    @Test func errorsAboutBatchesNameTheSetting() throws {
        let data = try PixelClassifier.data()
        let error = #expect(throws: TrainingError.self) {
            _ = try data.trainingLoader(
                BarImages(count: 12), batchSize: 5, setting: "supernet.batch-size", sampling: .halves(first: 6), seed: 0
            )
        }
        let text = "\(try #require(error))"
        #expect(text.contains("(=5) must be even") && text.contains("`supernet.batch-size`"))
        #expect("\(TrainingError.batches(.threads(errno: 11), batchSize: "x"))".contains("`data.threads`"))
        #expect("\(TrainingError.batches(.outOfMemory(bytes: 9), batchSize: "x.y"))".contains("`x.y`"))
    }

    @Test func validationHasTwoImagesWhereFourAreThere() throws {
        let data = DataConfiguration()
        for (count, held) in [(4, 2), (5, 2), (10, 2), (17, 2), (18, 2), (30, 3), (96, 8)] {
            let cut = try data.withValidation(OpenedDataset(train: TwoClasses(count: count)))
            #expect(cut.validation?.count == held && cut.train.count == count - held, "\(count)")
            try DataConfiguration.requireValidation(cut.validation)
        }
        let error = #expect(throws: TrainingError.self) {
            try DataConfiguration.requireValidation(TwoClasses(count: 1))
        }
        #expect("\(try #require(error))".contains("`data.validation-fraction`"))
        #expect(throws: TrainingError.self) { try DataConfiguration.requireValidation(nil) }
    }

    private struct TwoClasses: ImageDataset {
        let count: Int
        let classNames = ["a", "b"]
        func label(at index: Int) -> Int { index % 2 }
        func source(at index: Int) -> String { "\(index)" }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image {
            Image(width: 1, height: 1, channels: 1, pixels: [0])
        }
    }
}
