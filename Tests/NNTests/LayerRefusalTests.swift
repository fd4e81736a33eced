import NN
import Testing
import Torch

/// Layers refuse what they cannot be, with the values, and register nothing.
@Suite struct LayerRefusalTests {
    private func refusal(_ make: (Scope) throws -> Void) throws -> String {
        let store = try ParameterStore(seed: 0)
        let text = try message { try make(store.root / "block" / "conv") }
        #expect(store.keys.isEmpty)
        #expect(text.contains("'block.conv'"))
        return text
    }

    @Test func conv2dChannels() throws {
        #expect(
            try refusal { _ = try Conv2d($0, 48, 10, kernel: 3, groups: 5) }
                .contains("in_channels (=48) must be divisible by groups (=5)"))
        #expect(
            try refusal { _ = try Conv2d($0, 10, 48, kernel: 3, groups: 5) }
                .contains("out_channels (=48) must be divisible by groups (=5)"))
        #expect(
            try refusal { _ = try Conv2d($0, 0, -4, kernel: 3, groups: 0) }
                .contains("in_channels (=0), out_channels (=-4) and groups (=0) must be positive"))
    }

    @Test func conv2dSizes() throws {
        for make: (Scope) throws -> Void in [
            { _ = try Conv2d($0, 2, 2, kernel: 0) }, { _ = try Conv2d($0, 2, 2, kernel: 3, stride: 0) },
            { _ = try Conv2d($0, 2, 2, kernel: 3, padding: -1) }, { _ = try Conv2d($0, 2, 2, kernel: 3, dilation: -2) },
        ] {
            #expect(try refusal(make).contains("must be positive"))
        }
        #expect(
            try refusal { _ = try Conv2d($0, 2, 2, kernel: (3, 0), stride: (1, 2), padding: (0, 1)) }
                .contains("kernel (=(3, 0)), stride (=(1, 2)) and dilation (=(1, 1)) must be positive"))
    }

    @Test func splitAttention() throws {
        for (width, radix, cardinality) in [(9, 1, 2), (8, 0, 1), (8, 1, 0)] {
            let text = try refusal {
                _ = try SplitAttention($0, width, radix: radix, cardinality: cardinality, initializer: .defaultWeight)
            }
            #expect(text.contains("radix (=\(radix))") && text.contains("width (=\(width))"))
        }
    }

    /// What only the input shows is refused with the shapes.
    @Test func inputsOfOtherChannels() throws {
        let store = try ParameterStore(seed: 0)
        let conv = try Conv2d(store.root / "conv", 3, 4, kernel: 3)
        #expect(try message { _ = try conv(.zeros([1, 2, 8, 8])) }.contains("[1, 2, 8, 8] and [4, 3, 3, 3]"))
        let norm = try BatchNorm2d(store.root / "bn", 3)
        #expect(throws: TorchError.self) { try norm(.zeros([2, 4, 3, 3]), .training) }
        let linear = try Linear(store.root / "fc", 3, 4)
        #expect(try message { _ = try linear(.zeros([2, 5])) }.contains("[2, 5] and [4, 3]"))
    }
}
