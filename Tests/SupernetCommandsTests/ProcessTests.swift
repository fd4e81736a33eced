import Datasets
import Foundation
import TestFolders
import Testing

@testable import SupernetCommands

/// The program as a process: where its words go, and what ends it.
@Suite struct ProcessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The built program, which lies beside this one.
    private static let program = BuiltProgram("supernet").path

    /// Runs a line of a shell in which `$S` is the program.
    ///
    /// - Returns: its status, and what it wrote to standard error.
    private func shell(_ line: String) throws -> (status: Int32, errors: String) {
        try #require(FileManager.default.isExecutableFile(atPath: Self.program))
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging(["S": Self.program]) { $1 }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static let profile = "$S profile --space resnest-tiny"

    @Test(arguments: ["> /dev/full", ">&-", "| head -c 1 > /dev/null; exit ${PIPESTATUS[0]}"])
    func resultsThatNobodyGetsAreAnError(target: String) throws {
        // Long enough that a reader is gone before the end.
        let result = try shell("\(Self.profile) --set 'depths=[300, 300, 300]' \(target)")
        #expect(result.status == 1)
        #expect(result.errors.contains("cannot write to standard output"), "\(result.errors)")
    }

    @Test(arguments: ["2> /dev/full", "2>&-", "<&- 2>&-"])
    func messagesThatNobodyGetsAreNone(target: String) throws {
        #expect(try shell("\(Self.profile) > result.txt \(target)").status == 0)
        #expect(try folder.text("result.txt").contains("multiply-adds"))
        #expect(try shell("\(Self.profile) --size 0 \(target)").status == 1)
    }

    /// A stream that is closed lends its number to no file of a run.
    private func writeStudy() throws {
        for name in ["a", "b"] {
            for number in 0..<8 {
                try folder.makeFolder("images/\(name)")
                let pixels = (0..<64).map { UInt8(truncatingIfNeeded: $0 * (name == "a" ? 3 : 40) + number) }
                try Image(width: 8, height: 8, channels: 1, pixels: pixels)
                    .writePNG(to: folder.file("images/\(name)/\(number).png"))
            }
        }
        try folder.write(
            """
            data:
              source: images
              channels: grey
              validation-fraction: 0.25
              augmentation: [{center-crop: 8}, {normalize: {mean: 0.5, std: 0.5}}]
              evaluation: [{center-crop: 8}, {normalize: {mean: 0.5, std: 0.5}}]
            precision: float32
            space: {planes: [16], depths: [1], expansion: 1, stem: small}
            method: {name: spos}
            supernet: {epochs: 2, batch-size: 4}
            search: {evaluations: 2, initial: 2, round: 1, recalibration-images: 4}
            finetune: {epochs: 1, batch-size: 4, warm-up-epochs: 0}
            """, to: "study.yaml")
    }

    @Test(arguments: ["2>&1 | head -n 1 > /dev/null; exit ${PIPESTATUS[0]}", "2>&- >&-", "2> /dev/full"])
    func aRunIsNotEndedByWhoeverDoesNotListen(target: String) throws {
        try writeStudy()
        _ = try shell("$S run --config study.yaml --run run --threads 1 \(target)")
        #expect(FileManager.default.fileExists(atPath: folder.file("run/report.html")))
        #expect(FileManager.default.fileExists(atPath: folder.file("run/finetune/result.json")))
    }

    @Test(arguments: [("INT", 130), ("TERM", 143)]) func whoEndsARunIsToldHowToGoOn(signal: String, status: Int) throws
    {
        try writeStudy()
        // Once the run has its folder. Whoever started these tests may not want to hear of INT, which is handed down.
        let result = try shell(
            """
            env --default-signal=INT,TERM $S run --config study.yaml --run run --threads 1 \
                --set supernet.epochs=3000 --fresh &
            until [ -e run/supernet/run.json ]; do sleep 0.05; done
            kill -\(signal) $!
            wait $!
            """)
        #expect(result.status == Int32(status))
        #expect(
            result.errors.contains(
                "\nstopped; what is finished is kept, and the same command without --fresh goes on from the last checkpoint\n"
            ))
    }

    @Test func onlyVerbsThatGoOnSaySo() {
        #expect(
            Interruption.text(["supernet", "train", "--config", "a"])?.contains("the same command goes on") == true)
        for arguments in [[], ["supernet"], ["supernet", "predict", "x"], ["supernet", "train", "--dry-run"]] {
            #expect(Interruption.text(arguments) == nil)
        }
    }

    @Test(arguments: [
        ["train", "--threads", "0"], ["search", "x", "--threads", "99999"],
        ["adapt", "--source", "a", "--data", "b", "--threads=-1"],
        ["train", "--dry-run", "--devices", "2,x"], ["train", "--dry-run", "--devices", "0"],
        ["train", "--dry-run", "--link-gigabits", "-1"],
        ["train", "--dry-run", "--gpu-tflops", "nan"], ["train", "--dry-run", "--gpu-memory", "inf"],
        ["train", "--dry-run", "--images", "9223372036854775807", "--classes", "9223372036854775807"],
        ["truth", "--check", "1", "--check-seed=-1"], ["import", "x", "--output", "y", "--resize=-1"],
        ["predict", "a", "b", "--top=-1"], ["search", "x", "--max-macs", "1e30M"],
        ["search", "x", "--max-params", "nan"],
    ]) func numbersThatCannotBeMeantAreRefused(arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { _ = try SupernetCommand.parseAsRoot(arguments) }
        #expect(SupernetCommand.exitCode(for: try #require(error)).rawValue == 64)
    }
}
