import Architectures
import Datasets
import Experiments
import Foundation
import Methods
import Results
import Supernets
import Tasks
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

/// Studies and adaptations of a handful of images work, or say what is missing.
@Suite(.serialized) struct FewImagesTests {
    private let folder = NSTemporaryDirectory() + "supernet-few-" + UUID().uuidString

    private func study(_ options: StudyConfiguration, images: BarImages, _ name: String) throws -> Study {
        try Study(
            options, path: "\(folder)/\(name)", open: .given(OpenedDataset(train: images)),
            progress: ProgressReporter(output: Silence()))
    }

    private func options(_ method: String) throws -> StudyConfiguration {
        var options = try SmallStudy.options(method, epochs: 1)
        (options.search.evaluations, options.search.initial, options.search.round) = (4, 2, 2)
        options.data.validationFraction = 1.0 / 12
        return options
    }

    @Test(arguments: [PiMethod.name, SinglePathMethod.name]) func tenImagesAreAStudy(_ method: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = try options(method)
        // Images that are left out leave batches of one; classes of which nothing is left change nothing.
        options.data.skipBadImages = true
        options.supernet.batchSize = 2
        options.finetune.batchSize = 2
        let study = try study(options, images: BarImages(count: 10, broken: [2]), "study")
        let data = study.task.data
        #expect(data.train.count == 8 && data.validation?.count == 2 && data.test == nil)
        _ = try SupernetTraining(study)()
        if method == PiMethod.name { _ = try LinearProbing(study)() }
        let found = try ArchitectureSearch(study)()
        #expect(found.evaluations == 4 && (found.validation?.count ?? 0) > 0)
        let training = try NetworkPhase(study, .finetune).training()
        // What was chosen by is not called a test, and what is learned from is not cut again.
        let learned = training.setup.task.data
        #expect(learned.train.count == 8 && learned.validation?.count == 2 && learned.test == nil)
        let result = try training()
        #expect(result.test == nil && result.steps == 4)
    }

    @Test func aShareIsTakenOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = try options(SinglePathMethod.name)
        (options.data.fraction, options.data.validationFraction) = (0.5, 0.2)
        let study = try study(options, images: BarImages(count: 80), "study")
        #expect(study.task.data.train.count == 32)
        _ = try SupernetTraining(study)()
        _ = try ArchitectureSearch(study)()
        #expect(try NetworkPhase(study, .retrain).training().setup.task.data.train.count == 32)
        #expect(study.with(options).task.data.train.count == 32)
    }

    @Test func anAdaptationToTwoDomainsOfAFewImagesWorks() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try SmallStudy(folder: folder + "/source").study(options(SinglePathMethod.name))
        try SupernetTraining(source)()
        try ArchitectureSearch(source)()
        var options = AdaptationConfiguration()
        (options.source, options.precision, options.data) = (source.path, .float32, source.options.data)
        (options.supernet.epochs, options.finetune.epochs) = (1, 1)
        (options.search.evaluations, options.search.initial, options.search.round) = (3, 2, 1)
        (options.controls, options.comparisons) = ([], false)
        options.task = try TaskConfiguration(named: DomainAdaptationTask.name, DomainAdaptationTask.Options.self) {
            $0.sourceDomain = "source"
        }
        let data = TaskData(classes: { _ in OpenedDataset(train: BarImages(count: 16)) })
        let task = try options.task.task(options.data, open: data)
        #expect(task.data.validation?.count == 4, "two of each domain")
        let adaptation = try Adaptation(
            options: options, task: task, path: folder + "/domains", progress: ProgressReporter(output: Silence()))
        #expect(options.finetune.batchSize == 64 && options.imagesPerEpoch(of: task) == 28)
        let outcome = try #require(try adaptation().outcomes[Adaptation.joint])
        #expect(outcome.validation.value.isFinite)
        // A size of the user's own is refused under its own name, before anything is trained.
        options.finetune.batchSize = 7
        let error = #expect(throws: TrainingError.self) {
            _ = try Adaptation(options: options, task: task, path: folder + "/odd")
        }
        #expect("\(try #require(error))".contains("`finetune.batch-size`"))
    }

    @Test func aValidationPartOfOneIsSaid() throws {
        var options = try options(SinglePathMethod.name)
        options.data.validationFraction = 0.3
        let error = #expect(throws: (any Error).self) { _ = try study(options, images: BarImages(count: 3), "none") }
        #expect("\(try #require(error))".contains("each class has one image alone"))
        let one = OpenedDataset(train: BarImages(count: 8), validation: BarImages(count: 1), test: BarImages(count: 4))
        #expect(throws: TrainingError.self) { _ = try Study(options, path: folder, open: .given(one)) }
        #expect(throws: TrainingError.self) { _ = try ValidationHalves(BarImages(count: 4)) }
    }
}
