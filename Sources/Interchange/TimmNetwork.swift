import Architectures
import Networks

/// A network that timm has, too (Wightman, "PyTorch Image Models"): its name there and the names of its tensors.
struct TimmNetwork {
    /// The name by which `timm.create_model` makes it.
    let architecture: String
    /// Whether zeros stand where TensorFlow puts them, which timm must be told: `pad_type` and `bn_eps`.
    private(set) var padsAsTensorFlow = false
    /// The number of features that the classifier takes.
    let features: Int
    /// timm's key of the module at each of our paths.
    private let paths: [String: String]
    /// timm's key of the classifier.
    let classifier: String
    /// timm's key of the first convolution.
    let first: String

    /// The network of a card, where timm has it.
    init?(_ card: NetworkFile.Card) {
        guard card.head == nil || card.head?.kind == .linear else { return nil }
        let (network, backbone) = (card.network, card.network.backbone)
        if backbone == (try? MobileNetV2(channels: network.channels).backbone()) {
            self.init("mobilenetv2_100", backbone, depths: [1, 2, 3, 4, 3, 3, 1])
        } else if let lite = Self.lites.first(where: { lite in
            var own = lite.network
            // timm puts zeros around an image by its size.
            (own.channels, own.imageSide) = (network.channels, card.imageSize.side ?? 0)
            return backbone == (try? own.backbone())
        }) {
            self.init(lite.name, backbone, depths: lite.depths)
            padsAsTensorFlow = true
        } else if let twin = try? ResNeStSpace.resnest50.network(
            code: Architecture([Int](repeating: 1, count: ResNeStSpace.resnest50.blocks)), classes: network.classes),
            backbone == twin.backbone
        {
            self.init("resnest50d", features: 2048, paths: [:], classifier: "fc", first: "conv1.0")
        } else {
            return nil
        }
    }

    /// The published networks, with the number of blocks of each stage.
    private static let lites: [(name: String, network: EfficientNetLite, depths: [Int])] = [
        ("efficientnet_lite0", .lite0, [1, 2, 2, 3, 3, 4, 1]), ("efficientnet_lite2", .lite2, [1, 3, 3, 4, 4, 5, 1]),
    ]

    /// A network of inverted bottlenecks: the same convolutions and batch norms in the same order, under other names.
    private init?(_ architecture: String, _ backbone: Layer, depths: [Int]) {
        var names = ["conv_stem", "bn1"]
        for (stage, depth) in depths.enumerated() {
            for block in 0..<depth {
                // The first stage does not widen.
                let inside =
                    stage == 0
                    ? ["conv_dw", "bn1", "conv_pw", "bn2"] : ["conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"]
                names += inside.map { "blocks.\(stage).\(block).\($0)" }
            }
        }
        names += ["conv_head", "bn2"]
        let own = backbone.tensorPaths("")
        guard own.count == names.count else { return nil }
        self.init(
            architecture, features: 1280, paths: Dictionary(zip(own, names), uniquingKeysWith: { first, _ in first }),
            classifier: "classifier", first: "conv_stem")
    }

    private init(_ architecture: String, features: Int, paths: [String: String], classifier: String, first: String) {
        (self.architecture, self.features, self.paths) = (architecture, features, paths)
        (self.classifier, self.first) = (classifier, first)
    }

    /// timm's key of a tensor.
    func key(_ own: String) -> String {
        let parts = own.split(separator: ".")
        let (path, name) = (parts.dropLast().joined(separator: "."), parts.last.map(String.init) ?? "")
        if path == "fc" { return classifier + "." + name }
        return (paths[path] ?? path) + "." + name
    }
}

extension Layer {
    /// The paths of layers with tensors, in their order.
    fileprivate func tensorPaths(_ path: String) -> [String] {
        func inside(_ part: Part) -> [String] {
            part.layer.tensorPaths(path.isEmpty ? part.key : part.key.isEmpty ? path : path + "." + part.key)
        }
        switch self {
        case .convolution, .batchNorm, .linear: return [path]
        case .sequence(let parts): return parts.flatMap(inside)
        case .residual(let body, let shortcut, _): return body.tensorPaths(path) + (shortcut.map(inside) ?? [])
        default: return []
        }
    }
}
