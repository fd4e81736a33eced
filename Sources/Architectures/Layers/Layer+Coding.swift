/// A layer is stored as an object with a `type` and the layer's own fields, so that a file can be read by people and
/// other programs.
extension Layer: Codable {
    private enum Key: String, CodingKey {
        case type, scale, outputs, radix, cardinality, stride, parts, body, shortcut, relu, point, candidates, edges,
            before, after, sharing, height, width, probability, name, dilation
        case ofChannels = "of-channels"
    }

    private enum Kind: String, Codable {
        case convolution
        case batchNorm = "batch-norm"
        case relu, relu6
        case hardSwish = "hard-swish"
        case hardSigmoid = "hard-sigmoid"
        case pad, pool
        case globalPool = "global-pool"
        case squeeze, gate, resize, global, join, dropout, tap
        case linear
        case splitAttention = "split-attention"
        case identity, zero, sequence, residual, choice, cell
    }

    /// Writes the `type` and the fields of that type.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func type(_ kind: Kind) throws { try container.encode(kind, forKey: .type) }
        switch self {
        case .convolution(let convolution):
            try type(.convolution)
            try convolution.encode(to: encoder)
        case .batchNorm(let scale):
            try type(.batchNorm)
            try container.encode(scale, forKey: .scale)
        case .relu: try type(.relu)
        case .relu6: try type(.relu6)
        case .hardSwish: try type(.hardSwish)
        case .hardSigmoid: try type(.hardSigmoid)
        case .pad(let before, let after):
            try type(.pad)
            try container.encode(before, forKey: .before)
            try container.encode(after, forKey: .after)
        case .pool(let pool):
            try type(.pool)
            try pool.encode(to: encoder)
        case .globalPool: try type(.globalPool)
        case .squeeze: try type(.squeeze)
        case .gate(let body):
            try type(.gate)
            try container.encode(body, forKey: .body)
        case .resize(let height, let width):
            try type(.resize)
            try container.encode(height, forKey: .height)
            try container.encode(width, forKey: .width)
        case .global(let body):
            try type(.global)
            try container.encode(body, forKey: .body)
        case .join(let parts):
            try type(.join)
            try container.encode(parts, forKey: .parts)
        case .dropout(let probability, let ofChannels):
            try type(.dropout)
            try container.encode(probability, forKey: .probability)
            if ofChannels { try container.encode(ofChannels, forKey: .ofChannels) }
        case .tap(let name):
            try type(.tap)
            try container.encode(name, forKey: .name)
        case .linear(let outputs):
            try type(.linear)
            try container.encode(outputs, forKey: .outputs)
        case .splitAttention(let radix, let cardinality, let dilation):
            try type(.splitAttention)
            try container.encode(radix, forKey: .radix)
            try container.encode(cardinality, forKey: .cardinality)
            if dilation != 1 { try container.encode(dilation, forKey: .dilation) }
        case .identity: try type(.identity)
        case .zero(let stride):
            try type(.zero)
            try container.encode(stride, forKey: .stride)
        case .sequence(let parts):
            try type(.sequence)
            try container.encode(parts, forKey: .parts)
        case .residual(let body, let shortcut, let relu):
            try type(.residual)
            try container.encode(body, forKey: .body)
            try container.encodeIfPresent(shortcut, forKey: .shortcut)
            try container.encode(relu, forKey: .relu)
        case .choice(let choice):
            try type(.choice)
            try container.encode(choice.point, forKey: .point)
            try container.encode(choice.candidates, forKey: .candidates)
            try container.encodeIfPresent(choice.sharing, forKey: .sharing)
        case .cell(let edges):
            try type(.cell)
            try container.encode(edges, forKey: .edges)
        }
    }

    /// Reads what `encode` wrote.
    public init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count < 256 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "layers lie within each other too deeply"))
        }
        let container = try decoder.container(keyedBy: Key.self)
        func field<T: Decodable>(_ key: Key) throws -> T { try container.decode(T.self, forKey: key) }
        switch try container.decode(Kind.self, forKey: .type) {
        case .convolution: self = .convolution(try Convolution(from: decoder))
        case .batchNorm: self = .batchNorm(scale: try container.decodeIfPresent(Double.self, forKey: .scale) ?? 1)
        case .relu: self = .relu
        case .relu6: self = .relu6
        case .hardSwish: self = .hardSwish
        case .hardSigmoid: self = .hardSigmoid
        case .pad: self = .pad(before: try field(.before), after: try field(.after))
        case .pool: self = .pool(try Pool(from: decoder))
        case .globalPool: self = .globalPool
        case .squeeze: self = .squeeze
        case .gate: self = .gate(try field(.body))
        case .resize: self = .resize(height: try field(.height), width: try field(.width))
        case .linear: self = .linear(outputs: try field(.outputs))
        case .global: self = .global(try field(.body))
        case .join: self = .join(try field(.parts))
        case .dropout:
            self = .dropout(
                probability: try field(.probability),
                ofChannels: try container.decodeIfPresent(Bool.self, forKey: .ofChannels) ?? false)
        case .tap: self = .tap(try field(.name))
        case .splitAttention:
            self = .splitAttention(
                radix: try field(.radix), cardinality: try field(.cardinality),
                dilation: try container.decodeIfPresent(Int.self, forKey: .dilation) ?? 1)
        case .identity: self = .identity
        case .zero: self = .zero(stride: try container.decodeIfPresent(Int.self, forKey: .stride) ?? 1)
        case .sequence: self = .sequence(try field(.parts))
        case .residual:
            self = .residual(
                body: try field(.body), shortcut: try container.decodeIfPresent(Part.self, forKey: .shortcut),
                relu: try container.decodeIfPresent(Bool.self, forKey: .relu) ?? false)
        case .choice:
            self = .choice(
                Choice(
                    try field(.point), try field(.candidates),
                    sharing: try container.decodeIfPresent(Choice.Sharing.self, forKey: .sharing)))
        case .cell: self = .cell(try field(.edges))
        }
    }
}
