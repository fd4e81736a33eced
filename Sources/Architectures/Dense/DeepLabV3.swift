/// The heads of DeepLabV3 (Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017), as layers on
/// the maps of a dense backbone (`Layer.dense`).
///
/// Both give logits, [classes, H, W] at the resolution of their map; whoever uses them resizes them to the image. The
/// head's branch over the whole image normalises one value for each image and channel, so that its training needs more than
/// one image at a time.
public enum DeepLabV3 {
    /// The published networks whose keys and dropout the heads have.
    public enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
        /// The networks of ResNeSt's authors and of Pi-NAS: whole channels are dropped from the head's joined features
        /// with a probability of 0.5, and single values before its last layer with 0.1. Keys: `aspp.b0` to `aspp.b4`,
        /// `aspp.project` and `block` in the head, `conv5` in the auxiliary head.
        case resnest
        /// Those of torchvision: single values are dropped from the head's joined features with a probability of 0.5, and
        /// none before its last layer. Keys: `0.convs.0` to `0.convs.4`, `0.project` and `1` to `4` in the head, `0` to
        /// `4` in the auxiliary head.
        case torchvision
    }

    /// The dilations of the head's three branches of 3x3 convolutions: 12, 24 and 36 at an output stride of 8, and in
    /// proportion at others.
    ///
    /// - Parameter outputStride: the number of pixels of the image along a side of one position.
    public static func rates(outputStride: Int) -> [Int] {
        let stride = max(outputStride, 1)
        return [96, 192, 288].map { max($0 / stride, 1) }
    }

    /// The head on the last map, C5: a 1x1 convolution, three dilated 3x3 convolutions and the mean over the image, each
    /// with batch norm and ReLU, joined; a 1x1 and a 3x3 convolution; and a 1x1 convolution to the classes. With 2048
    /// channels coming in it has 16,163,990 parameters for 150 classes.
    ///
    /// - Parameters:
    ///   - classes: the number of classes.
    ///   - outputStride: the number of pixels of the image along a side of one position of the map.
    ///   - width: the number of channels of each branch and of what follows; 256 in the paper.
    ///   - atrous: whether there are the three dilated branches. Without them the 1x1 convolution and the mean over the
    ///     image are left, as in the small networks of Sandler et al. ("MobileNetV2", CVPR 2018).
    ///   - variant: whose keys and dropout the head has.
    public static func head(
        classes: Int, outputStride: Int, width: Int = 256, atrous: Bool = true, variant: Variant = .resnest
    ) -> Layer {
        let rates = atrous ? rates(outputStride: outputStride) : []
        let (branch, pooling, project): (String, String, String) =
            switch variant {
            case .resnest: ("aspp.b", ".gap", "aspp.project")
            case .torchvision: ("0.convs.", "", "0.project")
            }
        var branches = [Layer.Part("\(branch)0", .sequence(convolution("0", "1", .init(width, kernel: 1))))]
        for (number, rate) in rates.enumerated() {
            branches.append(
                Layer.Part(
                    "\(branch)\(number + 1)",
                    .sequence(convolution("0", "1", .init(width, kernel: 3, dilation: rate)))))
        }
        branches.append(
            Layer.Part(
                "\(branch)4\(pooling)", .global(.sequence(convolution("1", "2", .init(width, kernel: 1))))))
        let joined = [
            Layer.Part("", .join(branches)),
            Layer.Part(project, .sequence(convolution("0", "1", .init(width, kernel: 1)))),
            Layer.Part("", .dropout(probability: 0.5, ofChannels: variant == .resnest)),
        ]
        switch variant {
        case .resnest: return .sequence(joined + [Layer.Part("block", last(width, classes, dropout: 0.1))])
        case .torchvision:
            return .sequence(
                joined + convolution("1", "2", .init(width, kernel: 3))
                    + [Layer.Part("4", .convolution(.init(classes, kernel: 1, bias: true, start: .fanIn)))])
        }
    }

    /// The auxiliary head on the map before, C4, whose loss helps in training: a 3x3 convolution with batch norm and ReLU,
    /// dropout of 0.1, and a 1x1 convolution to the classes.
    ///
    /// - Parameters:
    ///   - classes: the number of classes.
    ///   - width: the number of channels between the convolutions: a quarter of the 1024 that come in, in published
    ///     networks.
    ///   - variant: whose keys the head has.
    public static func auxiliary(classes: Int, width: Int = 256, variant: Variant = .resnest) -> Layer {
        let layers = last(width, classes, dropout: 0.1)
        return variant == .resnest ? .sequence([Layer.Part("conv5", layers)]) : layers
    }

    /// The whole network: a dense backbone with the head on its last map under `head` or, as torchvision's networks have
    /// it, `classifier`. The auxiliary head is no part of it.
    ///
    /// - Parameters:
    ///   - dense: the backbone, from whose last map the output stride follows.
    ///   - classes: the number of classes.
    ///   - width: the number of channels of the head's branches.
    ///   - atrous: whether the head has dilated branches.
    ///   - variant: whose keys and dropout the head has.
    public static func network(
        _ dense: DenseLayer, classes: Int, width: Int = 256, atrous: Bool = true, variant: Variant = .resnest
    ) -> Layer {
        let head = head(
            classes: classes, outputStride: dense.maps.last?.stride ?? 1, width: width, atrous: atrous,
            variant: variant)
        let parts: [Layer.Part] =
            if case .sequence(let parts) = dense.layer { parts } else { [Layer.Part("", dense.layer)] }
        return .sequence(parts + [Layer.Part(variant == .resnest ? "head" : "classifier", head)])
    }

    /// A 3x3 convolution, and a 1x1 convolution to the classes.
    private static func last(_ width: Int, _ classes: Int, dropout: Double) -> Layer {
        .sequence(
            convolution("0", "1", .init(width, kernel: 3))
                + [
                    Layer.Part("", .dropout(probability: dropout)),
                    Layer.Part("4", .convolution(.init(classes, kernel: 1, bias: true, start: .fanIn))),
                ])
    }

    /// A convolution that starts as PyTorch's do, with batch norm and ReLU.
    private static func convolution(
        _ conv: String, _ norm: String, _ convolution: Layer.Convolution
    ) -> [Layer.Part] {
        var convolution = convolution
        convolution.start = .fanIn
        return Layer.convolutionBlock(conv, norm, convolution)
    }
}
