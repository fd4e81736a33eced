import Architectures
import Testing

@Suite struct NASBench201Tests {
    @Test func everyArchitectureHasAStringAndEveryStringItsArchitecture() throws {
        let space = try NASBench201Space(width: 1, cells: 1).description().space
        #expect(space.size == 15_625)
        var strings: Set<String> = []
        for architecture in space.everything.striding(by: 7) {
            let string = try NASBench201Space.string(of: architecture)
            #expect(try NASBench201Space.architecture(of: string) == architecture)
            strings.insert(string)
        }
        #expect(strings.count == 2233)
    }

    /// The benchmark's architecture 1.
    @Test func theBenchmarksOwnString() throws {
        let string = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"
        let architecture = try NASBench201Space.architecture(of: string)
        #expect(architecture == Architecture([3, 3, 4, 1, 3, 1]))
        #expect(try NASBench201Space.string(of: architecture) == string)
        let space = try NASBench201Space().description().space
        #expect(space.points.map(\.name) == ["0->1", "0->2", "1->2", "0->3", "1->3", "2->3"])
        #expect(
            space.names(of: architecture) == [
                "nor_conv_3x3", "nor_conv_3x3", "avg_pool_3x3", "skip_connect", "nor_conv_3x3", "skip_connect",
            ])
    }

    /// What the benchmark's tables say for CIFAR-10; they count the classifier's ten additions among the operations.
    @Test(arguments: [
        ("|skip_connect~0|+|none~0|nor_conv_3x3~1|+|avg_pool_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|", 802_426, 113.95137),
        (
            "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|", 802_426,
            113.95137
        ),
    ])
    func networksCostWhatTheBenchmarkSays(string: String, parameters: Int, millions: Double) throws {
        let table = try CostTable(NASBench201Space().description(), imageSize: 32, classes: 10)
        let cost = table.cost(of: try NASBench201Space.architecture(of: string))
        #expect(cost.parameters == parameters)
        #expect(abs(Double(cost.multiplyAdds + 10) / 1e6 - millions) < 1e-9)
    }

    @Test(arguments: [
        "", "|", "|none~0|", "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|", "none~0+none~0|none~1+",
        "|none~0|+|none~0|none~1|+|none~0|none~1|", "|none~1|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|none~0|+|none~0||none~1|+|none~0|none~1|none~2|", "|none~0|+|none~0|none~1|+|none~0|none~1|nun~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+", "|none~0~|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|none|+|none~0|none~1|+|none~0|none~1|none~2|", "||none~0||+|none~0|none~1|+|none~0|none~1|none~2|",
    ])
    func otherStringsAreRefused(string: String) {
        #expect(throws: SpaceError.unreadable(string)) { try NASBench201Space.architecture(of: string) }
    }

    @Test(arguments: [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 5], [0, 0, 0, 0, 0, -1], []])
    func otherArchitecturesHaveNoString(choices: [Int]) {
        #expect(throws: SpaceError.self) { try NASBench201Space.string(of: Architecture(choices)) }
    }

    @Test(arguments: [
        NASBench201Space(channels: 0), NASBench201Space(width: 8193), NASBench201Space(cells: 257),
        NASBench201Space(channels: .max, width: .min, cells: .max),
    ])
    func sizesThatCannotBeAreRefused(space: NASBench201Space) {
        #expect(throws: SpaceError.self) { try space.description() }
    }
}

extension Array {
    fileprivate func striding(by step: Int) -> [Element] { stride(from: 0, to: count, by: step).map { self[$0] } }
}
