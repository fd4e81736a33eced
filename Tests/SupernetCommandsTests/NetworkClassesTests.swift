import Architectures
import Datasets
import Foundation
import NN
import Networks
import Testing
import Torch

@testable import SupernetCommands

/// Labelled images beside the classes that a network knows.
@Suite struct NetworkClassesTests {
    /// Images of given labels.
    private struct Labelled: ImageDataset {
        let classNames: [String]
        let labels: [Int]
        var count: Int { labels.count }
        func label(at index: Int) -> Int { labels[index] }
        func source(at index: Int) -> String { "\(index).png" }
        func image(at index: Int, decoding: ImageDecoding) throws -> Image {
            Image(width: 1, height: 1, channels: 1, pixels: [UInt8(index)])
        }
    }

    private let known = ["red", "green", "blue"]

    private func labels(_ images: Labelled) throws -> [String] {
        let given = try NetworkClasses.labelled(images, by: known, name: "photos")
        #expect(given.classNames == known && given.count == images.count)
        return (0..<given.count).map { known[given.label(at: $0)] }
    }

    @Test func someOfTheClassesInAnyOrderAreMatchedByName() throws {
        #expect(try labels(Labelled(classNames: ["blue", "red"], labels: [0, 1, 1])) == ["blue", "red", "red"])
        #expect(try labels(Labelled(classNames: ["green"], labels: [0])) == ["green"])
        #expect(try labels(Labelled(classNames: known, labels: [2, 0])) == ["blue", "red"])
        // A class without an image is no matter.
        #expect(try labels(Labelled(classNames: ["yellow", "blue"], labels: [1])) == ["blue"])
    }

    @Test func unknownClassesAreNamedWithTheNearest() throws {
        let images = Labelled(classNames: ["bleu", "red", "violet"], labels: [0, 1, 2])
        let error = #expect(throws: DatasetError.self) {
            _ = try NetworkClasses.labelled(images, by: known, name: "photos")
        }
        let text = "\(try #require(error))"
        #expect(text.contains("class `bleu`; did you mean blue?") && text.contains("class `violet`"))
        #expect(!text.contains("class `red`") && text.contains("The network knows red, green, blue."))
        #expect(error?.file == "photos")
    }

    /// Every class once, and then some: what a class is taken for does not depend on which others are there.
    @Test func evaluateScoresAPartOfTheClasses() throws {
        let folder = NSTemporaryDirectory() + "supernet-classes-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (number, name) in known.enumerated() {
            for part in ["all", "two"] where part == "all" || name != "green" {
                let path = "\(folder)/\(part)/\(name)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                for index in 0..<3 {
                    let pixels = (0..<144).map { UInt8(truncatingIfNeeded: $0 &* (31 + 7 * number + index)) }
                    try Image(width: 12, height: 12, channels: 1, pixels: pixels).writePNG(to: "\(path)/\(index).png")
                }
            }
        }
        let layer = try ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        let description = NetworkDescription(channels: 1, classes: 3, backbone: layer)
        let network = try ImageNetwork(description, store: ParameterStore(seed: 3, format: .channelsLast))
        // Whatever it sees, it takes for the third.
        for entry in network.store.entries where entry.key == "fc.bias" {
            try withoutGradients { try entry.tensor.select(2).fillInPlace(1e4) }
        }
        let file = folder + "/network.safetensors"
        try NetworkFile.write(
            network,
            NetworkFile.Card(
                network: description, classNames: known, imageSize: 12, mean: [0.5], std: [0.2], steps: [.stretch(12)]),
            to: file)
        for (part, share) in [("all", "33.33 %"), ("two", "50.00 %")] {
            let rows = try rows(["evaluate", file, "--data", folder + "/" + part])
            #expect(rows["accuracy"] == share)
        }
        try FileManager.default.moveItem(atPath: folder + "/two/red", toPath: folder + "/two/rde")
        #expect(throws: DatasetError.self) { _ = try rows(["evaluate", file, "--data", folder + "/two"]) }
    }

    private func rows(_ arguments: [String]) throws -> [String: String] {
        let command = try #require(try SupernetCommand.parseAsRoot(arguments) as? Evaluate)
        return Dictionary(uniqueKeysWithValues: try command.rows().map { ($0.0, $0.1) })
    }
}
