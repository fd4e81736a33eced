/// A network as data: what it is made of, without tensors. From one such value follow the tensors and their keys, the
/// exact cost, the search space, the drawing, and the file that reopens the network anywhere.
///
/// Layers with tensors hang under keys, which are those of PyTorch's `state_dict`: a `Part` gives its layer's tensors
/// their place, and what lies inside adds to it.
public indirect enum Layer: Hashable, Sendable {
    /// A convolution over [C, H, W].
    case convolution(Convolution)
    /// Batch normalisation; the learned scale starts at `scale`.
    case batchNorm(scale: Double)
    /// The rectifier max(x, 0).
    case relu
    /// The bounded rectifier min(max(x, 0), 6) (Sandler et al., "MobileNetV2", 2018).
    case relu6
    /// x * min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", 2019).
    case hardSwish
    /// The gate min(max(x + 3, 0), 6) / 6, from 0 to 1 (Howard et al., "Searching for MobileNetV3", 2019).
    case hardSigmoid
    /// Zeros around the image, `before` of them above and to the left, `after` below and to the right: what
    /// TensorFlow's networks have before a stride, where the sides differ.
    case pad(before: Int, after: Int)
    /// The mean or the maximum over windows.
    case pool(Pool)
    /// The mean over all positions: [C, H, W] to [C].
    case globalPool
    /// The mean over all positions, which keeps their dimensions: [C, H, W] to [C, 1, 1].
    case squeeze
    /// What comes in times what the inner layer makes of it: [C, H, W], or [C, 1, 1], a number for each channel.
    case gate(Layer)
    /// Bilinear interpolation of [C, H, W] to other sides: the outer edges of the corner pixels stay in place, and
    /// nothing is smoothed where it shrinks (PyTorch's `interpolate` with `align_corners=False`).
    case resize(height: Int, width: Int)
    /// What the inner layer makes of the mean over all positions, at every position: [C, H, W] by way of [C, 1, 1] to
    /// [C', H, W], as the image's own branch in DeepLabV3 has it (Chen et al., "Rethinking Atrous Convolution for
    /// Semantic Image Segmentation", 2017). Bilinear interpolation of a single pixel gives the same.
    case global(Layer)
    /// Several layers of the same input, whose results are joined over the channels, in their order; they must all give
    /// the same size.
    case join([Part])
    /// Values set to 0 with a probability from 0 to below 1, the others scaled so that the mean stays: in training, where
    /// the mode of a pass has a generator, and nothing otherwise (Srivastava et al., "Dropout", JMLR 2014). With
    /// `ofChannels` whole channels of an image are (Tompson et al., "Efficient Object Localization Using Convolutional
    /// Networks", CVPR 2015).
    case dropout(probability: Double, ofChannels: Bool = false)
    /// Nothing, but a pass can hand out what comes in here under the name. Names should differ along a path; of equal ones
    /// the last counts.
    case tap(String)
    /// A matrix product with bias: [C] to [outputs].
    case linear(outputs: Int)
    /// A 3x3 convolution into splits that each image weighs (Zhang et al., "ResNeSt", 2020); as many channels come out
    /// as go in. The positions of its window are `dilation` apart.
    case splitAttention(radix: Int, cardinality: Int, dilation: Int = 1)
    /// Nothing: what comes in goes out.
    case identity
    /// Zeros of the shape of what comes in, or with each side divided by `stride` and rounded up.
    case zero(stride: Int)
    /// Several layers one after the other.
    case sequence([Part])
    /// The sum body(x) + shortcut(x), then ReLU if wanted. Without a shortcut x itself is added. A shortcut beside a
    /// body that is a choice is shared by the candidates: its tensors stand under the key of each.
    case residual(body: Layer, shortcut: Part?, relu: Bool)
    /// A choice among several candidates.
    case choice(Choice)
    /// Nodes joined by edges: node j is the sum of its edges' layers, the last node is the result (Dong and Yang,
    /// "NAS-Bench-201", 2020). Node 0 is what comes in.
    case cell([Edge])

    /// A layer with the place of its tensors.
    public struct Part: Hashable, Sendable, Codable {
        /// The key, which is appended to that of what surrounds the part; it may hold dots, and adds nothing where
        /// empty.
        public var key: String
        /// The layer that stands there.
        public var layer: Layer

        /// A layer under a key.
        public init(_ key: String, _ layer: Layer) {
            self.key = key
            self.layer = layer
        }

        /// Reads a part; only `layer` must be there. Without a key, or with one that is left blank, nothing is added.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                try container.decodeIfPresent(String.self, forKey: .key) ?? "",
                try container.decode(Layer.self, forKey: .layer))
        }
    }

    /// A place where one of several layers is taken. The same point may stand at several places, as in a cell that is
    /// repeated: each has tensors of its own, the choice is one.
    public struct Choice: Hashable, Sendable {
        /// How candidates take their tensors from those of the largest one.
        public enum Sharing: String, Hashable, Sendable, Codable {
            /// The leading channels and the middle of a window, as they stand (Cai et al., "Once-for-All", ICLR 2020;
            /// Yu et al., "BigNAS", ECCV 2020).
            case slices
            /// Likewise, but smaller windows are made of the middle of the next larger one by a learned matrix, which
            /// the channels of a convolution have in common (Once-for-All's kernel transformation).
            case matrices
        }

        /// The choice point's name.
        public var point: String
        /// The candidates, each with its name. They must all give the same shape; only images may be given another
        /// size, by a choice within a sequence.
        public var candidates: [Candidate]
        /// How candidates take their tensors from those of the largest one, which then stand under the keys of a
        /// network without the choice; nil where each candidate has tensors of its own under its position.
        public var sharing: Sharing?

        /// A choice; the description that it becomes part of checks it.
        public init(_ point: String, _ candidates: [Candidate], sharing: Sharing? = nil) {
            self.point = point
            self.candidates = candidates
            self.sharing = sharing
        }
    }

    /// One of the layers at a choice. Its tensors lie under its position in the list unless the candidates share them.
    public struct Candidate: Hashable, Sendable, Codable {
        /// The name, unique within the choice.
        public var name: String
        /// The layer that the candidate stands for.
        public var layer: Layer

        /// A named candidate.
        public init(_ name: String, _ layer: Layer) {
            self.name = name
            self.layer = layer
        }
    }

    /// A layer from one node of a cell to a later one.
    public struct Edge: Hashable, Sendable, Codable {
        /// The number of the node that the edge takes.
        public var from: Int
        /// The number of the node that the edge adds to; greater than `from`.
        public var to: Int
        /// The layer of the edge, and the place of its tensors.
        public var part: Part

        /// An edge; the description that it becomes part of checks it.
        public init(from: Int, to: Int, _ part: Part) {
            self.from = from
            self.to = to
            self.part = part
        }
    }
}

extension Layer {
    /// A square convolution.
    public struct Convolution: Hashable, Sendable, Codable {
        /// The distributions that weights can start from.
        public enum Start: String, Hashable, Sendable, Codable {
            /// The default of PyTorch: uniform within 1 / sqrt(fan in).
            case fanIn = "fan-in"
            /// A normal distribution of variance 2 / (outputs * kernel area), as in ResNet.
            case fanOut = "fan-out"
        }

        /// The number of channels that come out.
        public var outputs: Int
        /// The side of the square window in positions.
        public var kernel: Int
        /// The distance from one window to the next, in positions.
        public var stride: Int
        /// The number of zeros on each side of the image.
        public var padding: Int
        /// The distance from one position of the window to the next; 1 leaves no gaps.
        public var dilation: Int
        /// The number of groups of channels that do not mix.
        public var groups: Int
        /// Whether a learned number is added to each channel.
        public var bias: Bool
        /// The distribution that the weights start from.
        public var start: Start

        private enum CodingKeys: String, CodingKey {
            case outputs, kernel, stride, padding, dilation, groups, bias, start
        }

        /// A convolution; padding defaults to what keeps the size at stride 1.
        public init(
            _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1, groups: Int = 1,
            bias: Bool = false, start: Start = .fanOut
        ) {
            self.outputs = outputs
            self.kernel = kernel
            self.stride = stride
            // Numbers that make no sense are refused where the layer is checked.
            self.padding = padding ?? (dilation == 1 ? kernel / 2 : (dilation &* (kernel &- 1)) / 2)
            self.dilation = dilation
            self.groups = groups
            self.bias = bias
            self.start = start
        }

        /// Reads a convolution; only `outputs` and `kernel` must be there.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func field<T: Decodable>(_ key: CodingKeys, _ usual: T) throws -> T {
                try container.decodeIfPresent(T.self, forKey: key) ?? usual
            }
            self.init(
                try container.decode(Int.self, forKey: .outputs),
                kernel: try container.decode(Int.self, forKey: .kernel),
                stride: try field(.stride, 1), padding: try container.decodeIfPresent(Int.self, forKey: .padding),
                dilation: try field(.dilation, 1), groups: try field(.groups, 1), bias: try field(.bias, false),
                start: try field(.start, .fanOut))
        }

        /// Writes all numbers, and the dilation where there is one.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(outputs, forKey: .outputs)
            try container.encode(kernel, forKey: .kernel)
            try container.encode(stride, forKey: .stride)
            try container.encode(padding, forKey: .padding)
            if dilation != 1 { try container.encode(dilation, forKey: .dilation) }
            try container.encode(groups, forKey: .groups)
            try container.encode(bias, forKey: .bias)
            try container.encode(start, forKey: .start)
        }
    }

    /// Pooling over square windows.
    public struct Pool: Hashable, Sendable, Codable {
        /// The values that can stand for a window.
        public enum Kind: String, Hashable, Sendable, Codable {
            /// The mean of the window.
            case average
            /// The largest value of the window.
            case max
        }

        /// The value that stands for a window.
        public var kind: Kind
        /// The side of the square window in positions.
        public var kernel: Int
        /// The distance from one window to the next, in positions.
        public var stride: Int
        /// The room on each side of the image that windows may reach into.
        public var padding: Int
        /// Whether windows that are partly outside count, too.
        public var ceil: Bool
        /// Whether the padding counts as zeros in a mean.
        public var countsPadding: Bool

        private enum CodingKeys: String, CodingKey {
            case kind, kernel, stride, padding, ceil
            case countsPadding = "counts-padding"
        }

        /// Pooling; without padding unless told otherwise.
        public init(
            _ kind: Kind, kernel: Int, stride: Int, padding: Int = 0, ceil: Bool = false, countsPadding: Bool = true
        ) {
            self.kind = kind
            self.kernel = kernel
            self.stride = stride
            self.padding = padding
            self.ceil = ceil
            self.countsPadding = countsPadding
        }

        /// Reads a pooling; only `kind`, `kernel` and `stride` must be there.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                try container.decode(Kind.self, forKey: .kind), kernel: try container.decode(Int.self, forKey: .kernel),
                stride: try container.decode(Int.self, forKey: .stride),
                padding: try container.decodeIfPresent(Int.self, forKey: .padding) ?? 0,
                ceil: try container.decodeIfPresent(Bool.self, forKey: .ceil) ?? false,
                countsPadding: try container.decodeIfPresent(Bool.self, forKey: .countsPadding) ?? true)
        }
    }

    /// The parts of a block of convolution, batch norm and, if wanted, ReLU, under the keys `conv` and `norm`.
    public static func convolutionBlock(
        _ conv: String, _ norm: String, _ convolution: Convolution, relu: Bool = true, scale: Double = 1
    ) -> [Part] {
        [Part(conv, .convolution(convolution)), Part(norm, .batchNorm(scale: scale))] + (relu ? [Part("", .relu)] : [])
    }
}
