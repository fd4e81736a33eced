import Architectures
import GoldenCases
import Support
import TestSpaces
import Testing
import Torch

@testable import NN
@testable import Networks

/// What is said of a network without tensors, against the tensors.
@Suite struct CostParityTests {
    /// Layer by layer: the shapes that come in and go out, the parameters, and the operations counted from them.
    @Test(
        arguments: SmallSpace.allCases,
        [28, 32, 64, 27, 33, .init(height: 64, width: 32), .init(height: 27, width: 44)] as [ImageSize])
    func everyLayerCostsWhatItsTensorsSay(kind: SmallSpace, size: ImageSize) throws {
        let description = try kind.description()
        let supernet = try Supernet(description, store: ParameterStore(seed: 1))
        let table = try CostTable(description, imageSize: size, classes: 5)
        let image = try images(1, size)
        for architecture in try kind.architectures(2) {
            let network = NetworkDescription(
                channels: 3, classes: 5, backbone: try description.fixed(to: architecture))
            let pass = MeasuredPass(architecture)
            let features = try withoutGradients {
                try supernet.segments.reduce(image) { x, segment in
                    try segment.modules.reduce(x) { try pass.run($1, $0) }
                }
            }
            let traced = try network.trace(imageSize: size).map(MeasuredPass.Step.init)
            #expect(pass.steps == traced.dropLast())
            let classifier = Cost(
                parameters: 5 * features.size(1) + 5, multiplyAdds: 5 * features.size(1),
                paperOperations: 5 * features.size(1))
            let measured = pass.steps.map(\.cost).reduce(classifier, +)
            #expect(table.cost(of: architecture) == measured)
            // The walk is through the network that is really run.
            let own = try withoutGradients { try supernet.features(image, architecture, .evaluation) }
            #expect(try relativeError(of: features, to: own) < 1e-5)
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func aPathHasTheParametersThatItCosts(kind: SmallSpace) throws {
        let description = try kind.description()
        let supernet = try Supernet(description, store: ParameterStore(seed: 1))
        let table = try CostTable(description, imageSize: 16, classes: 0)
        for architecture in try kind.architectures(10) {
            let layout = try TensorLayout(of: description.fixed(to: architecture), inputs: description.channels)
            let learned = Set(layout.tensors.filter(\.isLearned).map(\.key))
            let state = try supernet.state(of: architecture).filter { learned.contains($0.key) }
            #expect(Set(state.map(\.key)) == learned && state.count == learned.count)
            let count = state.reduce(0) { $0 + $1.tensor.elementCount }
            #expect(count == table.cost(of: architecture).parameters)
        }
        let matrices = supernet.store.parameters.filter { $0.key.hasSuffix("_matrix") }
        #expect(matrices.isEmpty == (kind != .depths))
        let ownCount = supernet.store.parameterCount - matrices.reduce(0) { $0 + $1.tensor.elementCount }
        #expect(ownCount == table.supernetParameters)
    }

    /// The shapes that the pieces give, from what was traced of the layers up to there.
    @Test(arguments: SmallSpace.allCases, [28, 33, .init(height: 48, width: 25)] as [ImageSize])
    func piecesGiveTheShapesThatWereTraced(kind: SmallSpace, size: ImageSize) throws {
        let description = try kind.description()
        let supernet = try Supernet(description, store: ParameterStore(seed: 1))
        let architecture = try kind.architectures(1)[0]
        let outputs = try withoutGradients { try supernet.activations(images(2, size), architecture, .evaluation) }
        guard case .sequence(let parts) = try description.fixed(to: architecture) else {
            throw MeasureError(description: "the backbone is no sequence")
        }
        // A piece ends before the first part that brings new choices, or at the end.
        var ends: [Int] = []
        var seen: Set<String> = []
        guard case .sequence(let open) = description.backbone else { return }
        for (position, part) in open.enumerated() {
            if !seen.isSuperset(of: part.layer.choicePoints) { ends.append(position) }
            seen.formUnion(part.layer.choicePoints)
        }
        ends.append(parts.count)
        #expect(outputs.count == ends.count)
        for (output, end) in zip(outputs, ends) {
            let pooled = end == parts.count ? [] : [Layer.Part("", .globalPool)]
            let beginning = NetworkDescription(
                channels: 3, classes: 1, backbone: .sequence(Array(parts.prefix(end)) + pooled))
            let layers = try beginning.trace(imageSize: size).dropLast()
            let last = try #require(layers.last)
            let shape = end == parts.count ? last.output : last.input
            #expect(
                output.shape
                    == [2, shape.channels] + (end == parts.count ? [] : [shape.height, shape.width]))
        }
    }

    /// libtorch's own rules for windows, refusals included.
    @Test(arguments: [1, 2, 3, 4], [false, true])
    func windowsAreCountedAsLibtorchDoes(kernel: Int, ceil: Bool) throws {
        for (padding, stride) in (0...kernel / 2).flatMap({ p in (1...4).map { (p, $0) } }) {
            for side in 1...6 {
                let x = try Tensor.zeros([1, 2, side, side])
                func compare(_ layer: Layer, _ real: () throws -> Tensor) {
                    let traced = try? NetworkDescription(
                        channels: 2, classes: 1, backbone: .sequence([.init("", layer), .init("", .globalPool)])
                    ).trace(imageSize: ImageSize(side))[0].output
                    let shape = (try? real())?.shape
                    #expect(
                        shape?.dropFirst() == traced.map { [$0.channels, $0.height, $0.width] },
                        "\(layer) of \(side) x \(side)")
                }
                let pool = Layer.Pool(.average, kernel: kernel, stride: stride, padding: padding, ceil: ceil)
                compare(.pool(pool)) { try pool(x) }
                guard !ceil else { continue }
                let max = Layer.Pool(.max, kernel: kernel, stride: stride, padding: padding)
                compare(.pool(max)) { try max(x) }
                let shape = Layer.Convolution(2, kernel: kernel, stride: stride, padding: padding)
                compare(.convolution(shape)) {
                    try x.convolved(
                        .zeros([2, 2, kernel, kernel]), stride: (stride, stride), padding: (padding, padding))
                }
            }
        }
    }

    @Test func zerosAreOfTheTracedShape() throws {
        for (stride, side) in (1...4).flatMap({ s in (1...6).map { (s, $0) } }) {
            let module = Module.zero(stride: stride)
            let y = try module(.ones([1, 2, side, side]), Module.Pass(mode: .evaluation, architecture: nil))
            let layers = try NetworkDescription(
                channels: 2, classes: 1,
                backbone: .sequence([.init("", .zero(stride: stride)), .init("", .globalPool)])
            ).trace(imageSize: ImageSize(side))
            #expect(y.shape == [1, 2, layers[0].input.height, layers[0].input.width])
            #expect(try y.absolute().max().item() == 0)
        }
    }

    @Test func theWidthOfAttentionIsTheLayersOwn() {
        for width in [4, 20, 64, 84, 250, 672] {
            for (radix, cardinality) in (1...4).flatMap({ r in (1...5).map { (r, $0) } }) {
                #expect(
                    Layer.attentionWidth(width, radix: radix, cardinality: cardinality)
                        == SplitAttention.reducedWidth(width, radix: radix, cardinality: cardinality))
            }
        }
    }
}
