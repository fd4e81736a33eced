import Testing

@testable import Architectures

/// Counts of layers and paths, on networks whose counts are plain.
@Suite struct NetworkStructureTests {
    private static let wide = Layer.Part("wide", .convolution(.init(4, kernel: 3)))
    private static let narrow = Layer.Part("narrow", .convolution(.init(4, kernel: 1)))

    private func counts(_ layer: Layer) -> [Int] { NetworkStructure(layer).named.map(\.value) }

    @Test func layersInTurnAddUp() {
        #expect(counts(.identity) == [0, 0, 0, 0, 0])
        let chain = Layer.sequence([
            Self.wide, .init("norm", .batchNorm(scale: 1)), .init("", .relu), Self.narrow, .init("", .globalPool),
            .init("fc", .linear(outputs: 3)),
        ])
        #expect(counts(chain) == [3, 2, 2, 2, 1])
        #expect(counts(.splitAttention(radix: 2, cardinality: 1)) == [3, 1, 1, 1, 1])
    }

    @Test func shortcutsAreShortPaths() {
        let body = Layer.sequence([Self.wide, Self.narrow])
        #expect(counts(.residual(body: body, shortcut: nil, relu: false)) == [2, 2, 2, 0, 1])
        #expect(counts(.residual(body: body, shortcut: Self.narrow, relu: false)) == [3, 3, 2, 1, 1])
        #expect(counts(.join([Self.wide, .init("both", body)])) == [3, 3, 2, 1, 2 - 1])
    }

    @Test func zerosEndThePathsThroughThem() {
        let dead = Layer.sequence([Self.wide, .init("", .zero(stride: 1))])
        #expect(counts(dead) == [1, 0, 0, 0, 0], "what learns is there, and nothing comes of it")
        #expect(counts(.residual(body: dead, shortcut: nil, relu: false)) == [1, 0, 0, 0, 0])
        #expect(
            counts(.sequence([Self.narrow, .init("", .residual(body: dead, shortcut: nil, relu: true))])) == [
                2, 1, 1, 1, 0,
            ])
        #expect(counts(.gate(.zero(stride: 1))) == [0, 0, 0, 0, 0])
    }

    /// NAS-Bench-201's cells: an edge counts where it lies between the input and the output.
    @Test func edgesOffThePathsOfACellDoNotCount() {
        func edge(_ from: Int, _ to: Int, _ layer: Layer) -> Layer.Edge {
            .init(from: from, to: to, .init("\(from)\(to)", layer))
        }
        let (three, one) = (Self.wide.layer, Self.narrow.layer)
        let zero = Layer.zero(stride: 1)
        // Node 1 is reached by a convolution and leads nowhere; node 2 is not reached.
        let cell = Layer.cell([
            edge(0, 1, three), edge(0, 2, zero), edge(1, 2, zero), edge(0, 3, one), edge(1, 3, zero), edge(2, 3, three),
        ])
        #expect(counts(cell) == [3, 1, 1, 1, 0])
        let full = Layer.cell([
            edge(0, 1, three), edge(0, 2, .identity), edge(1, 2, one), edge(0, 3, zero), edge(1, 3, three),
            edge(2, 3, three),
        ])
        #expect(counts(full) == [4, 4, 3, 1, 2])
        let cut = Layer.cell([edge(0, 1, three), edge(1, 2, zero), edge(0, 2, zero)])
        #expect(counts(cut) == [1, 0, 0, 0, 0])
    }

    /// All of a shipped space.
    @Test func everyCellOfNASBench201IsCounted() throws {
        let space = try NASBench201Space().description()
        let none = try NetworkStructure(space.fixed(to: Architecture([0, 0, 0, 0, 0, 0])))
        let wide = try NetworkStructure(space.fixed(to: Architecture([3, 3, 3, 3, 3, 3])))
        #expect(none.convolutions == 0 && none.greatestDepth == 0)
        #expect(wide.convolutions > 6 && wide.greatestWideDepth > wide.leastDepth)
    }
}
