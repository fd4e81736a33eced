import Architectures
import Foundation
import Support
import Testing

/// Descriptions come from files that anybody may have made: whatever they say is refused with an error.
@Suite struct HostileLayerTests {
    /// Reads the layer and follows 8-pixel images through it.
    private func use(_ json: String) throws {
        let layer = try JSONDecoder().decode(Layer.self, from: Data(json.utf8))
        let network = NetworkDescription(
            channels: 3, classes: 2, backbone: .sequence([.init("", layer), .init("", .globalPool)]))
        _ = try network.cost(imageSize: 8)
    }

    private func nested(_ open: String, _ close: String, _ depth: Int) -> String {
        String(repeating: open, count: depth) + #"{"type": "relu"}"# + String(repeating: close, count: depth)
    }

    @Test(arguments: [60, 1_000, 100_000]) func deepNesting(depth: Int) throws {
        for (open, close) in [
            (#"{"type": "residual", "body": "#, "}"), (#"{"type": "gate", "body": "#, "}"),
            (#"{"type": "sequence", "parts": [{"key": "a", "layer": "#, "}]}"),
            (#"{"type": "cell", "edges": [{"from": 0, "to": 1, "part": {"key": "", "layer": "#, "}}]}"),
        ] {
            let json = nested(open, close, depth)
            if depth < 64 {
                try use(json)
            } else {
                #expect(throws: DecodingError.self) { try use(json) }
            }
        }
        let choices = nested(
            #"{"type": "choice", "point": "p", "candidates": [{"name": "x", "layer": "#, "}]}", depth)
        #expect(throws: (any Error).self) { try use(choices) }
    }

    @Test(arguments: [
        "", "null", "[]", "7", #""relu""#, "{}", #"{"type": null}"#, #"{"type": "rely"}"#, #"{"type": ["relu"]}"#,
        #"{"type": "convolution"}"#, #"{"type": "convolution", "outputs": "8", "kernel": 3}"#,
        #"{"type": "convolution", "outputs": 8.5, "kernel": 3}"#,
        #"{"type": "convolution", "outputs": 1e300, "kernel": 3}"#,
        #"{"type": "convolution", "outputs": 8, "kernel": 3, "start": "cold"}"#,
        #"{"type": "pool", "kind": "median", "kernel": 2, "stride": 2}"#, #"{"type": "sequence", "parts": {}}"#,
        #"{"type": "sequence", "parts": [{"type": "relu"}]}"#, #"{"type": "batch-norm", "scale": 1e999}"#,
        #"{"type": "residual"}"#, #"{"type": "gate"}"#, #"{"type": "resize", "height": 4}"#,
        #"{"type": "resize", "height": 4, "width": "4"}"#, #"{"type": "cell", "edges": [{"from": "0", "to": 1}]}"#,
    ])
    func whatIsNoLayer(json: String) {
        #expect(throws: DecodingError.self) { try use(json) }
    }

    private static let numbers = [Int.min, -1, 0, 65_537, 1 << 31, Int.max]

    @Test(arguments: numbers) func numbersThatCannotBe(number: Int) {
        let pool = #""kind": "average", "padding": 0, "ceil": true, "counts-padding": true"#
        for json in [
            #"{"type": "convolution", "outputs": \#(number), "kernel": 3}"#,
            #"{"type": "convolution", "outputs": 8, "kernel": \#(number), "padding": 0}"#,
            #"{"type": "convolution", "outputs": 8, "kernel": 3, "stride": \#(number)}"#,
            #"{"type": "convolution", "outputs": 8, "kernel": 3, "groups": \#(number)}"#,
            #"{"type": "convolution", "outputs": 8, "kernel": 1, "padding": \#(number == 0 ? -2 : number)}"#,
            #"{"type": "pool", "kernel": \#(number), "stride": 1, \#(pool)}"#,
            #"{"type": "pool", "kernel": 1, "stride": \#(number), \#(pool)}"#,
            #"{"type": "split-attention", "radix": \#(number), "cardinality": 1}"#,
            #"{"type": "split-attention", "radix": 1, "cardinality": \#(number)}"#,
            #"{"type": "zero", "stride": \#(number)}"#, #"{"type": "resize", "height": \#(number), "width": 1}"#,
            #"{"type": "resize", "height": 1, "width": \#(number)}"#,
            #"{"type": "gate", "body": {"type": "zero", "stride": \#(number)}}"#,
            #"{"type": "sequence", "parts": [{"key": "", "layer": {"type": "global-pool"}}, "#
                + #"{"key": "", "layer": {"type": "linear", "outputs": \#(number)}}]}"#,
            #"{"type": "cell", "edges": [{"from": 0, "to": \#(number), "part": {"key": "", "layer": {"type": "relu"}}}]}"#,
            #"{"type": "cell", "edges": [{"from": \#(number == 0 ? 2 : number), "to": 1, "#
                + #""part": {"key": "", "layer": {"type": "relu"}}}]}"#,
        ] {
            #expect(throws: SpaceError.self, "\(json)") { try use(json) }
        }
    }

    @Test(arguments: numbers) func imagesThatCannotBe(number: Int) throws {
        let network = NetworkDescription(channels: 3, classes: 2, backbone: .globalPool)
        for size in [ImageSize(number), .init(height: number, width: 8), .init(height: 8, width: number)] {
            #expect(throws: SpaceError.self) { try network.cost(imageSize: size) }
        }
        for change in [\NetworkDescription.channels, \.classes] {
            var changed = network
            changed[keyPath: change] = number
            // Without classes there is no classifier, which is no number that cannot be.
            if change == \.classes, number == 0 {
                #expect(try changed.cost(imageSize: 8) == Cost())
                changed.backbone = .relu
            }
            #expect(throws: SpaceError.self) { try changed.cost(imageSize: 8) }
        }
        let description = try SupernetDescription(
            "s", channels: number, backbone: .choice(.init("p", [.init("x", .globalPool)])))
        #expect(throws: SpaceError.self) { try description.trace(imageSize: 8) }
        #expect(throws: SpaceError.self) { try CostTable(description, imageSize: .init(number), classes: 2) }
    }

    /// Each number is allowed; together they are beyond 64 bits.
    @Test func productsThatOverflow() throws {
        let most = 65_536
        let layers: [Layer] = [
            .convolution(.init(most, kernel: most)),
            .convolution(.init(most, kernel: most, padding: most)),
            .convolution(.init(most, kernel: 1025, padding: 512)),
            .convolution(.init(most, kernel: 31)),
            .splitAttention(radix: most, cardinality: 1),
        ]
        for layer in layers {
            let network = NetworkDescription(
                channels: most, classes: most, backbone: .sequence([.init("", layer), .init("", .globalPool)]))
            let error = #expect(throws: SpaceError.self) { try network.cost(imageSize: .init(most)) }
            let reason = error?.description ?? ""
            #expect(reason.contains("is beyond 2^53") || reason.contains("must be from 1 to 65,536"), "\(reason)")
        }
    }

    @Test(arguments: [1e300, -1e7, .infinity, .nan]) func scalesThatNoNetworkCanStartWith(scale: Double) {
        let network = NetworkDescription(
            channels: 3, classes: 2, backbone: .sequence([.init("", .batchNorm(scale: scale)), .init("", .globalPool)]))
        #expect(throws: SpaceError.self) { try network.cost(imageSize: 8) }
    }

    /// What can be counted, and no machine would be done with.
    @Test func layersThatEachAreWithinTheirBounds() throws {
        func refusal(_ layers: [Layer]) throws -> String {
            let choice = Layer.choice(.init("p", [.init("x", .identity), .init("y", .relu)]))
            let description = try SupernetDescription(
                "s", channels: 3,
                backbone: .sequence((layers + [choice, .globalPool]).map { .init("", $0) }))
            let error = #expect(throws: SpaceError.self) { _ = try CostTable(description, imageSize: 32, classes: 2) }
            return try #require(error).description
        }
        let pads = [Layer](repeating: .pad(before: 64, after: 64), count: 200)
        #expect(try refusal(pads + [.convolution(.init(64, kernel: 3))]).contains("more than 2^30"))
        #expect(try refusal(pads).contains("more than 2^30"), "what is pooled at once")
        let wide = [Layer](repeating: .convolution(.init(65_536, kernel: 1)), count: 6)
        #expect(try refusal(wide).contains("more than 2^34"))
        let slow = Layer.convolution(.init(512, kernel: 255, padding: 127))
        #expect(
            try refusal([.convolution(.init(512, kernel: 1)), slow, slow, slow, slow, slow]).contains("more than 2^46"))
    }

    @Test func namesAndNumbersOfChoicesThatNothingCanShow() throws {
        let long = String(repeating: "n", count: 256)
        for (name, points) in [
            (long, [ChoicePoint("p", ["x"])]), ("s", [ChoicePoint(long, ["x"])]), ("s", [ChoicePoint("p", [long])]),
            ("s", (0...4096).map { ChoicePoint("\($0)", ["x"]) }),
        ] {
            let error = #expect(throws: SpaceError.self) { _ = try SearchSpace(name, points) }
            #expect(try #require(error).description.count < 1000)
        }
    }

    @Test func latenciesOfAnotherSpace() throws {
        let space = try SearchSpace("s", [ChoicePoint("p", ["x", "y"])])
        func table(_ candidates: [[Double]]) -> LatencyTable {
            LatencyTable(fixed: 1, candidates: candidates, batchSize: 1, imageSize: 8, error: 0, checked: 0)
        }
        #expect(table([[0, 1]]).isOf(space))
        for candidates in [[], [[0]], [[0, 1], [0, 1]], [[0, .infinity]]] as [[[Double]]] {
            #expect(!table(candidates).isOf(space))
        }
    }

    @Test func sidesAndSumsThatGrowWithoutEnd() throws {
        let growing = Layer.convolution(.init(1, kernel: 60_000, padding: 60_000))
        let network = NetworkDescription(
            channels: 1, classes: 2, backbone: .sequence(.init(repeating: .init("", growing), count: 100)))
        #expect(throws: SpaceError.self) { try network.cost(imageSize: 1) }
        let norms = [Layer.Part](repeating: .init("", .batchNorm(scale: 1)), count: 20_000)
        let wide = NetworkDescription(
            channels: 65_536, classes: 2, backbone: .sequence(norms + [.init("", .globalPool)]))
        #expect(try wide.cost(imageSize: 65_536).paperOperations == .max)
    }
}
