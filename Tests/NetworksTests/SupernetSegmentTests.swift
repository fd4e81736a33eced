import Architectures
import NN
import Networks
import TestSpaces
import Testing
import Torch

/// The computation in pieces, so that what paths have in common need be computed only once.
@Suite struct SupernetSegmentTests {
    private func supernet(_ kind: SmallSpace) throws -> Supernet {
        let supernet = try Supernet(kind.description(), store: ParameterStore(seed: 3))
        try shake(supernet.store)
        return supernet
    }

    @Test(arguments: SmallSpace.allCases)
    func thePiecesInTheirOrderAreTheWhole(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let x = try images(2, 9)
        for architecture in try kind.architectures(2) {
            for mode in [Mode.evaluation, Mode(batchNorm: .batch)] {
                try withoutGradients {
                    let whole = try bits(supernet.features(x, architecture, mode))
                    let pieces = try supernet.segments.indices.reduce(x) {
                        try supernet.run($1, $0, architecture, mode)
                    }
                    let activations = try supernet.activations(x, architecture, mode)
                    #expect(try bits(pieces) == whole)
                    #expect(activations.count == supernet.segments.count)
                    #expect(try bits(#require(activations.last)) == whole)
                }
            }
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func everyPointBeginsOnePiece(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        #expect(supernet.segments[0].points == [])
        #expect(supernet.segments.dropFirst().allSatisfy { !$0.points.isEmpty })
        #expect(supernet.segments.flatMap(\.points) == Array(supernet.space.points.indices))
    }

    /// A piece hears of the choices up to its own, and of no later one. Behind a depth, choices may be of no effect.
    @Test(arguments: SmallSpace.allCases.filter { $0 != .depths })
    func aPieceDependsOnTheChoicesSoFarAlone(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let x = try images(2, 9)
        let (first, second) = (Architecture([0, 0, 0, 0, 0, 0]), Architecture([3, 3, 3, 3, 3, 3]))
        let count = supernet.space.points.count
        func outputs(_ changed: Int) throws -> [[UInt8]] {
            let architecture = Architecture((0..<count).map { $0 < changed ? first[$0] : second[$0] })
            return try withoutGradients {
                try supernet.activations(x, architecture, .evaluation).map(bits)
            }
        }
        let base = try outputs(count)
        for changed in 0..<count {
            let other = try outputs(changed)
            for (piece, segment) in supernet.segments.enumerated() {
                let isAfter = supernet.segments.prefix(piece + 1).contains { $0.points.contains { $0 >= changed } }
                #expect((other[piece] != base[piece]) == isAfter, "piece \(piece), \(segment.points)")
            }
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func architecturesOfOtherSpacesAreRefused(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let count = supernet.space.points.count
        let x = try images(1, 8)
        let zeros = [Int](repeating: 0, count: count)
        for choices in [[], Array(zeros.dropLast()), zeros + [0], zeros.dropLast() + [9], [-1] + zeros.dropFirst()] {
            let architecture = Architecture(choices)
            let refusal = try #require(throws: SpaceError.self) { try supernet.space.validate(architecture) }
            #expect(throws: refusal) { try supernet.features(x, architecture, .evaluation) }
            #expect(throws: refusal) { try supernet.activations(x, architecture, .evaluation) }
            #expect(throws: refusal) { try supernet.state(of: architecture) }
        }
        let stem = try supernet.run(0, x, Architecture([]), .evaluation)
        for choices in [[], [9], [-1]] {
            #expect(throws: TorchError.self) { try supernet.run(1, stem, Architecture(choices), .evaluation) }
        }
        for segment in [-1, supernet.segments.count] {
            #expect(throws: TorchError.self) { try supernet.run(segment, x, Architecture(zeros), .evaluation) }
        }
    }
}
