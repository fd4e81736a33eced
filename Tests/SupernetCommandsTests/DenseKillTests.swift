import Foundation
import TestFolders
import TestImages
import Testing

/// The training of segmenters and detectors, killed by a signal that nothing can catch.
@Suite struct DenseKillTests {
    private let folder: TemporaryFolder
    private let program = BuiltProgram("supernet")

    init() throws { folder = try TemporaryFolder() }

    @Test func aSegmenterGoesOn() throws {
        try DiscMaps(count: 32).write(to: folder.file("data"), validationFrom: 28)
        try goesOn(SmallSettings.segmentation(folder.file("data"), epochs: 12))
    }

    @Test func aDetectorGoesOn() throws {
        try SquareObjects(count: 32).write(to: folder.file("data"), validationFrom: 28)
        try goesOn(SmallSettings.objects(folder.file("data"), epochs: 8))
    }

    /// Kill -9 twice, each time a little after a checkpoint, then go on: the same network, byte for byte.
    private func goesOn(_ settings: [String]) throws {
        func arguments(_ run: String) -> [String] {
            ["train", "--run", run, "--threads", "1", "--set", "log.checkpoint-every=4"] + settings
        }
        #expect(try program.run(arguments("whole"), in: folder.path).status == 0)
        var kills = 0
        for step in [4, 12] {
            let sign = folder.file("broken/checkpoints/step-\(String(format: "%08d", step)).safetensors")
            let status = try program.run(
                arguments("broken"), in: folder.path, killedOnce: { FileManager.default.fileExists(atPath: sign) }
            ).status
            if status == SIGKILL { kills += 1 }
        }
        #expect(kills == 2 && !FileManager.default.fileExists(atPath: folder.file("broken/network.safetensors")))
        let outcome = try program.run(arguments("broken"), in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let files = try ["whole", "broken"].map {
            try Data(contentsOf: URL(filePath: folder.file("\($0)/network.safetensors")))
        }
        #expect(files[0] == files[1])
    }
}
