import Architectures
import Foundation
import TensorFiles
import Testing

@testable import Interchange

/// What does not fit is refused, and the message says what and where.
@Suite struct BadCheckpointTests {
    private func message(_ file: String, classNames: [String]? = nil) throws -> String {
        let peer = try Peer()
        do {
            _ = try Peer.open(file).network(peer.code, of: peer.description, classNames: classNames)
        } catch {
            return "\(error)"
        }
        return "was accepted"
    }

    @Test func oneClassShort() throws {
        let names = ["a", "b", "c", "d", "e"]
        let found = try message("one-class-short.pth", classNames: names)
        #expect(found.contains("`fc.weight` has 4 rows, but there are 5 classes"))
    }

    @Test func noNumbers() throws {
        let found = try message("nan.pth")
        #expect(found.contains("peer-nan.pth") && found.contains("layer2.1.conv2.fc2.weight"))
    }

    @Test func anotherNetwork() throws {
        let found = try message("other-space.pth")
        #expect(found.contains("holds another network") && found.contains("Check --space"))
    }

    @Test func anotherPath() throws {
        let peer = try Peer()
        let other = peer.code.replacing(0, with: (peer.code[0] + 2) % 4)
        let error = #expect(throws: ImportError.self) {
            try Peer.open("network.safetensors").network(other, of: peer.description)
        }
        guard case .misfit(_, _, let missing, _, let misshapen) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!misshapen.isEmpty && (missing + misshapen.map(\.key)).allSatisfy { $0.hasPrefix("layer1.0") })
    }

    @Test func halfAFile() throws {
        #expect(throws: TensorFileError.self) { try Peer.open("half.pth.tar") }
    }

    /// What was left out may be where the weights are.
    @Test func objectsThatWereLeftOutAreNamed() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../Goldens/tensorfiles.objects.pth"
        ).standardizedFileURL.path
        let checkpoint = try ForeignCheckpoint(path)
        #expect(checkpoint.unread.first == UnreadObject(name: "args", type: "argparse.Namespace"))
        let peer = try Peer()
        let error = #expect(throws: ImportError.self) {
            try CheckpointImport(checkpoint).network(peer.code, of: peer.description)
        }
        #expect(
            error?.description.contains("left out: args (argparse.Namespace), meta.classes (numpy.ndarray)") == true)
    }

    @Test func codeIsNamedAndNotRun() throws {
        let source = try Peer.open("code.pth")
        #expect(source.checkpoint.unread == [UnreadObject(name: "best", type: "posix.system")])
        #expect(source.checkpoint.tensors.map(\.name) == ["state_dict.fc.bias"])
    }
}
