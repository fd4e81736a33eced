extension Layer {
    /// The names under which passes hand out what comes in at a place of the layer (`tap`), each once, in the order of the
    /// computation; those within candidates that a path does not take are among them.
    public var taps: [String] {
        var names: [String] = []
        visitTaps { if !names.contains($0) { names.append($0) } }
        return names
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
