import Architectures
import Testing

@Suite struct EfficientNetLiteSpaceTests {
    private static let whole = Architecture([Int](repeating: 0, count: 15))

    /// 4,652,008 is the count of the published checkpoint's tensors without running statistics; 1,281,000 are its classifier's.
    @Test func thePathOfZerosIsThePublishedNetwork() throws {
        let description = try EfficientNetLiteSpace().description()
        let table = try CostTable(description, imageSize: 224, classes: 1000)
        let cost = table.cost(of: Self.whole)
        #expect(cost.parameters == 4_652_008)
        // 407 M in the authors' table, which counts what is added to the sums of products, too.
        #expect((380_000_000..<410_000_000).contains(cost.multiplyAdds), "\(cost.multiplyAdds)")
    }

    @Test func aBlockCanBeHalvedAndLeftOutWhereItKeepsTheShape() throws {
        let description = try EfficientNetLiteSpace().description()
        let layers = try description.trace(imageSize: 64).layers
        #expect(description.space.points.count == 15)
        #expect(description.space.size == 64 * 19_683)
        for (position, point) in description.space.points.enumerated() {
            func traced(_ candidate: Int) -> [TracedLayer] {
                layers.filter { $0.candidate == CandidateReference(point: position, candidate: candidate) }
            }
            let (input, output) = (try #require(traced(0).first).input, try #require(traced(0).last).output)
            let keeps = input.channels == output.channels && point.candidates.count == 3
            #expect(point.candidates == (keeps ? ["whole", "half", "identity"] : ["whole", "half"]), "\(point.name)")
            // Whole and half expand to 6 and 3 times the channels.
            #expect(traced(0)[0].output.channels == 6 * input.channels)
            #expect(traced(1)[0].output.channels == 3 * input.channels)
            #expect(traced(1).last?.output == output)
            #expect(traced(2).isEmpty)
        }
    }

    @Test func sidesAreHalvedFiveTimesOrFourWithAStemOfStride1() throws {
        for (stride, side) in [(2, 3), (1, 6)] {
            let layers = try EfficientNetLiteSpace(stemStride: stride).description().trace(imageSize: 96).layers
            #expect(try #require(layers.last { $0.kind == "convolution" }).output == FeatureShape(1280, side, side))
        }
    }

    @Test(arguments: [
        EfficientNetLiteSpace(channels: 0), EfficientNetLiteSpace(stemStride: 3), EfficientNetLiteSpace(widths: [16]),
        EfficientNetLiteSpace(stemWidth: 0), EfficientNetLiteSpace(headWidth: 8193),
    ])
    func sizesThatCannotBeAreRefused(space: EfficientNetLiteSpace) {
        #expect(throws: SpaceError.self) { try space.description() }
    }
}
