import NN
import Networks
import Testing
import Torch

@Suite struct ResNeStDescriptionTests {
    private static let valid = ResNeStDescription(
        classes: 10, stem: .small, planes: [16, 32], depths: [1, 2], code: [0, 1, 2])

    /// A change that makes the description invalid, and what the error must say.
    struct Fault: Sendable, CustomStringConvertible {
        let message: String
        let change: @Sendable (inout ResNeStDescription) -> Void
        var description: String { message }
    }

    @Test(arguments: [
        Fault(message: "planes ([]) and depths ([1, 2]) must have one entry a stage") { $0.planes = [] },
        Fault(message: "planes ([16]) and depths ([1, 2]) must have one entry a stage") { $0.planes = [16] },
        Fault(message: "planes ([]) and depths ([]) must have one entry a stage") { ($0.planes, $0.depths) = ([], []) },
        Fault(message: "planes ([16, 0])") { $0.planes[1] = 0 },
        Fault(message: "planes ([16, 65537])") { $0.planes[1] = 65_537 },
        Fault(message: "depths ([1, -2])") { $0.depths[1] = -2 },
        Fault(message: "channels (0)") { $0.channels = 0 },
        Fault(message: "classes (-1)") { $0.classes = -1 },
        Fault(message: "expansion (0)") { $0.expansion = 0 },
        Fault(message: "stemWidth (0)") { $0.stemWidth = 0 },
        Fault(message: "code has 2 entries, but there are 3 blocks (depths [1, 2])") { $0.code = [0, 1] },
        Fault(message: "code has 4 entries, but there are 3 blocks (depths [1, 2])") { $0.code = [0, 1, 2, 3] },
        Fault(message: "code[1] is 4; candidates are numbered 0 to 3") { $0.code[1] = 4 },
        Fault(message: "code[2] is -1; candidates are numbered 0 to 3") { $0.code[2] = -1 },
    ])
    func refuses(fault: Fault) throws {
        var description = Self.valid
        fault.change(&description)
        let error = try #require(throws: TorchError.self) { try description.validate() }
        #expect(error.description.contains(fault.message))
        // The network refuses it before it registers anything.
        let store = try ParameterStore(seed: 0)
        #expect(throws: error) { try ResNeSt(description, store: store) }
        #expect(store.keys.isEmpty)
    }

    @Test func whatIsValidIsNotRefused() throws {
        try Self.valid.validate()
        try ResNeStDescription.resnest50().validate()
        #expect(ResNeStDescription.resnest50() == .resnest50(code: [3, 0, 1, 3, 2, 3, 1, 2, 0, 3, 2, 1, 3, 0, 3, 2]))
    }

    /// Planes that a candidate's factor leaves no channel of, or whose channels its groups do not divide.
    @Test(arguments: [(1, 2), (8, 3)])
    func planesTooFewForACandidate(planes: Int, candidate: Int) throws {
        let description = ResNeStDescription(
            classes: 2, stem: .small, planes: [planes], depths: [1], code: [candidate])
        let error = try #require(throws: TorchError.self) {
            try ResNeSt(description, store: ParameterStore(seed: 0))
        }
        #expect(error.operation.contains("'layer1.0."))
    }

    @Test func innerWidthsAreThePublishedOnes() {
        let widths = SplitAttentionChoice.all.map { choice in [64, 128, 256, 512].map(choice.innerWidth) }
        #expect(widths == [[64, 128, 256, 512], [64, 128, 256, 512], [84, 168, 336, 672], [80, 160, 320, 640]])
    }
}
