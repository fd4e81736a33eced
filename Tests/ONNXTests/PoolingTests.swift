import Architectures
import ONNX
import Testing

/// ONNX's pooling is described by pads on each side; PyTorch's by one padding and a rule for windows that are partly
/// outside. Both are worked out here along one side, from their own definitions.
@Suite struct PoolingTests {
    private static let pools: [Layer.Pool] = [2, 3, 5].flatMap { kernel in
        [1, 2, 3, 4].flatMap { stride in
            (0...kernel / 2).flatMap { padding in
                [(false, false), (false, true), (true, false), (true, true)].map { ceil, counts in
                    Layer.Pool(
                        .average, kernel: kernel, stride: stride, padding: padding, ceil: ceil, countsPadding: counts)
                }
            }
        }
    }

    /// What one window of ONNX's takes of the image, and what it divides by.
    private func onnxWindows(_ model: ReadModel, size: Int) throws -> [[Int]] {
        let node = try #require(model.nodes("AveragePool").first)
        let (kernel, stride) = (node.attributes["kernel_shape"]?[0] ?? 0, node.attributes["strides"]?[0] ?? 1)
        let pads = try #require(node.attributes["pads"])
        #expect(pads.allSatisfy { $0 < kernel })
        let counts = node.attributes["count_include_pad"] == [1]
        var (zerosBefore, zerosAfter) = (0, 0)
        if let pad = model.nodes("Pad").first {
            let sizes = try #require(model.initializers[pad.inputs[1]]).integers
            (zerosBefore, zerosAfter) = (sizes[2], sizes[6])
            #expect(sizes == [0, 0, zerosBefore, zerosBefore, 0, 0, zerosAfter, zerosAfter])
        }
        let padded = size + zerosBefore + zerosAfter
        let windows = (padded + pads[0] + pads[2] - kernel) / stride + 1
        return (0..<windows).map { window in
            let start = window * stride - pads[0]
            let inside = max(start, 0)..<min(start + kernel, padded)
            let image = max(inside.lowerBound - zerosBefore, 0)..<min(inside.upperBound - zerosBefore, size)
            return [image.lowerBound, image.upperBound, counts ? kernel : inside.count]
        }
    }

    /// The same of PyTorch's `avg_pool2d`; `windows` is the number that the description gives.
    private func torchWindows(_ pool: Layer.Pool, size: Int, windows: Int) -> [[Int]] {
        (0..<windows).map { window in
            let start = window * pool.stride - pool.padding
            let end = min(start + pool.kernel, size + pool.padding)
            let image = max(start, 0)..<min(end, size)
            return [image.lowerBound, image.upperBound, pool.countsPadding ? end - start : image.count]
        }
    }

    @Test(arguments: pools)
    func meansAreOverPyTorchsWindowsWithItsDivisors(pool: Layer.Pool) throws {
        for size in 11...14 {
            let layers = network(Layer.Part("p", .pool(pool)))
            let traced = try #require(try layers.trace(imageSize: .init(size)).first { $0.kind == "pooling" }).output
                .height
            let model = try ReadModel(ONNXExport(layers, imageSize: .init(size)).randomModel())
            let (found, expected) = (
                try onnxWindows(model, size: size), torchWindows(pool, size: size, windows: traced)
            )
            #expect(found == expected, "\(pool), \(size)")
        }
    }

    @Test func windowsOfOnePixelAreNothingAndMaximaHaveNoDivisor() throws {
        let layers = network(
            Layer.Part("", .pool(.init(.average, kernel: 1, stride: 1, ceil: true))),
            Layer.Part("", .pool(.init(.max, kernel: 3, stride: 2, padding: 1))))
        let model = try ReadModel(ONNXExport(layers, imageSize: 9).randomModel())
        #expect(model.nodes.map(\.operation) == ["MaxPool", "GlobalAveragePool", "Flatten", "Gemm"])
        let pool = model.nodes[0].attributes
        #expect(pool == ["kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2]])
    }

    @Test func forImagesOfAnySizeWindowsMayBePartlyOutsideWhereAllRuntimesAgreeOnThem() throws {
        func export(stride: Int, padding: Int) throws -> ReadModel {
            let pool = Layer.Pool(.average, kernel: 2, stride: stride, padding: padding, ceil: true)
            return try ReadModel(
                ONNXExport(
                    network(Layer.Part("p", .pool(pool))), imageSize: 9, options: .init(dynamicImageSize: true)
                ).randomModel())
        }
        let attributes = try export(stride: 2, padding: 0).nodes("AveragePool").first?.attributes
        #expect(attributes?["ceil_mode"] == [1] && attributes?["count_include_pad"] == [0])
        #expect(throws: ONNXError.needsFixedSize(path: "p")) { try export(stride: 3, padding: 0) }
        #expect(throws: ONNXError.needsFixedSize(path: "p")) { try export(stride: 2, padding: 1) }
    }
}
