import Architectures
import Foundation
import Networks
import Support

/// A network as PyTorch code of its own: one file that needs nothing of this project, with a line for each layer.
///
/// It holds a class `Network` whose `state_dict` has the keys of the network's own file, `load()`, which reads the weights from
/// the safetensors file beside it, and `prepare()`, which makes a batch of an image as the card says. `torch.export` takes the
/// network, and with it whatever starts from there: ExecuTorch, LiteRT, Core ML.
public struct PythonNetwork: Sendable {
    /// The text of the file.
    public let text: String

    /// Writes a network as code.
    ///
    /// - Parameters:
    ///   - card: of a network without choices, for any task but detection.
    ///   - head: the head of the network.
    ///   - name: the name of the file without its ending, for the example in it.
    /// - Throws: `SpaceError.layer` for layers that do not fit each other, for choices, for a detector, and for keys that
    ///   modules of PyTorch cannot have.
    public init(_ card: NetworkFile.Card, head: NetworkHead, name: String) throws {
        let size = card.imageSize
        _ = try card.network.trace(imageSize: size)
        var code = PythonCode()
        let features = try code.add(card.network.backbone, "x", "", card.network.channels)
        switch head.kind {
        case .linear:
            let fc = try code.module("fc", "nn.Linear(\(features), \(head.outputs))")
            code.say("return \(fc)(x)")
        case .neck:
            let neck = try code.module(NetworkHead.neckKey, "nn.BatchNorm1d(\(features))")
            code.say("return \(neck)(x)")
        case .map: code.say("return x")
        case .detector:
            throw SpaceError.layer(path: "fc", "a detector is no chain of PyTorch's modules; export it as ONNX")
        }
        let output = head.kind == .map ? "[N, \(head.outputs), H', W']" : "[N, \(head.outputs)]"
        text = """
            \"\"\"A network for images, in PyTorch: [N, \(card.network.channels), \(size.height), \(size.width)] to \(output).

                from \(name) import load, prepare
                network = load()                                # weights from the .safetensors file beside this one
                outputs = network(prepare(Image.open("photo.jpg")))

            Needs torch, and safetensors for the weights. Written by supernet.
            \"\"\"

            from pathlib import Path

            import torch
            import torch.nn.functional as F
            from torch import Tensor, nn

            TASK = \(try Self.literal(card.task))
            CLASSES = \(try Self.literal(card.classNames))

            \(code.usesSplitAttention ? Self.splitAttention + "\n\n" : "")
            class Network(nn.Module):
                def __init__(self) -> None:
                    super().__init__()
            \(try code.modules.lines().map { "        " + $0 }.joined(separator: "\n"))

                def forward(self, x: Tensor) -> Tensor:
            \(code.statements.map { "        " + $0 }.joined(separator: "\n"))


            def load(path: "str | Path | None" = None) -> Network:
                \"\"\"The network with its weights, ready for use.\"\"\"
                from safetensors.torch import load_file

                network = Network()
                network.load_state_dict(load_file(path or Path(__file__).with_suffix(".safetensors")), strict=True)
                return network.eval()


            def scaled(x: Tensor, height: int, width: int) -> Tensor:
                return F.interpolate(x, (height, width), mode="bilinear", align_corners=False, antialias=True)


            def prepare(image) -> Tensor:
                \"\"\"An image of Pillow as the batch [1, \(card.network.channels), \(size.height), \(size.width)] that the network takes.\"\"\"
            \(try Self.preparation(card).map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n"))

            """
    }

    /// A text or a list of texts as Python writes it, which is as JSON does.
    private static func literal(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func preparation(_ card: NetworkFile.Card) throws -> [String] {
        let channels = card.network.channels
        var lines: [String] = []
        if card.orientation == .exif {
            lines += ["from PIL import ImageOps", "", "image = ImageOps.exif_transpose(image)"]
        }
        lines += [
            "image = image.convert(\(channels == 1 ? "\"L\"" : "\"RGB\""))",
            "pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)",
            "x = pixels.reshape(1, image.height, image.width, \(channels)).permute(0, 3, 1, 2) / 255",
        ]
        for step in card.steps {
            switch step {
            case .resize(let side):
                lines += [
                    "short, long = sorted(x.shape[2:])  # the shorter side; the aspect stays",
                    "long = max(\(side), \(side) * long // short)",
                    "x = scaled(x, *((long, \(side)) if x.shape[2] > x.shape[3] else (\(side), long)))",
                ]
            case .stretch(let size): lines.append("x = scaled(x, \(size.height), \(size.width))")
            case .centerCrop(let size):
                lines += [
                    "edges = []  # black where the image is smaller",
                    "for side, part in ((x.shape[3], \(size.width)), (x.shape[2], \(size.height))):",
                    "    first = round((side - part) / 2) if side > part else -((part - side) // 2)",
                    "    edges += [-first, first + part - side]",
                    "x = F.pad(x, edges)",
                ]
            case .within:
                throw SpaceError.layer(path: "network", "images within a limit are for detectors; export it as ONNX")
            }
        }
        func values(_ numbers: [Double]) -> String {
            // Several values stand for their average where there is one channel.
            let own = channels == 1 ? [numbers.reduce(0, +) / Double(max(numbers.count, 1))] : numbers
            return "torch.tensor([" + own.map { "\($0)" }.joined(separator: ", ") + "]).reshape(1, -1, 1, 1)"
        }
        return lines + ["return (x - \(values(card.mean))) / \(values(card.std))"]
    }

    private static let splitAttention = """
        class SplitAttention(nn.Module):
            \"\"\"Splits of a 3x3 convolution, summed with weights that each image chooses (Zhang et al., "ResNeSt", 2020).\"\"\"

            def __init__(self, width: int, radix: int, cardinality: int, dilation: int) -> None:
                super().__init__()
                self.radix, self.cardinality = radix, cardinality
                reduced = -(-max(width * radix // 4, 32) // cardinality) * cardinality
                window = {"kernel_size": 3, "padding": dilation, "dilation": dilation}
                self.conv = nn.Conv2d(width, width * radix, **window, groups=cardinality * radix, bias=False)
                self.bn0 = nn.BatchNorm2d(width * radix)
                self.fc1 = nn.Conv2d(width, reduced, 1, groups=cardinality)
                self.bn1 = nn.BatchNorm2d(reduced)
                self.fc2 = nn.Conv2d(reduced, width * radix, 1, groups=cardinality)

            def forward(self, x: Tensor) -> Tensor:
                splits = F.relu(self.bn0(self.conv(x))).unflatten(1, (self.radix, -1))
                pooled = splits.sum(1).mean((2, 3), keepdim=True)
                logits = self.fc2(F.relu(self.bn1(self.fc1(pooled))))
                if self.radix == 1:
                    weights = logits.sigmoid()
                else:
                    weights = logits.reshape(len(x), self.cardinality, self.radix, -1).transpose(1, 2).softmax(1)
                return (splits * weights.reshape(len(x), self.radix, -1, 1, 1)).sum(1)

        """
}

/// Modules under their keys, as PyTorch nests them.
private struct ModuleTree {
    private var module: String?
    private var inside: [(name: String, tree: ModuleTree)] = []

    mutating func add(_ path: ArraySlice<String>, _ made: String, _ key: String) throws {
        guard let name = path.first else {
            guard module == nil, inside.isEmpty else {
                throw SpaceError.layer(path: key, "two layers have this key, or one lies within the other")
            }
            module = made
            return
        }
        guard module == nil, !name.isEmpty else {
            throw SpaceError.layer(path: key, "no module of PyTorch can have this key")
        }
        let place = inside.firstIndex { $0.name == name } ?? inside.count
        if place == inside.count { inside.append((name, ModuleTree())) }
        try inside[place].tree.add(path.dropFirst(), made, key)
    }

    /// The statements that make them.
    func lines() throws -> [String] {
        inside.isEmpty
            ? ["pass"]
            : inside.flatMap { name, tree in
                var lines = tree.made()
                lines[0] = "self.add_module(\"\(name)\", " + lines[0]
                lines[lines.count - 1] += ")"
                return lines
            }
    }

    private func made() -> [String] {
        if let module { return [module] }
        return ["nn.ModuleDict({"]
            + inside.flatMap { name, tree in
                var lines = tree.made()
                lines[0] = "\"\(name)\": " + lines[0]
                lines[lines.count - 1] += ","
                return lines.map { "    " + $0 }
            } + ["})"]
    }
}

/// The code of a network as it grows layer by layer.
private struct PythonCode {
    var modules = ModuleTree()
    var statements: [String] = []
    var usesSplitAttention = false
    private var names = 0

    mutating func say(_ statement: String) { statements.append(statement) }

    /// A name that no value has.
    private mutating func name() -> String {
        names += 1
        return "x\(names)"
    }

    /// Adds a module.
    ///
    /// - Returns: what it is called in `forward`.
    mutating func module(_ key: String, _ made: String) throws -> String {
        let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // A key stands in a text between quotes.
        guard key.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }) else {
            throw SpaceError.layer(path: key, "no module of PyTorch can have this key")
        }
        try modules.add(path[...], made, key)
        let first = path[0]
        let isName = first.first?.isNumber == false && !first.contains("-")
        return (isName ? "self." + first : "self.get_submodule(\"\(first)\")")
            + path.dropFirst().map { "[\"\($0)\"]" }.joined()
    }

    private mutating func apply(_ key: String, _ made: String, to x: String) throws {
        say("\(x) = \(try module(key, made))(\(x))")
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : key.isEmpty ? path : path + "." + key
    }

    /// Adds a layer, which makes another value of `x` under the same name.
    ///
    /// - Returns: the number of channels that come out.
    mutating func add(_ layer: Layer, _ x: String, _ path: String, _ channels: Int) throws -> Int {
        switch layer {
        case .convolution(let shape):
            var options = "\(channels), \(shape.outputs), \(shape.kernel)"
            if shape.stride != 1 { options += ", stride=\(shape.stride)" }
            if shape.padding != 0 { options += ", padding=\(shape.padding)" }
            if shape.dilation != 1 { options += ", dilation=\(shape.dilation)" }
            if shape.groups != 1 { options += ", groups=\(shape.groups)" }
            if !shape.bias { options += ", bias=False" }
            try apply(path, "nn.Conv2d(\(options))", to: x)
            return shape.outputs
        case .batchNorm: try apply(path, "nn.BatchNorm2d(\(channels))", to: x)
        case .linear(let outputs):
            try apply(path, "nn.Linear(\(channels), \(outputs))", to: x)
            return outputs
        case .splitAttention(let radix, let cardinality, let dilation):
            usesSplitAttention = true
            try apply(path, "SplitAttention(\(channels), \(radix), \(cardinality), \(dilation))", to: x)
        case .relu: say("\(x) = F.relu(\(x))")
        case .relu6: say("\(x) = F.relu6(\(x))")
        case .hardSwish: say("\(x) = F.hardswish(\(x))")
        case .hardSigmoid: say("\(x) = F.hardsigmoid(\(x))")
        case .pad(let before, let after): say("\(x) = F.pad(\(x), (\(before), \(after), \(before), \(after)))")
        case .pool(let pool):
            let window = "\(x), \(pool.kernel), \(pool.stride), \(pool.padding)"
            func word(_ value: Bool) -> String { value ? "True" : "False" }
            say(
                pool.kind == .max
                    ? "\(x) = F.max_pool2d(\(window))"
                    : "\(x) = F.avg_pool2d(\(window), \(word(pool.ceil)), \(word(pool.countsPadding)))")
        case .globalPool: say("\(x) = \(x).mean((2, 3))")
        case .squeeze: say("\(x) = \(x).mean((2, 3), keepdim=True)")
        case .resize(let height, let width):
            say("\(x) = F.interpolate(\(x), (\(height), \(width)), mode=\"bilinear\", align_corners=False)")
        case .dropout(let probability, let ofChannels):
            say("\(x) = F.dropout\(ofChannels ? "2d" : "")(\(x), \(probability), self.training)")
        case .zero(let stride): say("\(x) = torch.zeros_like(\(x)[:, :, ::\(stride), ::\(stride)])")
        case .identity, .tap: break
        case .sequence(let parts):
            return try parts.reduce(channels) { try add($1.layer, x, Self.join(path, $1.key), $0) }
        case .gate(let body):
            let factors = name()
            say("\(factors) = \(x)")
            _ = try add(body, factors, path, channels)
            say("\(x) = \(x) * \(factors)")
        case .global(let body):
            let pooled = name()
            say("\(pooled) = \(x).mean((2, 3), keepdim=True)")
            let outputs = try add(body, pooled, path, channels)
            say("\(x) = \(pooled).expand(-1, -1, *\(x).shape[2:])")
            return outputs
        case .join(let parts):
            var (values, outputs): ([String], Int) = ([], 0)
            for part in parts {
                values.append(name())
                say("\(values[values.count - 1]) = \(x)")
                outputs += try add(part.layer, values[values.count - 1], Self.join(path, part.key), channels)
            }
            say("\(x) = torch.cat([\(values.joined(separator: ", "))], 1)")
            return outputs
        case .residual(let body, let shortcut, let relu):
            let added = name()
            say("\(added) = \(x)")
            if let shortcut { _ = try add(shortcut.layer, added, Self.join(path, shortcut.key), channels) }
            let outputs = try add(body, x, path, channels)
            say(relu ? "\(x) = F.relu(\(x) + \(added))" : "\(x) = \(x) + \(added)")
            return outputs
        case .cell(let edges): return try cell(edges, x, path, channels)
        case .choice: throw SpaceError.layer(path: path, "only a network without choices can be written as code")
        }
        return channels
    }

    /// Adds nodes that are sums over the edges that lead to them; the first is what comes in, the last what goes out.
    private mutating func cell(_ edges: [Layer.Edge], _ x: String, _ path: String, _ channels: Int) throws -> Int {
        var nodes = [0: (value: x, channels: channels)]
        for edge in edges.sorted(by: { ($0.to, $0.from) < ($1.to, $1.from) }) {
            guard let source = nodes[edge.from] else { continue }  // Checked with the shapes: every source was reached.
            let value = name()
            say("\(value) = \(source.value)")
            let outputs = try add(edge.part.layer, value, Self.join(path, edge.part.key), source.channels)
            if let sum = nodes[edge.to] {
                say("\(sum.value) = \(sum.value) + \(value)")
            } else {
                nodes[edge.to] = (value, outputs)
            }
        }
        let last = nodes[nodes.keys.max() ?? 0] ?? (x, channels)
        say("\(x) = \(last.value)")
        return last.channels
    }
}
