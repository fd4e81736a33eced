import Architectures
import Datasets
import Foundation
import Results
import TestFolders
import Testing

/// What phases leave in their folders, and what version 0.8 left there.
@Suite struct ResultFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func result() -> NetworkResult {
        NetworkResult(
            architecture: Architecture([2, 0]), cost: Cost(parameters: 10, multiplyAdds: 20, paperOperations: 30),
            steps: 40, epochs: 2.5, seconds: 1.25,
            validation: Score(0.5, standardError: 0.25, metrics: ["accuracy": 0.5], count: 4),
            test: Score(0.75, standardError: nil, metrics: ["accuracy": 0.75], count: 8),
            leftOut: [.init(image: "a.png", reason: "it is empty")])
    }

    @Test func resultsComeBackFromTheirFiles() throws {
        var mirrored = result()
        (mirrored.mirroredValidation, mirrored.mirroredTest) = (0.625, 0.875)
        (mirrored.architecture, mirrored.test, mirrored.leftOut) = (nil, nil, nil)
        for pretty in [true, false] {
            for written in [result(), mirrored] {
                let path = folder.file("result.json")
                try ResultFile.write(written, to: path, pretty: pretty)
                #expect(try ResultFile.read(NetworkResult.self, path) == written)
                #expect(try folder.text("result.json").contains("\n") == pretty)
            }
        }
    }

    @Test func whereThereIsNoFileThereIsNoResult() throws {
        #expect(try ResultFile.read(NetworkResult.self, folder.file("nothing.json")) == nil)
    }

    @Test func aFileOfSomethingElseIsDamaged() throws {
        for text in ["", "{", "{}", "[]", "null", #"{"cost":{}}"#] {
            let path = try folder.write(text, to: "result.json")
            let error = #expect(throws: ResultError.damaged(path: path), "\(text)") {
                try ResultFile.read(NetworkResult.self, path)
            }
            #expect(error?.description.contains("delete it") == true)
        }
    }

    @Test func aFigureThatIsNoNumberIsRefusedByItsName() throws {
        let path = folder.file("result.json")
        for value in [Double.nan, .infinity, -.infinity] {
            var result = result()
            result.validation.metrics["loss"] = value
            let error = #expect(throws: ResultError.notANumber(path: path, figure: "validation.metrics.loss")) {
                try ResultFile.write(result, to: path)
            }
            #expect(error?.description.contains("`validation.metrics.loss`") == true)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    // MARK: - Version 0.8

    @Test func aNetworkOfVersion08IsRead() throws {
        let path = try folder.write(
            #"""
            {"leftOut":[{"image":"a.png","reason":"it is empty"}],"mirroredTest":0.875,"mirroredValidation":0.625,
             "multiplyAdds":20,"parameters":10,"steps":40,"trainingSeconds":1.25,
             "test":{"accuracy":0.75,"confusion":[[3,1],[1,3]],"count":8,"loss":0.5,"predictions":[]},
             "validation":{"accuracy":0.5,"confusion":[[1,1],[1,1]],"count":4,"loss":0.25,"predictions":[]}}
            """#, to: "result.json")
        let read = try #require(try ResultFile.read(NetworkResult.self, path))
        var expected = NetworkResult(
            architecture: nil, cost: Cost(parameters: 10, multiplyAdds: 20), steps: 40, epochs: 0, seconds: 1.25,
            validation: Score(0.5, standardError: nil, metrics: ["accuracy": 0.5, "loss": 0.25], count: 4),
            test: Score(0.75, standardError: nil, metrics: ["accuracy": 0.75, "loss": 0.5], count: 8),
            leftOut: [.init(image: "a.png", reason: "it is empty")])
        (expected.mirroredValidation, expected.mirroredTest) = (0.625, 0.875)
        #expect(read == expected)
    }

    /// Its rows counted no steps, and a control had another name.
    @Test func anAdaptationOfVersion08IsRead() throws {
        func row(_ value: Double) -> String {
            #"{"architecture":"1 0","cost":{"multiplyAdds":20,"paperOperations":30,"parameters":10},"epochs":12,"#
                + #""seconds":3,"validation":{"metrics":{"MAE":4},"standardError":0.5,"value":\#(value)}}"#
        }
        let path = try folder.write(
            #"{"candidates":["a"],"evaluations":9,"path":"1 0","sourceCandidates":["b"],"sourcePath":"0 0","#
                + #""outcomes":{"broken-pair":\#(row(-3)),"joint":\#(row(-2)),"source-only":\#(row(-5))}}"#,
            to: "result.json")
        let read = try #require(try ResultFile.read(AdaptationResult.self, path))
        #expect(read.outcomes.keys.sorted() == ["joint", "mismatched-weights", "source-only"])
        let joint = try #require(read.outcomes[AdaptationResult.joint])
        #expect(joint.architecture == Architecture([1, 0]) && joint.steps == 0 && joint.epochs == 12)
        #expect(joint.cost.paperOperations == 30 && joint.test == nil)
        #expect(joint.validation == Score(-2, standardError: 0.5, metrics: ["MAE": 4]))
        #expect(read.outcomes["mismatched-weights"]?.validation.value == -3)
        try ResultFile.write(read, to: path)
        #expect(try ResultFile.read(AdaptationResult.self, path) == read)
        #expect(try !folder.text("result.json").contains("broken-pair"))
    }

    @Test func examplesOfVersion08LieWithinItsResult() throws {
        func prediction(_ index: Int, _ label: Int, _ predicted: Int) -> String {
            #"{"index":\#(index),"label":\#(label),"predicted":\#(predicted),"probability":0.5}"#
        }
        func write(test: String?) throws {
            let validation = #""validation":{"predictions":[\#(prediction(5, 1, 0))]}"#
            let text = test.map { #","test":{"predictions":[\#($0)]}"# } ?? ""
            try folder.write("{\(validation)\(text)}", to: "result.json")
        }
        func read() throws -> [Examples] { try ExamplesFile.read(in: folder.path, classNames: ["a", "b"]) }
        #expect(try read().isEmpty, "there is no file yet")
        try write(test: nil)
        let validated = Examples(
            images: [5], .classes(names: ["a", "b"], actual: [1], predicted: [0], confidence: [0.5]))
        #expect(try read() == [validated])
        try write(test: prediction(2, 0, 0) + "," + prediction(3, 1, 0))
        let tested = Examples(
            images: [2, 3], .classes(names: ["a", "b"], actual: [0, 1], predicted: [0, 0], confidence: [0.5, 0.5]))
        #expect(try read() == [tested], "the final score is that of the test")
        try write(test: prediction(2, 7, 0))
        #expect(throws: ResultError.damaged(path: folder.file("result.json"))) { try read() }
        // A file of its own is what counts.
        try ResultFile.write([validated], to: folder.file(ExamplesFile.name), pretty: false)
        #expect(try read() == [validated])
        let cut = Examples(images: [], .numbers(quantity: "n", unit: "u", actual: [1], predicted: [1]))
        try ResultFile.write([cut], to: folder.file(ExamplesFile.name))
        #expect(throws: ResultError.damaged(path: folder.file(ExamplesFile.name))) { try read() }
    }

    @Test func controlsAreReadByBothTheirNames() {
        #expect(AdaptationControl(rawValue: "broken-pair") == .mismatchedWeights)
        #expect(AdaptationControl(rawValue: "mismatched-weights") == .mismatchedWeights)
        #expect(AdaptationControl(rawValue: "unbroken-pair") == nil)
        #expect(AdaptationControl.allCases.allSatisfy { AdaptationControl(rawValue: $0.rawValue) == $0 })
    }
}
