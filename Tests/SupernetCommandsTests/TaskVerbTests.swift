import Architectures
import ArgumentParser
import Datasets
import Drawings
import Foundation
import NN
import Networks
import Tasks
import Testing
import Torch

@testable import SupernetCommands

/// What the verbs make of networks whose head is no classifier.
@Suite struct TaskVerbTests {
    private let folder = NSTemporaryDirectory() + "supernet-task-verbs-" + UUID().uuidString
    private var network: String { folder + "/network.safetensors" }
    private var photos: String { folder + "/photos" }

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(arguments)
        try command.run()
    }

    /// What a verb refuses, in words.
    private func refusal(_ arguments: [String]) throws -> String {
        let error = #expect(throws: (any Error).self) { try run(arguments) }
        return SupernetCommand.fullMessage(for: try #require(error))
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    /// A folder with a network of the task and four photographs, one of which cannot be read.
    private func inFolder(
        _ task: String, _ head: NetworkHead, classNames: [String] = [], _ body: () throws -> Void
    ) throws {
        try FileManager.default.createDirectory(atPath: photos, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for index in 0..<3 {
            let pixels = (0..<30 * 20 * 3).map { UInt8(truncatingIfNeeded: $0 &* (31 + index)) }
            try Image(width: 30, height: 20, channels: 3, pixels: pixels).writePNG(to: "\(photos)/\(index).png")
        }
        try Data("no image".utf8).write(to: URL(fileURLWithPath: photos + "/3.png"))
        let layer = try ChainSpace(channels: 3, widths: [4, 8], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let backbone = try Backbone(layer, channels: 3, store: ParameterStore(seed: 3, format: .channelsLast))
        switch head.kind {
        case .linear: _ = try Linear(backbone.store.root / "fc", backbone.features, head.outputs)
        case .neck: _ = try BatchNorm2d(backbone.store.root / "fc" / "neck", head.outputs)
        case .map, .detector: break
        }
        let card = NetworkFile.Card(
            task: task, network: NetworkDescription(channels: 3, classes: head.linearOutputs, backbone: layer),
            head: head.kind == .linear ? nil : head, classNames: classNames, imageSize: 12, mean: [0.5], std: [0.2],
            steps: [.stretch(12)])
        try NetworkFile.write(backbone.store.state, card, to: network)
        try body()
    }

    @Test func agesAndGendersAreTold() throws {
        try inFolder(AgeAndGenderTask.name, .linear(outputs: 9)) {
            let common = ["predict", network, photos, "--skip-bad-images", "--output"]
            try run(common + [folder + "/p.csv"])
            try run(common + [folder + "/p.json"])
            try run(common + [folder + "/p.txt"])
            let lines = try text("p.csv").split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
            #expect(lines.map(\.first) == ["image"] + (0..<3).map { "\(photos)/\($0).png" })
            #expect(lines[0] == ["image", "age", "gender", "probability"])
            struct Person: Decodable {
                let image: String
                let age: Double
                let gender: String
                let probability: Double
            }
            let people = try JSONDecoder().decode([Person].self, from: Data(text("p.json").utf8))
            #expect(people.count == 3)
            for (line, person) in zip(lines.dropFirst(), people) {
                #expect(line == [person.image, "\(person.age)", person.gender, "\(person.probability)"])
                #expect((0...6).contains(person.age) && (0.5...1).contains(person.probability))
            }
            let table = try text("p.txt")
            #expect(table.contains(String(format: "%.1f years, ", people[0].age) + people[0].gender))
            #expect(try refusal(["predict", network, photos]).contains("3.png"), "a bad image stops it")
            let needless = try refusal(["predict", network, photos, "--gallery", photos])
            #expect(needless.contains("age-and-gender") && needless.contains("re-identification"))
        }
    }

    @Test func likenessIsLookedForInAGallery() throws {
        try inFolder(ReidentificationTask.name, .neck(features: 8)) {
            #expect(try refusal(["predict", network, photos]).contains("--gallery"))
            let asked = photos + "/1.png"
            let common = [
                "predict", network, asked, "--gallery", photos, "--top", "5", "--skip-bad-images", "--output",
            ]
            try run(common + [folder + "/p.json"])
            try run(common + [folder + "/p.csv"])
            let found = try JSONDecoder().decode([ImageMatches].self, from: Data(text("p.json").utf8))
            #expect(found.map(\.image) == [asked])
            #expect(Set(found[0].matches.map(\.image)) == ["\(photos)/0.png", "\(photos)/2.png"], "itself is left out")
            #expect(found[0].matches[0].similarity >= found[0].matches[1].similarity)
            let lines = try text("p.csv").split(separator: "\n")
            #expect(lines[0] == "image,match1,similarity1,match2,similarity2" && lines.count == 2)
            let missing = try refusal(["predict", network, asked, "--gallery", folder + "/nowhere"])
            #expect(missing.contains("nowhere"))
        }
    }

    @Test func otherVerbsSayWhatIsForIt() throws {
        try inFolder(AgeTask.name, .linear(outputs: 7)) {
            #expect(try refusal(["export", network, "-o", folder + "/n.onnx", "--softmax"]).contains("`age`"))
            try run(["export", network, "-o", folder + "/n.onnx"])
            try run(["export", network, "-o", folder + "/n.safetensors"])
            let model = try Data(contentsOf: URL(fileURLWithPath: folder + "/n.onnx"))
            for word in ["logits", #"["0","1","2","3","4","5","6"]"#, #"[{"stretch":12}]"#] {
                #expect(model.range(of: Data(word.utf8)) != nil, "\(word)")
            }
            let same = try (Data(contentsOf: URL(fileURLWithPath: network)), Data(contentsOf: again))
            #expect(same.0 == same.1)
        }
        try inFolder(ReidentificationTask.name, .neck(features: 8)) {
            try run(["export", network, "-o", folder + "/n.onnx", "--fold-batch-norm"])
            let model = try Data(contentsOf: URL(fileURLWithPath: folder + "/n.onnx"))
            #expect(model.range(of: Data("embedding".utf8)) != nil)
        }
    }

    @Test func networksOfTasksAreScored() throws {
        try inFolder(AgeTask.name, .linear(outputs: 121)) {
            let faces = folder + "/faces"
            var options = SyntheticFaces.Options()
            (options.count, options.side) = (20, 32)
            try SyntheticFaces(options).write(to: faces)
            try run(["evaluate", network, "--data", faces])
            try run(["evaluate", network, "--data", faces, "--task", "age", "--split", "train"])
            #expect(try refusal(["evaluate", network, "--data", faces, "--task", "gender"]).contains("`age`"))
            #expect(
                try refusal(["evaluate", network, "--data", faces, "--split", "validation"]).contains("validation"))
            #expect(try refusal(["evaluate", network, "--data", photos]).contains(photos), "no ages in their names")

            // The score is that of what is told of each image.
            let task = try AgeTask.scoring(faces, with: TaskData())
            let images = task.data.test ?? task.data.train
            let predictor = Predictor(try NetworkFile.read(network))
            let score = try predictor.score(task, on: images)
            let told = try predictor.readings(images, by: AgeReader.self).map { line -> Double in
                guard case .number(let age) = line.reading.values[0] else { return .nan }
                return age
            }
            let error = zip(told, 0..<images.count).reduce(0) { $0 + abs($1.0 - Double(images.label(at: $1.1))) }
            #expect(score.count == images.count && told.count == images.count)
            #expect(abs((score.metrics["MAE"] ?? 0) - error / Double(images.count)) < 1e-9)
            #expect(throws: (any Error).self) { _ = try predictor.score(task, on: Subset(of: images, indices: [])) }
        }
        try inFolder(ReidentificationTask.name, .neck(features: 8)) {
            let people = folder + "/people"
            var options = SyntheticPedestrians.Options()
            (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (2, 3, 6)
            options.height = 32
            try SyntheticPedestrians(options).write(to: people)
            try run(["evaluate", network, "--data", people])
            #expect(try refusal(["evaluate", network, "--data", people, "--split", "train"]).contains("gallery"))
        }
    }

    @Test func aGendersNetworkIsScoredOnFaces() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SyntheticFaces.Options()
        (options.count, options.side) = (20, 32)
        try SyntheticFaces(options).write(to: folder + "/faces")
        let backbone = try ChainSpace(channels: 3, widths: [4, 8], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let description = NetworkDescription(channels: 3, classes: 2, backbone: backbone)
        let made = try ImageNetwork(
            description, store: ParameterStore(seed: 3, format: .channelsLast))
        try NetworkFile.write(
            made,
            NetworkFile.Card(
                network: description, classNames: FaceDataset.genderNames, imageSize: 12, mean: [0.5], std: [0.2],
                steps: [.stretch(12)]), to: network)
        try run(["evaluate", network, "--data", folder + "/faces", "--task", "gender"])
        #expect(try refusal(["evaluate", network, "--data", folder + "/faces", "--task", "age"]).contains("`age`"))
    }

    private var again: URL { URL(fileURLWithPath: folder + "/n.safetensors") }

    @Test func aGalleryIsForNetworksOfTasks() throws {
        try inFolder(ClassificationTask.name, .linear(outputs: 2), classNames: ["cat", "dog"]) {
            let words = try refusal(["predict", network, photos, "--gallery", photos])
            #expect(words.contains("classification") && words.contains("re-identification"))
        }
        // What is no network is no network of a task either.
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Checkpoint.write([("x", Tensor.zeros([1]))], to: network)
        #expect(try refusal(["predict", network, folder, "--gallery", folder]).contains(network))
    }
}
