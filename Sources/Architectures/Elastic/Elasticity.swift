import Support

/// What may vary in a network that is made elastic.
public struct Elasticity: Hashable, Sendable {
    /// The shares of a block's inner channels that its narrower candidates keep, above 0 and at most 1. The whole block
    /// is always a candidate.
    public var fractions: [Double] = [0.25, 0.5, 0.75, 1]
    /// The number that the inner channels of a narrower candidate are a multiple of, as kernels of processors are
    /// fastest.
    public var multiple = 8
    /// Whether a block whose shortcut is the identity may be left out.
    public var skipsBlocks = true
    /// Whether windows of 5 and 7 may shrink to their middle.
    public var shrinksKernels = true
    /// How smaller windows take their weights.
    public var sharing = Layer.Choice.Sharing.slices
    /// The sizes that images may be made smaller to before the network sees them; none for images as they are. A size
    /// that is not within that of the images is left out.
    public var imageSizes: [ImageSize] = []

    /// The name of the candidate that leaves a block out.
    public static let skip = "skip"
    /// The name of the choice of the images' size.
    public static let imageSizePoint = "image size"

    /// Widths of a quarter, a half, three quarters and all, blocks left out, kernels shrunk.
    public init() {}

    /// Checks the settings.
    ///
    /// - Throws: `SpaceError.invalid` that names the setting.
    public func validate() throws {
        var problems: [String] = []
        if let wrong = fractions.first(where: { !($0 > 0 && $0 <= 1) }) {
            problems.append("a fraction of the width must be above 0 and at most 1, is \(wrong)")
        }
        if fractions.count > 64 { problems.append("there are \(fractions.count) fractions; the most are 64") }
        if !(1...1024).contains(multiple) {
            problems.append("widths must be multiples of a number from 1 to 1,024, not of \(multiple)")
        }
        if let wrong = imageSizes.first(where: { !$0.isOfImages }) {
            problems.append("the sides of images must be from 1 to 8,192 pixels, there is a size of \(wrong)")
        }
        if imageSizes.count > 64 { problems.append("there are \(imageSizes.count) sizes of images; the most are 64") }
        guard problems.isEmpty else { throw SpaceError.invalid(space: "elastic", problems) }
    }
}

/// A network whose blocks became choices, and what could not become one.
public struct ElasticLayer: Hashable, Sendable {
    /// Something that stays as it is, and the reason.
    public struct Note: Hashable, Sendable {
        /// The key of the layer.
        public var path: String
        /// The reason, as the end of a sentence that begins with the layer.
        public var reason: String
    }

    /// The network with its choices. The last candidate of each is the block as it was, and the tensors and keys are
    /// those of the network without choices.
    public var layer: Layer
    /// What could not be made elastic, or not in every respect.
    public var notes: [Note]
}

extension Layer {
    /// Makes a network elastic: each block becomes a choice among itself, narrower ones, ones with smaller windows, and
    /// nothing where its shortcut is the identity. Candidates share their tensors with the block itself, so that a
    /// checkpoint of the network is one of the supernet (Cai et al., "Once-for-All", ICLR 2020; Yu et al., "BigNAS",
    /// ECCV 2020).
    ///
    /// A block is a residual sum, a sequence of several convolutions under a key of its own, or, in a plain chain of
    /// layers, two convolutions with what lies between them. Inner channels are those between two convolutions of a
    /// block.
    ///
    /// Where sizes of images are given, the first choice, `image size`, is among them and the images as they are, which
    /// come last. A path at a smaller size begins with a layer that resizes.
    ///
    /// - Parameters:
    ///   - inputs: the number of channels of the images.
    ///   - imageSize: the size of the images; needed where `options` name other sizes.
    ///   - options: what may vary.
    /// - Throws: `SpaceError.invalid` for settings out of range, for sizes of images that the network cannot take, or if
    ///   nothing of the network can vary, with the reasons; `SpaceError.layer` for layers that do not fit together.
    public func elastic(
        inputs: Int, imageSize: ImageSize? = nil, _ options: Elasticity = Elasticity()
    ) throws -> ElasticLayer {
        try options.validate()
        var walk = ElasticWalk(options: options, names: choicePoints)
        let sizes = try smallerSizes(inputs: inputs, imageSize: imageSize, options)
        let point = sizes.map { _ in walk.name(Elasticity.imageSizePoint) }
        var made = try walk.through(self, inputs, "").layer
        if let sizes, let point { made = Self.choosing(sizes, at: point, before: made) }
        guard !made.choicePoints.isEmpty else {
            throw SpaceError.invalid(
                space: "elastic",
                walk.notes.isEmpty
                    ? [
                        "nothing of the network can vary: it has no channels between two convolutions and no block "
                            + "with an identity shortcut, or the settings allow neither"
                    ]
                    : ["nothing of the network can vary"]
                        + walk.notes.prefix(3).map { "`\($0.path)` \($0.reason)" })
        }
        return ElasticLayer(layer: made, notes: walk.notes)
    }

    /// The sizes of images that are a choice, the one as they are last; nil where there is nothing to choose.
    private func smallerSizes(inputs: Int, imageSize: ImageSize?, _ options: Elasticity) throws -> [ImageSize]? {
        guard !options.imageSizes.isEmpty else { return nil }
        func refuse(_ reason: String) -> SpaceError { .invalid(space: "elastic", [reason]) }
        guard let imageSize else {
            throw refuse("sizes of images can only be chosen where the size that they have is known")
        }
        guard imageSize.isOfImages else {
            throw refuse("the sides of images must be from 1 to 8,192 pixels, theirs are \(imageSize)")
        }
        let smaller = Set(options.imageSizes).filter {
            $0 != imageSize && $0.height <= imageSize.height && $0.width <= imageSize.width
        }
        guard !smaller.isEmpty else { return nil }
        let sizes = smaller.sorted { ($0.pixels, $0.height) < ($1.pixels, $1.height) } + [imageSize]
        let points = Dictionary(uniqueKeysWithValues: choicePoints.enumerated().map { ($1, $0) })
        let tracer = LayerTracer(points: points) { _ in }
        let ends = try sizes.map { size in
            do {
                return try tracer.trace(self, FeatureShape(inputs, size.height, size.width), path: "")
            } catch SpaceError.layer(let path, let reason) {
                throw refuse("the network cannot take images of \(size): layer '\(path)': \(reason)")
            }
        }
        guard let last = ends.last, ends.allSatisfy({ $0 == last }) else {
            throw refuse("the network must end in pooled features, so that they are as many at any size of images")
        }
        return sizes
    }

    /// A network whose images are made smaller first, or stay as they are.
    private static func choosing(_ sizes: [ImageSize], at point: String, before network: Layer) -> Layer {
        let candidates = sizes.enumerated().map { position, size in
            Candidate(
                size.side.map { "\($0)" } ?? "\(size.height)x\(size.width)",
                position == sizes.count - 1 ? .identity : .resize(height: size.height, width: size.width))
        }
        let choice = Part("", .choice(Choice(point, candidates)))
        if case .sequence(let parts) = network { return .sequence([choice] + parts) }
        return .sequence([choice, Part("", network)])
    }
}

extension ImageSize {
    /// Whether images can have the size.
    fileprivate var isOfImages: Bool { (1...8192).contains(height) && (1...8192).contains(width) }
}
