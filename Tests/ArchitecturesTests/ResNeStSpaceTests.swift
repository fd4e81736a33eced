import Architectures
import Testing

@Suite struct ResNeStSpaceTests {
    private static let valid = ResNeStSpace(stem: .small, planes: [16, 32], depths: [1, 2])

    /// A change that makes the space invalid, and what the error must say.
    struct Fault: Sendable, CustomStringConvertible {
        let message: String
        let change: @Sendable (inout ResNeStSpace) -> Void
        var description: String { message }
    }

    @Test(arguments: [
        Fault(message: "planes ([]) and depths ([1, 2]) must have one entry a stage") { $0.planes = [] },
        Fault(message: "planes ([16]) and depths ([1, 2]) must have one entry a stage") { $0.planes = [16] },
        Fault(message: "planes ([]) and depths ([]) must have one entry a stage") { ($0.planes, $0.depths) = ([], []) },
        Fault(message: "planes ([16, 0])") { $0.planes[1] = 0 },
        Fault(message: "planes ([16, 65537])") { $0.planes[1] = 65_537 },
        Fault(message: "depths ([1, -2])") { $0.depths[1] = -2 },
        Fault(message: "depths ([1, 4096]) must not add up to more than 4,096 blocks") { $0.depths[1] = 4096 },
        Fault(message: "channels (0)") { $0.channels = 0 },
        Fault(message: "expansion (0)") { $0.expansion = 0 },
        Fault(message: "stemWidth (0)") { $0.stemWidth = 0 },
        Fault(message: "depths ([\(Int.max), 2])") { $0.depths[0] = .max },
    ])
    func whatCannotBeIsRefusedByItsField(fault: Fault) throws {
        var space = Self.valid
        fault.change(&space)
        let error = try #require(throws: SpaceError.self) { try space.validate() }
        #expect(error.description.contains(fault.message))
        #expect(throws: error) { try space.description() }
        #expect(throws: error) { try space.network(code: Architecture([0, 0, 0]), classes: 2) }
    }

    @Test(arguments: [
        ("0 1", "it has 2 choices, the space has 3 choice points"),
        ("0 1 2 3", "it has 4 choices, the space has 3 choice points"),
        ("0 4 2", "at 'layer2.0' it takes candidate 4; there are 0 to 3"),
        ("0 1 -1", "at 'layer2.1' it takes candidate -1; there are 0 to 3"),
    ])
    func codesOfOtherSpacesAreRefused(code: String, message: String) throws {
        let code = try #require(Architecture(code))
        let error = try #require(throws: SpaceError.self) { try Self.valid.network(code: code, classes: 2) }
        #expect(error.description.contains(message))
    }

    @Test func whatIsValidIsNotRefused() throws {
        try Self.valid.validate()
        try ResNeStSpace.resnest50.validate()
        #expect(Self.valid.blocks == 3 && ResNeStSpace.resnest50.blocks == 16)
        #expect(try Self.valid.description().space.points.map(\.name) == ["layer1.0", "layer2.0", "layer2.1"])
        #expect(ResNeStSpace.classificationCode.description == "3 0 1 3 2 3 1 2 0 3 2 1 3 0 3 2")
        #expect(throws: Never.self) {
            try ResNeStSpace.resnest50.description().space.validate(ResNeStSpace.classificationCode)
        }
    }

    /// The network of a code is the space's own, but for where the last batch norms start.
    @Test func aCodesNetworkIsTheOneThatTheSpaceHas() throws {
        let code = Architecture([3, 0, 2])
        let fixed = try Self.valid.description().fixed(to: code)
        #expect(try Self.valid.network(code: code, classes: 2, lastScale: 0).backbone == fixed)
        #expect(try Self.valid.network(code: code, classes: 2).backbone != fixed)
    }

    /// Planes that a candidate's factor leaves no channel of, or whose channels its groups do not divide.
    @Test(arguments: [(1, 2), (8, 3)])
    func planesTooFewForACandidate(planes: Int, candidate: Int) throws {
        let space = ResNeStSpace(stem: .small, planes: [planes], depths: [1])
        let network = try space.network(code: Architecture([candidate]), classes: 2)
        let error = try #require(throws: SpaceError.self) { try network.cost(imageSize: 8) }
        #expect(error.description.contains("'layer1.0."))
    }

    @Test func innerWidthsAreThePublishedOnes() {
        let widths = SplitAttentionChoice.all.map { choice in [64, 128, 256, 512].map(choice.innerWidth) }
        #expect(widths == [[64, 128, 256, 512], [64, 128, 256, 512], [84, 168, 336, 672], [80, 160, 320, 640]])
    }
}
