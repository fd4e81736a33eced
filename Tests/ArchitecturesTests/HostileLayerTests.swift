import Architectures
import Foundation
import ImageSizes
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

    @Test(arguments: [60, 1_000, 100_000]) func `deep nesting`(depth: Int) throws {
        for (open, close) in [
            (#"{"type": "residual", "body": "#, "}"),
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
        #"{"type": "residual"}"#, #"{"type": "cell", "edges": [{"from": "0", "to": 1}]}"#,
    ])
    func `what is no layer`(json: String) {
        #expect(throws: DecodingError.self) { try use(json) }
    }

    private static let numbers = [Int.min, -1, 0, 65_537, 1 << 31, Int.max]

    @Test(arguments: numbers) func `numbers that cannot be`(number: Int) {
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
            #"{"type": "zero", "stride": \#(number)}"#,
            #"{"type": "sequence", "parts": [{"key": "", "layer": {"type": "global-pool"}}, "#
                + #"{"key": "", "layer": {"type": "linear", "outputs": \#(number)}}]}"#,
            #"{"type": "cell", "edges": [{"from": 0, "to": \#(number), "part": {"key": "", "layer": {"type": "relu"}}}]}"#,
            #"{"type": "cell", "edges": [{"from": \#(number == 0 ? 2 : number), "to": 1, "#
                + #""part": {"key": "", "layer": {"type": "relu"}}}]}"#,
        ] {
            #expect(throws: SpaceError.self, "\(json)") { try use(json) }
        }
    }

    @Test(arguments: numbers) func `images that cannot be`(number: Int) throws {
        let network = NetworkDescription(channels: 3, classes: 2, backbone: .globalPool)
        for size in [ImageSize(number), .init(height: number, width: 8), .init(height: 8, width: number)] {
            #expect(throws: SpaceError.self) { try network.cost(imageSize: size) }
        }
        for change in [\NetworkDescription.channels, \.classes] {
            var changed = network
            changed[keyPath: change] = number
            #expect(throws: SpaceError.self) { try changed.cost(imageSize: 8) }
        }
        let description = try SupernetDescription(
            "s", channels: number, backbone: .choice(.init("p", [.init("x", .globalPool)])))
        #expect(throws: SpaceError.self) { try description.trace(imageSize: 8) }
        #expect(throws: SpaceError.self) { try CostTable(description, imageSize: .init(number), classes: 2) }
    }

    /// Each number is allowed; together they are beyond 64 bits.
    @Test func `products that overflow`() throws {
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

    @Test func `sides and sums that grow without end`() throws {
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
