import Foundation
import TestFolders
import TestImages
import Testing
import Torch

/// Lines of a shell that make network namespaces.
private enum Machines {
    static let arePossible: Bool = {
        let name = "snt\(getpid() % 100_000)"
        return KeyValueStore.isAvailable && (try? shell("ip netns add \(name) && ip netns del \(name)").status) == 0
    }()

    @discardableResult
    static func shell(_ line: String, in folder: String = "/") throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(filePath: folder)
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}

/// Two network namespaces joined by a virtual cable, which are two machines as far as processes can tell. They are made and
/// removed here; where that is not allowed, the tests are skipped.
@Suite(
    .serialized, .enabled(if: Machines.arePossible, "network namespaces cannot be made here: needs root and iproute2"))
struct TwoMachinesTests {
    private let folder: TemporaryFolder
    private let program = BuiltProgram("supernet").path
    /// A name of this test's own for what is made.
    private let name = "sn\(getpid() % 100_000)"

    init() throws {
        folder = try TemporaryFolder()
        try BarImages(count: 48).write(to: folder.file("bars"))
    }

    private func withMachines(_ body: () throws -> Void) throws {
        defer { _ = try? Machines.shell("ip netns del \(name)a; ip netns del \(name)b") }
        let made = try Machines.shell(
            """
            set -e
            ip netns add \(name)a; ip netns add \(name)b
            ip link add \(name)x netns \(name)a type veth peer name \(name)y netns \(name)b
            ip -n \(name)a addr add 10.77.0.1/24 dev \(name)x; ip -n \(name)b addr add 10.77.0.2/24 dev \(name)y
            ip -n \(name)a link set lo up; ip -n \(name)b link set lo up
            ip -n \(name)a link set \(name)x up; ip -n \(name)b link set \(name)y up
            """)
        try #require(made.status == 0, "\(made.text)")
        try body()
    }

    private static let settings =
        SmallSettings.bars + [
            "network.planes=[16, 16]", "network.depths=[1, 1]", "network.expansion=1", "network.code=[3, 1]",
            "train.batch-size=8", "train.label-smoothing=0", "log.checkpoint-every=3",
        ]

    private func command(_ run: String, epochs: Int, timeout: Int) -> String {
        let settings = (Self.settings + ["train.epochs=\(epochs)"]).map { "--set '\($0)'" }.joined(separator: " ")
        return "\(program) train --run \(run) --threads 1 --process-timeout \(timeout) \(settings)"
    }

    /// One launcher on each machine.
    private func both(_ run: String, epochs: Int, timeout: Int = 30, meanwhile: String = "true") throws -> (
        statuses: [String], text: String
    ) {
        func machine(_ letter: String, _ rank: Int) -> String {
            """
            (ip netns exec \(name)\(letter) env RANK=\(rank) WORLD_SIZE=2 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1 \
                MASTER_ADDR=10.77.0.1 MASTER_PORT=29511 \(command(run, epochs: epochs, timeout: timeout)) \
                > \(run)-\(rank).log 2>&1; echo $? > \(run)-\(rank).status) &
            """
        }
        try Machines.shell("\(machine("a", 0))\n\(machine("b", 1))\n\(meanwhile)\nwait", in: folder.path)
        return (
            try (0...1).map { try folder.text("\(run)-\($0).status").trimmingCharacters(in: .whitespacesAndNewlines) },
            try (0...1).map { try folder.text("\(run)-\($0).log") }.joined()
        )
    }

    private func network(_ run: String) throws -> Data {
        try Data(contentsOf: URL(filePath: folder.file("\(run)/network.safetensors")))
    }

    @Test func twoMachinesAreTwoProcesses() throws {
        let one = try Machines.shell(command("one", epochs: 4, timeout: 30) + " --processes 2", in: folder.path)
        try #require(one.status == 0, "\(one.text)")
        try withMachines {
            let outcome = try both("two", epochs: 4)
            #expect(outcome.statuses == ["0", "0"], "\(outcome.text)")
        }
        #expect(try network("one") == network("two"))
    }

    @Test func aCutCableEndsInWordsAndWorkGoesOn() throws {
        let one = try Machines.shell(command("one", epochs: 24, timeout: 30) + " --processes 2", in: folder.path)
        try #require(one.status == 0, "\(one.text)")
        try withMachines {
            let cut = """
                until [ -e two/checkpoints/step-00000012.safetensors ]; do sleep 0.01; done
                ip -n \(name)b link set \(name)y down
                """
            let outcome = try both("two", epochs: 24, timeout: 10, meanwhile: cut)
            #expect(outcome.statuses == ["75", "75"], "\(outcome.text)")
            #expect(outcome.text.contains("the same command goes on from the last checkpoint"), "\(outcome.text)")
            try Machines.shell("ip -n \(name)b link set \(name)y up")
            let again = try both("two", epochs: 24)
            #expect(again.statuses == ["0", "0"] && again.text.contains("continuing at step"), "\(again.text)")
        }
        #expect(try network("one") == network("two"))
    }
}
