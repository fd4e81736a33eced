import Support

extension Layer {
    /// The names under which passes hand out what comes in at a place of the layer (`tap`), each once, in the order of the
    /// computation; those within candidates that a path does not take are among them.
    public var taps: [String] {
        var names: [String] = []
        visitTaps { if !names.contains($0) { names.append($0) } }
        return names
    }

    /// The shapes of the maps that passes hand out for images of a size, by name. Paths of a space hand out maps of the same
    /// shapes.
    ///
    /// - Parameters:
    ///   - channels: the number of channels of the images.
    ///   - imageSize: the size of the images, in pixels.
    /// - Throws: `SpaceError.layer` at the first layer that cannot take what comes in.
    public func mapShapes(channels: Int, imageSize: ImageSize) throws -> [String: FeatureShape] {
        var shapes: [String: FeatureShape] = [:]
        let points = Dictionary(uniqueKeysWithValues: choicePoints.enumerated().map { ($1, $0) })
        let tracer = LayerTracer(points: points, handOut: { shapes[$0] = $1 }, visit: { _ in })
        _ = try tracer.trace(self, FeatureShape(channels, imageSize.height, imageSize.width), path: "")
        return shapes
    }

    /// Whether passes can hand out anything.
    var hasTaps: Bool {
        var found = false
        visitTaps { _ in found = true }
        return found
    }

    private func visitTaps(_ body: (String) -> Void) {
        switch self {
        case .tap(let name): body(name)
        case .sequence(let parts), .join(let parts): for part in parts { part.layer.visitTaps(body) }
        case .residual(let inner, let shortcut, _):
            shortcut?.layer.visitTaps(body)
            inner.visitTaps(body)
        case .gate(let inner), .global(let inner): inner.visitTaps(body)
        case .choice(let choice): for candidate in choice.candidates { candidate.layer.visitTaps(body) }
        case .cell(let edges): for edge in edges { edge.part.layer.visitTaps(body) }
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .linear, .splitAttention, .identity, .zero:
            return
        }
    }
}
