/// The way through a backbone on which its strides become dilation and its maps are handed out.
struct DenseWalk {
    private let rule: StrideRule

    init(outputStride: Int) { rule = StrideRule(outputStride: outputStride) }

    /// Where the way has come to.
    private struct Place {
        var parts: [Layer.Part] = []
        var channels: Int
        var state = StrideRule.State()
    }

    /// The maps found so far, which are named once their number is known.
    private final class Found {
        var maps: [DenseLayer.Map] = []
        /// Whether a layer has made channels of its own, so that there is a map.
        var hasFeatures = false

        /// Hands out what there is.
        func tap(_ place: inout Place) {
            guard hasFeatures else { return }
            let name = "\(maps.count)"
            maps.append(.init(name: name, channels: place.channels, stride: place.state.actual))
            place.parts.append(Layer.Part("", .tap(name)))
        }
    }

    /// Makes a chain of parts dense.
    func dense(_ parts: [Layer.Part], inputs: Int) throws -> DenseLayer {
        let found = Found()
        var place = Place(channels: inputs)
        _ = try chain(parts, &place, "", found)
        guard found.hasFeatures else {
            throw SpaceError.layer(path: "network", "it has no maps of features, so that it cannot be made dense")
        }
        let wanted = min(rule.outputStride, place.state.stride)
        guard place.state.actual == wanted else {
            throw SpaceError.layer(
                path: "network",
                "its strides lead to \(place.state.stride) without an output stride of \(wanted) on the way")
        }
        found.tap(&place)
        let first = max(found.maps.count - Layer.mostMaps, 0)
        var names: [String: String] = [:]
        for (number, map) in found.maps.enumerated() where number >= first {
            names[map.name] = "C\(number - found.maps.count + 6)"
        }
        return DenseLayer(
            layer: Layer.sequence(place.parts).renamingTaps(names),
            maps: found.maps.compactMap { map in
                names[map.name].map { .init(name: $0, channels: map.channels, stride: map.stride) }
            })
    }

    /// Goes along parts, block by block.
    ///
    /// - Returns: whether the features were pooled, so that what follows belongs to no map.
    private func chain(
        _ parts: [Layer.Part], _ place: inout Place, _ path: String, _ found: Found
    ) throws -> Bool {
        for unit in StrideRule.units(parts) {
            guard let part = unit.last else { continue }
            let key = LayerTracer.join(path, part.key)
            if part.layer.isEnd { return true }
            if case .sequence(let inner) = part.layer, !part.isBlock {
                var own = Place(channels: place.channels, state: place.state)
                let isEnd = try chain(inner, &own, key, found)
                place.parts.append(Layer.Part(part.key, .sequence(own.parts)))
                (place.channels, place.state) = (own.channels, own.state)
                if isEnd { return true }
                continue
            }
            let made = try rule.apply(unit, place.state, path)
            if made.state.stride > place.state.stride { found.tap(&place) }
            found.hasFeatures = found.hasFeatures || part.layer.makesFeatures(inputs: place.channels)
            place.parts += made.parts
            place.channels = part.layer.outputs(inputs: place.channels)
            place.state = made.state
        }
        return false
    }
}

extension Layer.Part {
    /// Whether a sequence is one block, under a key of its own and with no more than one stride, rather than several blocks
    /// one after another.
    fileprivate var isBlock: Bool { !key.isEmpty && !layer.holdsBlocks && layer.strides <= 1 }
}

extension Layer {
    /// Whether the layer pools a map to one value for each channel.
    fileprivate var isEnd: Bool { self == .globalPool || self == .squeeze }

    /// Whether a sequence holds blocks, or the end of the maps.
    fileprivate var holdsBlocks: Bool {
        guard case .sequence(let parts) = self else { return false }
        return parts.contains { part in
            switch part.layer {
            case .residual, .choice, .cell, .join, .globalPool, .squeeze, .linear: true
            default: part.layer.holdsBlocks
            }
        }
    }

    /// The number of layers with a stride in a sequence without blocks.
    fileprivate var strides: Int {
        switch self {
        case .convolution(let convolution): convolution.stride > 1 ? 1 : 0
        case .pool(let pool): pool.stride > 1 ? 1 : 0
        case .zero(let stride): stride > 1 ? 1 : 0
        case .sequence(let parts): parts.reduce(0) { $0 + $1.layer.strides }
        default: 0
        }
    }

    /// Whether what comes out is more than the images, normalised or padded.
    fileprivate func makesFeatures(inputs: Int) -> Bool {
        switch self {
        case .splitAttention: true
        case .convolution: true
        default: producers(inputs: inputs) > 0
        }
    }

    /// The sequence with other names for what it hands out; what has none is not handed out.
    fileprivate func renamingTaps(_ names: [String: String]) -> Layer {
        guard case .sequence(let parts) = self else { return self }
        return .sequence(
            parts.compactMap { part in
                guard case .tap(let name) = part.layer else { return Part(part.key, part.layer.renamingTaps(names)) }
                return names[name].map { Part(part.key, .tap($0)) }
            })
    }
}
