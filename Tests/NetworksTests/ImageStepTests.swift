import Architectures
import Foundation
import Networks
import Support
import TestSpaces
import Testing
import Torch

/// How a network's file says what size images get, and what is refused.
@Suite struct ImageStepTests {
    private func card(_ steps: [ImageStep]?, size: ImageSize = 8) throws -> NetworkFile.Card {
        NetworkFile.Card(
            network: try ResNeStSpace(channels: 1, stem: .small, planes: [16], depths: [1], expansion: 1)
                .network(code: Architecture([0]), classes: 2),
            classNames: ["a", "b"], imageSize: size, mean: [0], std: [1], steps: steps)
    }

    /// A card's JSON, with other values for some keys; nil takes one out.
    private func json(_ changes: [String: Any?] = [:], of steps: [ImageStep]? = nil) throws -> Data {
        let text = try JSONEncoder().encode(card(steps))
        var fields = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        for (key, value) in changes { fields[key] = value }
        return try JSONSerialization.data(withJSONObject: fields)
    }

    private func refusal(_ data: Data) throws -> String {
        let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Checkpoint.write(
            [("x", Tensor.zeros([1]))], metadata: ["supernet.card": String(decoding: data, as: UTF8.self)], to: path)
        let error = #expect(throws: NetworkFileError.self) { try NetworkFile.read(path) }
        guard case .badCard(path, let reason) = try #require(error) else { throw CancellationError() }
        return reason
    }

    @Test func stepsAreWrittenAsConfigurationsWriteThem() throws {
        let steps: [ImageStep] = [
            .stretch(48), .resize(256), .centerCrop(224), .stretch(.init(height: 256, width: 128)),
        ]
        let encoder = JSONEncoder()
        let text = String(decoding: try encoder.encode(steps), as: UTF8.self)
        #expect(text == #"[{"stretch":48},{"resize":256},{"center-crop":224},{"stretch":[256,128]}]"#)
        #expect(try JSONDecoder().decode([ImageStep].self, from: Data(text.utf8)) == steps)
    }

    @Test(arguments: [
        [ImageStep.stretch(8)], [.stretch(4), .stretch(8)], [.centerCrop(8)], [.stretch(4), .resize(8)],
        [.resize(10), .centerCrop(8)],
    ]) func cardsComeBack(steps: [ImageStep]) throws {
        let made = try card(steps)
        #expect(try JSONDecoder().decode(NetworkFile.Card.self, from: JSONEncoder().encode(made)) == made)
    }

    @Test(arguments: [
        [ImageStep.stretch(.init(height: 9, width: 4))], [.resize(9), .centerCrop(.init(height: 9, width: 4))],
        [.stretch(.init(height: 18, width: 8)), .resize(4)],
    ]) func cardsOfImagesThatAreNotSquareComeBack(steps: [ImageStep]) throws {
        let made = try card(steps, size: .init(height: 9, width: 4))
        #expect(try JSONDecoder().decode(NetworkFile.Card.self, from: JSONEncoder().encode(made)) == made)
        let turned = try JSONEncoder().encode(card(steps, size: .init(height: 4, width: 9)))
        #expect(try refusal(turned).contains("does not give images of 4 x 9 pixels"))
    }

    @Test func withoutStepsSquaresAreCutAndOthersStretched() throws {
        #expect(try card(nil).steps == [.resize(8), .centerCrop(8)])
        let tall = ImageSize(height: 9, width: 4)
        #expect(try card(nil, size: tall).steps == [.stretch(tall)])
    }

    /// A file that does not say so is of a network that learned images as they are stored.
    @Test func theOrientationIsKeptAndThatOfBeforeUnderstood() throws {
        func read(_ changes: [String: Any?]) throws -> ImageOrientation {
            try JSONDecoder().decode(NetworkFile.Card.self, from: json(changes)).orientation
        }
        #expect(try read(["orientation": nil]) == .ignore && read(["orientation": "exif"]) == .exif)
        var made = try card(nil)
        made.orientation = .exif
        #expect(try JSONDecoder().decode(NetworkFile.Card.self, from: JSONEncoder().encode(made)) == made)
        #expect(try refusal(json(["orientation": "upwards"])).contains("upwards"))
    }

    /// Before there were steps: the shorter side is scaled, never below the size, and the middle cut out.
    @Test(arguments: [(nil, 8), (10, 10), (5, 8)]) func cardsOfBeforeMeanWhatTheyMeant(resize: Int?, side: Int) throws {
        let changes: [String: Any?] = ["steps": nil, "resize": resize]
        let read = try JSONDecoder().decode(NetworkFile.Card.self, from: json(changes))
        #expect(read.steps == [.resize(side), .centerCrop(8)])
        #expect(try read == card([.resize(side), .centerCrop(8)]))
    }

    @Test func stepsThatDoNotGiveTheSizeAreRefused() throws {
        for steps: [ImageStep] in [[], [.resize(8)], [.stretch(8), .centerCrop(7)], [.centerCrop(8), .resize(9)]] {
            let reason = try refusal(json(of: steps))
            #expect(reason.contains("does not give images of 8 x 8 pixels"), "\(reason)")
        }
    }

    @Test func sidesOutOfRangeAreRefused() throws {
        for side in [0, -8, 16_385, Int.max, Int.min] {
            for size in [ImageSize(height: 8, width: side), .init(height: side, width: 8)] {
                #expect(
                    try refusal(json(of: [.stretch(size), .resize(3), .centerCrop(8)])).contains("stretch: \(size)"))
            }
            let reason = try refusal(json(of: [.stretch(ImageSize(side)), .centerCrop(8)]))
            #expect(reason.contains("stretch: \(side)") && reason.contains("16384"), "\(reason)")
        }
        let old: [String: Any?] = ["steps": nil, "resize": 1 << 40]
        #expect(try refusal(json(old)).contains("resize: \(1 << 40)"))
    }

    @Test func whatIsNoStepIsNamed() throws {
        let wrong: [(Any, String)] = [
            (["blur": 3], "`blur`"), (["stretch": 8, "resize": 8], "`resize`, `stretch`"),
            (["stretch": "wide"], "`stretch`"),
            (["stretch": 7.5], "`stretch`"), ([String: Int](), "nothing"), (["resize": [8, 4]], "`resize`"),
            (["stretch": [8, 4, 2]], "`stretch`"),
        ]
        for (step, name) in wrong {
            let reason = try refusal(json(["steps": [step]]))
            #expect(reason.contains("[height, width], not \(name)"), "\(reason)")
        }
        _ = try refusal(json(["steps": "stretch"]))
        _ = try refusal(json(["steps": [8]]))
    }
}
