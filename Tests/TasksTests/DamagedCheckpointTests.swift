import Experiments
import Foundation
import NN
import Testing
import Torch

@testable import Tasks

/// Whatever becomes of checkpoints, training goes on from the newest that is whole, says so, and ends with the same bits.
@Suite(.serialized) struct DamagedCheckpointTests {
    private final class Lines: ProgressOutput {
        var text = ""
        var columns: Int? { nil }
        func write(_ text: String) { self.text += text }
    }

    private static func zeroed(_ bytes: Data, _ range: Range<Int>) -> Data {
        var bytes = bytes
        bytes.replaceSubrange(range, with: Data(count: range.count))
        return bytes
    }

    static let damages: [String: @Sendable (Data) -> Data] = [
        "cut off": { $0.prefix($0.count / 2) },
        "empty": { _ in Data() },
        "zeros all over": { Data(count: $0.count) },
        "a block of zeros among the values": { zeroed($0, $0.count - 6000..<$0.count - 2000) },
        "one bit": {
            var bytes = $0
            bytes[bytes.count - 3000] ^= 1
            return bytes
        },
        "zeros in the header": { zeroed($0, 100..<200) },
    ]

    private func finish(_ run: SmallRun, _ options: NetworkTrainingConfiguration) throws -> (
        network: Data, told: String
    ) {
        let lines = Lines()
        let training = try run.training(options, output: lines)
        _ = try training()
        return (try Data(contentsOf: URL(fileURLWithPath: training.networkFile)), lines.text)
    }

    /// Damages checkpoints of a finished training, makes it one that did not get to its end, and goes on.
    private func goingOn(
        _ run: SmallRun, _ options: NetworkTrainingConfiguration, newest count: Int, _ damage: (Data) throws -> Data
    ) throws -> (network: Data, told: String, damaged: [String], left: [String]) {
        let files = try CheckpointFile.list(in: run.folder + "/checkpoints").map(\.path)
        for path in files.suffix(count) {
            try damage(Data(contentsOf: URL(fileURLWithPath: path))).write(to: URL(fileURLWithPath: path))
        }
        for name in ["result.json", "network.safetensors"] {
            try? FileManager.default.removeItem(atPath: run.folder + "/" + name)
        }
        let made = try finish(run, options)
        return (made.network, made.told, files.suffix(count), files.dropLast(count))
    }

    @Test func theNewestWholeCheckpointIsTakenAndTheLossOfAnotherTold() throws {
        let run = SmallRun()
        defer { run.remove() }
        let options = try SmallRun.options(epochs: 2)
        let expected = try finish(run, options)
        #expect(!expected.told.contains("passed over"))
        for (name, damage) in Self.damages.sorted(by: { $0.key < $1.key }) {
            let found = try goingOn(run, options, newest: 1, damage)
            #expect(found.network == expected.network, "\(name)")
            let before = try #require(
                found.left.last.flatMap { CheckpointFile.step(named: ($0 as NSString).lastPathComponent) })
            #expect(found.told.contains(found.damaged[0] + ": ") && found.told.contains("passed over"), "\(name)")
            #expect(found.told.contains("continuing at step \(before) of"), "\(name): \(found.told)")
        }
    }

    @Test func withoutAWholeCheckpointTrainingStartsAnew() throws {
        let run = SmallRun()
        defer { run.remove() }
        let options = try SmallRun.options(epochs: 2)
        let expected = try finish(run, options)
        let found = try goingOn(run, options, newest: 9) { $0.prefix(1000) }
        #expect(found.damaged.count > 1 && found.damaged.allSatisfy { found.told.contains($0 + ": ") })
        #expect(!found.told.contains("continuing"))
        #expect(found.network == expected.network)
    }

    /// As earlier versions left them: whole, without checksums, and with weights that are no numbers or at another step.
    @Test func checkpointsThatMakeNoSenseArePassedOver() throws {
        let run = SmallRun()
        defer { run.remove() }
        let options = try SmallRun.options(epochs: 2)
        let expected = try finish(run, options)
        let files = try CheckpointFile.list(in: run.folder + "/checkpoints").map(\.path)
        let newest = try #require(files.last)
        let sound = try Checkpoint.read(newest)
        for (key, value) in [("step", "-1"), ("step", "3"), ("seconds", "nan"), ("seconds", "")] {
            var metadata = sound.metadata
            metadata[key] = value
            try Checkpoint.write(sound.tensors, metadata: metadata, to: newest)
            let found = try goingOn(run, options, newest: 0) { $0 }
            #expect(found.told.contains("\(newest) cannot be continued from") && found.network == expected.network)
        }
    }

    @Test func aDamagedIndexIsTold() throws {
        let run = SmallRun()
        defer { run.remove() }
        let options = try SmallRun.options(epochs: 1)
        let expected = try finish(run, options)
        let index = run.folder + "/checkpoints/index.json"
        try Data(count: 100).write(to: URL(fileURLWithPath: index))
        let found = try goingOn(run, options, newest: 0) { $0 }
        #expect(found.told.contains("\(index) is damaged") && found.network == expected.network)
    }
}
