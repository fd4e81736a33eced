import Support

/// A network with choices, as data: from images to pooled features, or to maps where it hands out maps on the way
/// (`Layer.tap`), as dense networks do. What classifies or embeds the features is not part of it.
public struct SupernetDescription: Sendable, Hashable {
    /// The number of channels of the images.
    public let channels: Int
    /// The layers from [channels, H, W] to [features].
    public let backbone: Layer
    /// The choices, in the order in which the backbone meets them.
    public let space: SearchSpace

    /// A supernet of a backbone, whose choices make up the search space. Shapes are checked by `features(imageSize:)`,
    /// as they depend on the image.
    ///
    /// - Parameters:
    ///   - name: of the search space.
    ///   - channels: of the images.
    ///   - backbone: the layers from [channels, H, W] to [features].
    /// - Throws: `SpaceError.invalid` with everything that is wrong: no choices, a choice point that stands at several
    ///   places and has other candidates there, or what makes a `SearchSpace` invalid.
    public init(_ name: String, channels: Int, backbone: Layer) throws {
        var points: [ChoicePoint] = []
        var problems: [String] = []
        backbone.visitChoices { choice in
            let point = ChoicePoint(choice.point, choice.candidates.map(\.name))
            guard let known = points.first(where: { $0.name == point.name }) else {
                points.append(point)
                return
            }
            if known.candidates != point.candidates {
                problems.append("choice point '\(point.name)' has different candidates at two places")
            }
        }
        problems += SearchSpace.problems(name, points)
        guard problems.isEmpty else { throw SpaceError.invalid(space: name, problems) }
        self.channels = channels
        self.backbone = backbone
        space = try SearchSpace(name, points)
    }

    /// The number of features for images of this size, or of channels where a dense network ends in maps.
    ///
    /// - Throws: `SpaceError.layer` at the first layer that cannot take what comes in, or if it neither ends in [C] nor
    ///   hands out maps.
    public func features(imageSize: ImageSize) throws -> Int {
        try trace(imageSize: imageSize).output.channels
    }

    /// Every elementary layer for images of this size, all candidates included, and the shape of the features.
    ///
    /// - Throws: as `features(imageSize:)`; `SpaceError`, too, for what is beyond any machine: more than 2^30 values
    ///   for one image, 2^34 parameters, or 2^46 multiply-adds.
    public func trace(imageSize: ImageSize) throws -> (layers: [TracedLayer], output: FeatureShape) {
        try LayerTracer.requirePositive(
            [("channels", channels), ("the image's height", imageSize.height), ("the image's width", imageSize.width)],
            space.name)
        var layers: [TracedLayer] = []
        let tracer = LayerTracer(points: positions) { layers.append($0) }
        let output = try tracer.trace(backbone, FeatureShape(channels, imageSize.height, imageSize.width), path: "")
        guard output.isVector || backbone.hasTaps else {
            throw SpaceError.layer(path: space.name, "the backbone must end in pooled features; it gives \(output)")
        }
        try TracedLayer.refuseBeyondMachines(layers, space: space.name)
        return (layers, output)
    }

    /// Positions of the choice points by name.
    public var positions: [String: Int] {
        Dictionary(uniqueKeysWithValues: space.points.enumerated().map { ($1.name, $0) })
    }

    /// The backbone of one architecture: its candidates in place of the choices.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    public func fixed(to architecture: Architecture) throws -> Layer {
        try space.validate(architecture)
        return fixed(backbone, to: architecture)
    }

    /// A layer of the backbone with the candidates of an architecture in place of the choices.
    func fixed(_ layer: Layer, to architecture: Architecture) -> Layer {
        let positions = positions
        return layer.replacingChoices { choice in
            choice.candidates[positions[choice.point].map { architecture[$0] } ?? 0].layer
        }
    }

    /// Whether candidates share tensors, so that paths are parts of the largest one.
    public var isElastic: Bool {
        var isShared = false
        backbone.visitChoices { isShared = isShared || $0.sharing != nil }
        return isShared
    }

    /// The layers of the backbone one after another, each with the place of its tensors.
    public var parts: [Layer.Part] {
        if case .sequence(let parts) = backbone { return parts }
        return [Layer.Part("", backbone)]
    }
}

/// A supernet is stored as name, channels and backbone; the space follows from them.
extension SupernetDescription: Codable {
    private enum Key: String, CodingKey { case name, channels, backbone }

    /// Reads a supernet and checks it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        try self.init(
            container.decode(String.self, forKey: .name), channels: container.decode(Int.self, forKey: .channels),
            backbone: container.decode(Layer.self, forKey: .backbone))
    }

    /// Writes all but the space.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(space.name, forKey: .name)
        try container.encode(channels, forKey: .channels)
        try container.encode(backbone, forKey: .backbone)
    }
}

/// A network without choices that classifies images, or one without classes that gives features, or maps where it hands
/// out maps on the way (`Layer.tap`), as data.
public struct NetworkDescription: Sendable, Hashable, Codable {
    /// The number of channels of the images.
    public var channels: Int
    /// Outputs of the last layer, `fc`, a matrix product; 0 for a network whose features are what comes out.
    public var classes: Int
    /// The layers from [channels, H, W] to [features], or without classes to maps, without choices.
    public var backbone: Layer

    /// A network; it is checked when it is built.
    public init(channels: Int, classes: Int, backbone: Layer) {
        self.channels = channels
        self.classes = classes
        self.backbone = backbone
    }

    /// Every elementary layer for images of this size, the matrix product last where there is one.
    ///
    /// - Throws: `SpaceError.layer` at the first layer that cannot take what comes in, or is a choice.
    public func trace(imageSize: ImageSize) throws -> [TracedLayer] {
        try LayerTracer.requirePositive(
            [
                ("channels", channels), ("the image's height", imageSize.height),
                ("the image's width", imageSize.width),
            ] + (classes == 0 ? [] : [("classes", classes)]), "network")
        var layers: [TracedLayer] = []
        let tracer = LayerTracer(points: [:]) { layers.append($0) }
        let features = try tracer.trace(backbone, FeatureShape(channels, imageSize.height, imageSize.width), path: "")
        guard classes == 0 else {
            _ = try tracer.trace(.linear(outputs: classes), features, path: "fc")
            return layers
        }
        guard features.isVector || backbone.hasTaps else {
            throw SpaceError.layer(path: "network", "the backbone must end in pooled features; it gives \(features)")
        }
        return layers
    }

    /// What it costs for one image of this size, the matrix product included.
    ///
    /// - Throws: as `trace(imageSize:)`.
    public func cost(imageSize: ImageSize) throws -> Cost {
        try trace(imageSize: imageSize).reduce(into: Cost()) { $0 += $1.cost }
    }
}

extension Layer {
    /// Calls `body` for every choice, in the order of the computation.
    func visitChoices(_ body: (Choice) -> Void) {
        switch self {
        case .choice(let choice):
            body(choice)
            // Choices within candidates are refused when shapes are checked; here they must be seen.
            for candidate in choice.candidates { candidate.layer.visitChoices(body) }
        case .sequence(let parts), .join(let parts): for part in parts { part.layer.visitChoices(body) }
        case .residual(let inner, let shortcut, _):
            inner.visitChoices(body)
            shortcut?.layer.visitChoices(body)
        case .gate(let inner), .global(let inner): inner.visitChoices(body)
        case .cell(let edges): for edge in edges { edge.part.layer.visitChoices(body) }
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .tap, .linear, .splitAttention, .identity, .zero:
            return
        }
    }

    /// The names of the choice points within the layer, each once, in the order of the computation.
    public var choicePoints: [String] {
        var names: [String] = []
        visitChoices { if !names.contains($0.point) { names.append($0.point) } }
        return names
    }

    /// The layer with another one in place of each choice.
    func replacingChoices(_ chosen: (Choice) -> Layer) -> Layer {
        func part(_ part: Part) -> Part { Part(part.key, part.layer.replacingChoices(chosen)) }
        switch self {
        // A chosen candidate may hold choices itself.
        case .choice(let choice): return chosen(choice).replacingChoices(chosen)
        case .sequence(let parts): return .sequence(parts.map(part))
        case .residual(let body, let shortcut, let relu):
            return .residual(body: body.replacingChoices(chosen), shortcut: shortcut.map(part), relu: relu)
        case .gate(let body): return .gate(body.replacingChoices(chosen))
        case .global(let body): return .global(body.replacingChoices(chosen))
        case .join(let parts): return .join(parts.map(part))
        case .cell(let edges):
            return .cell(edges.map { Edge(from: $0.from, to: $0.to, part($0.part)) })
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .tap, .linear, .splitAttention, .identity, .zero:
            return self
        }
    }
}
