import Architectures
import Torch

@testable import NN
@testable import Networks

/// Runs modules one elementary layer at a time and writes down what each is given, gives and costs, from the tensors
/// alone: another way to the same result as `Module`, whose kernels do several things at once.
final class MeasuredPass {
    /// An elementary layer that was run.
    struct Step: Equatable {
        let kind: String
        let input: [Int]
        let output: [Int]
        let cost: Cost

        init(_ kind: String, _ x: Tensor, _ y: Tensor, _ cost: Cost) {
            self.kind = kind
            input = Array(x.shape.dropFirst())
            output = Array(y.shape.dropFirst())
            self.cost = cost
        }

        /// What was said of the layer without running it.
        init(_ traced: TracedLayer) {
            func shape(_ shape: FeatureShape) -> [Int] {
                shape.isVector ? [shape.channels] : [shape.channels, shape.height, shape.width]
            }
            kind = traced.kind
            (input, output) = (shape(traced.input), shape(traced.output))
            cost = traced.cost
        }
    }

    private(set) var steps: [Step] = []
    private let architecture: Architecture?

    init(_ architecture: Architecture?) { self.architecture = architecture }

    /// One image, batch norm by running statistics: [1, C, H, W] in and out.
    func run(_ module: Module, _ x: Tensor) throws -> Tensor {
        switch module {
        case .convolution(let conv): return try convolution(conv, x)
        case .norm(let norm, let relu):
            let y = try self.norm(norm, x)
            return relu ? try self.relu(y) : y
        case .relu: return try relu(x)
        case .relu6:
            steps.append(Step("ReLU6", x, x, Cost(paperOperations: x.elementCount)))
            return try x.relu() - (x - 6).relu()
        case .hardSwish:
            steps.append(Step("hard swish", x, x, Cost(paperOperations: x.elementCount)))
            return try x * hardSigmoid(x)
        case .hardSigmoid:
            steps.append(Step("hard sigmoid", x, x, Cost(paperOperations: x.elementCount)))
            return try hardSigmoid(x)
        case .pad: return try module(x, Module.Pass(mode: .evaluation, architecture: nil))
        case .pool(let pool):
            let y = try pool(x)
            steps.append(Step("pooling", x, y, Cost(paperOperations: x.elementCount)))
            return y
        case .globalPool:
            let y = try x.mean([2, 3])
            steps.append(Step("pooling", x, y, Cost()))
            return y
        case .squeeze:
            let y = try x.mean([2, 3], keep: true)
            steps.append(Step("pooling", x, y, Cost()))
            return y
        case .gate(let body): return try run(body, x) * x
        case .resize(let height, let width):
            let y = try Self.interpolation(x.size(2), height).matrixProduct(x).matrixProduct(
                Self.interpolation(x.size(3), width).transposed())
            steps.append(Step("resizing", x, y, Cost()))
            return y
        case .global(let body, _, _):
            let mean = try x.mean([2, 3], keep: true)
            steps.append(Step("pooling", x, mean, Cost()))
            return try run(body, mean) * Tensor.ones([1, 1, x.size(2), x.size(3)])
        case .join(let modules, _): return try .concatenated(modules.map { try run($0, x) }, dimension: 1)
        case .dropout, .tap: return x
        case .linear(let linear):
            let y = try linear(x)
            let products = linear.weight.elementCount
            let biases = linear.bias?.elementCount ?? 0
            steps.append(
                Step(
                    "linear", x, y,
                    Cost(parameters: products + biases, multiplyAdds: products, paperOperations: products)))
            return y
        case .splitAttention(let attention): return try splitAttention(attention, x)
        case .identity: return x
        case .zero: return try module(x, Module.Pass(mode: .evaluation, architecture: nil))
        case .sequence(let modules): return try modules.reduce(x) { try run($1, $0) }
        case .residual(let body, let shortcut, let relu):
            let sum = try run(body, x) + run(shortcut, x)
            return relu ? try self.relu(sum) : sum
        case .choice(let point, let candidates):
            guard let architecture else { throw MeasureError(description: "a choice without an architecture") }
            return try run(candidates[architecture[point]], x)
        case .sharedChoice(let point, let candidates):
            guard let architecture else { throw MeasureError(description: "a choice without an architecture") }
            switch candidates[architecture[point]] {
            case .whole(let module): return try run(module, x)
            case .part(let candidate): return try run(candidate.module().module, x)
            }
        case .cell(let nodes):
            var values = [x]
            for incoming in nodes {
                let terms = try incoming.map { try run($0.module, values[$0.from]) }
                values.append(try terms.dropFirst().reduce(terms[0]) { try $0 + $1 })
            }
            return values[values.count - 1]
        }
    }

    private func convolution(_ conv: Conv2d, _ x: Tensor) throws -> Tensor {
        let y = try conv(x)
        let positions = y.size(2) * y.size(3)
        let weights = conv.weight.elementCount
        steps.append(
            Step(
                "convolution", x, y,
                Cost(
                    parameters: weights + (conv.bias?.elementCount ?? 0), multiplyAdds: weights * positions,
                    paperOperations: weights * positions + (conv.bias == nil ? 0 : y.elementCount))))
        return y
    }

    private func norm(_ norm: BatchNorm2d, _ x: Tensor) throws -> Tensor {
        let y = try norm(x, .running)
        let learned = (norm.weight?.elementCount ?? 0) + (norm.bias?.elementCount ?? 0)
        steps.append(Step("batch norm", x, y, Cost(parameters: learned, paperOperations: 2 * y.elementCount)))
        return y
    }

    private func relu(_ x: Tensor) throws -> Tensor {
        steps.append(Step("ReLU", x, x, Cost(paperOperations: x.elementCount)))
        return try x.relu()
    }

    private func hardSigmoid(_ x: Tensor) throws -> Tensor { try ((x + 3).relu() - (x - 3).relu()) / 6 }

    /// The shares, [new, old], of the old positions along a side in the new ones: each lies between the centres of two.
    private static func interpolation(_ old: Int, _ new: Int) throws -> Tensor {
        var shares = [Float](repeating: 0, count: new * old)
        for position in 0..<new {
            let place = max((Double(position) + 0.5) * Double(old) / Double(new) - 0.5, 0)
            let left = min(Int(place), old - 1)
            shares[position * old + left] += Float(1 - (place - Double(left)))
            shares[position * old + min(left + 1, old - 1)] += Float(place - Double(left))
        }
        return try Tensor(shares, shape: [new, old])
    }

    private func splitAttention(_ attention: SplitAttention, _ x: Tensor) throws -> Tensor {
        let splits = try relu(norm(attention.bn0, convolution(attention.conv, x)))
        let parts = try splits.chunks(attention.radix, dimension: 1)
        let pooled = try parts.dropFirst().reduce(parts[0]) { try $0 + $1 }.mean([2, 3], keep: true)
        let hidden = try relu(norm(attention.bn1, convolution(attention.fc1, pooled)))
        let logits = try convolution(attention.fc2, hidden)
        let (radix, groups) = (attention.radix, attention.cardinality)
        let weights =
            radix == 1
            ? try logits.sigmoid()
            : try logits.reshaped([1, groups, radix, -1]).transposed(1, 2).softmax(1).reshaped([1, -1, 1, 1])
        let weighted = try (splits * weights).chunks(radix, dimension: 1)
        return try weighted.dropFirst().reduce(weighted[0]) { try $0 + $1 }
    }
}

/// A pass that cannot be measured.
struct MeasureError: Error, CustomStringConvertible {
    let description: String
}
