import Architectures
import Testing

@testable import Workflows

@Suite struct SearchRegionTests {
    @Test func regionsAreOfEqualSizeAndOfNeighbours() throws {
        let space = try SearchSpace(
            "s", [.init("a", ["0", "1", "2"]), .init("b", ["0", "1"]), .init("c", ["0", "1", "2", "3"])])
        var all: [Architecture] = []
        for a in 0..<3 { for b in 0..<2 { for c in 0..<4 { all.append(Architecture([a, b, c])) } } }
        for regions in [1, 2, 3, 4, 6] {
            let found = all.sorted().map { SharedPathWork.region(of: $0, in: space, of: regions) }
            #expect(found == found.sorted(), "neighbours are together")
            for region in 0..<regions { #expect(found.count { $0 == region } == 24 / regions) }
        }
    }
}
