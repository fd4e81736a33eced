import Datasets
import Drawings
import Experiments
import Methods
import Support
import Tasks
import TestFolders
import Testing

@testable import Workflows

/// Settings that follow from the images alone.
@Suite struct QuickStudyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A folder of two classes.
    private func images(_ count: Int, height: Int, width: Int, channels: Int) throws -> String {
        for (place, name) in ["dark", "light"].enumerated() {
            try folder.makeFolder("images/\(name)")
            for number in 0..<count / 2 {
                let pixels = (0..<height * width * channels).map {
                    UInt8(truncatingIfNeeded: $0 &* 31 &+ number &+ 100 * place)
                }
                try Image(width: width, height: height, channels: channels, pixels: pixels)
                    .writePNG(to: folder.file("images/\(name)/\(number).png"))
            }
        }
        return folder.file("images")
    }

    @Test func sizeAndColoursFollowFromTheImages() throws {
        let source = try images(8, height: 20, width: 30, channels: 1)
        let grey = try Resolved(StudyConfiguration.quick(source)).value
        let size = ImageSize(height: 20, width: 30)
        #expect(grey.data.source == source && grey.data.imageSize == size && grey.data.channels == .grey)
        #expect(grey.data.augmentation.outputSize == size && grey.method.views?.augmentation.outputSize == size)
        #expect(try SupernetTraining(Study(grey, path: folder.file("study"))).description().channels == 1)
        // As it is told, whatever the images are.
        let told = try Resolved(StudyConfiguration.quick(source, size: 16, grey: false)).value
        #expect(told.data.imageSize == 16 && told.data.channels == .rgb)

        let coloured = try images(8, height: 200, width: 100, channels: 3)
        let colour = try StudyConfiguration.quick(coloured)
        #expect(colour.data.imageSize == ImageSize(height: 88, width: 48) && colour.data.channels == .rgb)
        #expect(colour.data.normalization.mean.count == 3)
    }

    @Test func lengthsFollowFromTheirNumber() throws {
        let few = try StudyConfiguration.quick(images(8, height: 12, width: 12, channels: 1))
        #expect((few.supernet.epochs, few.supernet.batchSize, few.finetune.epochs) == (150, 8, 300))
        #expect(few.data.testFraction == 0, "too few to spare some")
        let more = try StudyConfiguration.quick(images(60, height: 12, width: 12, channels: 1))
        #expect(more.data.testFraction == 0.15)
        #expect(try Study(more, path: folder.file("study")).task.data.test?.count == 9)
    }

    @Test func aTasksImagesArePreparedInItsOwnWay() throws {
        var people = SyntheticPedestrians.Options()
        (people.trainingIdentities, people.testIdentities, people.imagesPerIdentity) = (4, 2, 6)
        people.height = 32
        try SyntheticPedestrians(people).write(to: folder.file("people"))
        let options = try Resolved(
            StudyConfiguration.quick(folder.file("people"), task: ReidentificationTask.name)
        ).value
        let size = ImageSize(height: 32, width: 16)
        #expect(options.task.name == ReidentificationTask.name && options.data.imageSize == size)
        // Seen whole, and no test is set apart beside the queries.
        #expect(options.data.steps == [.stretch(size)] && options.data.testFraction == 0)
        let error = #expect(throws: NamedOptionsError.self) {
            _ = try StudyConfiguration.quick(folder.file("people"), task: "reidentification")
        }
        #expect("\(try #require(error))".contains("did you mean re-identification"))
    }
}
