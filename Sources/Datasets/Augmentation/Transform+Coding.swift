extension Transform {
    /// The names of all transforms, in the order of the declaration.
    static let names = [
        "random-resized-crop", "random-crop", "resize", "resize-within", "stretch", "random-scale-by-longer-side",
        "pad", "center-crop",
        "horizontal-flip", "vertical-flip", "color-jitter", "grayscale", "gaussian-blur", "random-erasing",
        "rand-augment", "trivial-augment", "normalize",
    ]

    /// The transform's name in configuration files.
    public var name: String {
        switch self {
        case .randomResizedCrop: "random-resized-crop"
        case .randomCrop: "random-crop"
        case .resize: "resize"
        case .resizeWithin: "resize-within"
        case .stretch: "stretch"
        case .randomScaleByLongerSide: "random-scale-by-longer-side"
        case .pad: "pad"
        case .centerCrop: "center-crop"
        case .horizontalFlip: "horizontal-flip"
        case .verticalFlip: "vertical-flip"
        case .colorJitter: "color-jitter"
        case .grayscale: "grayscale"
        case .gaussianBlur: "gaussian-blur"
        case .randomErasing: "random-erasing"
        case .randAugment: "rand-augment"
        case .trivialAugment: "trivial-augment"
        case .normalize: "normalize"
        }
    }

    /// Builds the transform called `name` from its fields; nil when one of them is missing or unreadable, which the
    /// fields then know.
    private static func read(_ name: String, _ fields: inout TransformFields) -> Transform? {
        switch name {
        case "random-resized-crop":
            let size = fields.size("size")
            let scale = fields.range("scale", default: 0.08...1)
            let ratio = fields.range("ratio", default: Self.usualRatios(of: size ?? 1))
            guard let size, let scale, let ratio else { return nil }
            return .randomResizedCrop(size: size, scale: scale, ratio: ratio)
        case "random-crop":
            let size = fields.size("size")
            let padding = fields.integer("padding", default: 0)
            guard let size, let padding else { return nil }
            return .randomCrop(size: size, padding: padding)
        case "resize": return fields.integer("size").map { .resize($0) }
        case "resize-within":
            let shorter = fields.integers("shorter")
            guard let longest = fields.integer("longest"), let shorter else { return nil }
            return .resizeWithin(shorter: shorter, longest: longest)
        case "stretch": return fields.size("size").map { .stretch($0) }
        case "random-scale-by-longer-side": return fields.integer("base").map { .randomScaleByLongerSide($0) }
        case "pad": return fields.size("size").map { .pad($0) }
        case "center-crop": return fields.size("size").map { .centerCrop($0) }
        case "horizontal-flip": return fields.number("p", default: 0.5).map { .horizontalFlip($0) }
        case "vertical-flip": return fields.number("p", default: 0.5).map { .verticalFlip($0) }
        case "color-jitter":
            let values = ["brightness", "contrast", "saturation", "hue"].map { fields.number($0, default: 0) }
            guard let p = fields.number("p", default: 1), let brightness = values[0], let contrast = values[1],
                let saturation = values[2], let hue = values[3]
            else { return nil }
            return .colorJitter(brightness: brightness, contrast: contrast, saturation: saturation, hue: hue, p: p)
        case "grayscale": return fields.number("p").map { .grayscale($0) }
        case "gaussian-blur":
            let sigma = fields.range("sigma", default: 0.1...2)
            let hasKernel = fields.has("kernel-size")
            let kernelSize = hasKernel ? fields.integer("kernel-size") : fields.absent("kernel-size")
            guard let p = fields.number("p", default: 0.5), let sigma, !hasKernel || kernelSize != nil else {
                return nil
            }
            return .gaussianBlur(sigma: sigma, kernelSize: kernelSize, p: p)
        case "random-erasing":
            let scale = fields.range("scale", default: 0.02...0.33)
            let ratio = fields.range("ratio", default: 0.3...3.3)
            let value = fields.erasingValue("value")
            guard let p = fields.number("p", default: 0.5), let scale, let ratio, let value else { return nil }
            return .randomErasing(p: p, scale: scale, ratio: ratio, value: value)
        case "rand-augment":
            let count = fields.integer("count", default: 2)
            guard let magnitude = fields.integer("magnitude", default: 9), let count else { return nil }
            return .randAugment(count: count, magnitude: magnitude)
        case "trivial-augment": return .trivialAugment
        case "normalize":
            let mean = fields.numbers("mean")
            guard let std = fields.numbers("std"), let mean else { return nil }
            return .normalize(mean: mean, std: std)
        default:
            fields.add("unknown transform \"\(name)\"; known are \(names.joined(separator: ", "))")
            return nil
        }
    }

    /// The key that a lone value belongs to, as in `horizontal-flip: 0.5`.
    fileprivate static func shorthandKey(_ name: String) -> String? {
        switch name {
        case "random-resized-crop", "random-crop", "resize", "stretch", "pad", "center-crop": "size"
        case "random-scale-by-longer-side": "base"
        case "horizontal-flip", "vertical-flip", "grayscale": "p"
        default: nil
        }
    }
}

extension Transform: Codable {
    /// Reads a name alone (`trivial-augment`), a name with its main value (`horizontal-flip: 0.5`) or a name with its
    /// parameters (`random-crop: {size: 28, padding: 2}`).
    ///
    /// - Throws: `AugmentationError` with everything that is wrong.
    public init(from decoder: any Decoder) throws {
        var fields: TransformFields
        let name: String
        if let bare = try? decoder.singleValueContainer().decode(String.self) {
            name = bare
            fields = TransformFields(name: bare)
        } else {
            guard let outer = try? decoder.container(keyedBy: TransformKey.self), outer.allKeys.count == 1,
                let key = outer.allKeys.first
            else {
                throw AugmentationError(
                    "a transform is one name with its parameters, such as `horizontal-flip: 0.5`; known are "
                        + Self.names.joined(separator: ", "))
            }
            name = key.stringValue
            fields = TransformFields(name: name, outer: outer, key: key, shorthand: Self.shorthandKey(name))
        }
        let transform = Self.read(name, &fields)
        if Self.names.contains(name) { fields.refuseOthers() }
        let problems = fields.problems + (transform?.problems ?? [])
        guard let transform, problems.isEmpty else { throw AugmentationError(problems: problems) }
        self = transform
    }

    /// Writes what `init(from:)` reads back as an equal transform: all parameters, defaults included, or the main value
    /// alone where there is no other.
    public func encode(to encoder: any Encoder) throws {
        if case .trivialAugment = self {
            var container = encoder.singleValueContainer()
            try container.encode(name)
            return
        }
        var outer = encoder.container(keyedBy: TransformKey.self)
        let key = TransformKey(name)
        switch self {
        case .resize(let size), .randomScaleByLongerSide(let size): return try outer.encode(size, forKey: key)
        case .stretch(let size), .centerCrop(let size), .pad(let size): return try outer.encode(size, forKey: key)
        case .horizontalFlip(let p), .verticalFlip(let p), .grayscale(let p): return try outer.encode(p, forKey: key)
        default: break
        }
        var fields = outer.nestedContainer(keyedBy: TransformKey.self, forKey: key)
        func put(_ range: ClosedRange<Double>, _ key: String) throws {
            try fields.encode([range.lowerBound, range.upperBound], forKey: TransformKey(key))
        }
        switch self {
        case .randomResizedCrop(let size, let scale, let ratio):
            try fields.encode(size, forKey: "size")
            try put(scale, "scale")
            try put(ratio, "ratio")
        case .resizeWithin(let shorter, let longest):
            if shorter.count == 1 {
                try fields.encode(shorter[0], forKey: "shorter")
            } else {
                try fields.encode(shorter, forKey: "shorter")
            }
            try fields.encode(longest, forKey: "longest")
        case .randomCrop(let size, let padding):
            try fields.encode(size, forKey: "size")
            try fields.encode(padding, forKey: "padding")
        case .colorJitter(let brightness, let contrast, let saturation, let hue, let p):
            try fields.encode(brightness, forKey: "brightness")
            try fields.encode(contrast, forKey: "contrast")
            try fields.encode(saturation, forKey: "saturation")
            try fields.encode(hue, forKey: "hue")
            try fields.encode(p, forKey: "p")
        case .gaussianBlur(let sigma, let kernelSize, let p):
            try put(sigma, "sigma")
            try fields.encodeIfPresent(kernelSize, forKey: "kernel-size")
            try fields.encode(p, forKey: "p")
        case .randomErasing(let p, let scale, let ratio, let value):
            try fields.encode(p, forKey: "p")
            try put(scale, "scale")
            try put(ratio, "ratio")
            switch value {
            case .constant(let values): try fields.encode(values, forKey: "value")
            case .noise: try fields.encode("noise", forKey: "value")
            }
        case .randAugment(let count, let magnitude):
            try fields.encode(count, forKey: "count")
            try fields.encode(magnitude, forKey: "magnitude")
        case .normalize(let mean, let std):
            try fields.encode(mean, forKey: "mean")
            try fields.encode(std, forKey: "std")
        case .resize, .stretch, .randomScaleByLongerSide, .pad, .centerCrop, .horizontalFlip, .verticalFlip, .grayscale,
            .trivialAugment:
            break
        }
    }
}

extension Augmentation: Codable {
    /// Reads a list of transforms.
    ///
    /// - Throws: `AugmentationError` with everything that is wrong in any of them.
    public init(from decoder: any Decoder) throws {
        guard var list = try? decoder.unkeyedContainer() else {
            throw AugmentationError("an augmentation is a list of transforms, such as `- horizontal-flip: 0.5`")
        }
        var transforms: [Transform] = []
        var problems: [String] = []
        while !list.isAtEnd {
            let position = list.currentIndex
            switch try list.decode(TransformAttempt.self).result {
            case .success(let transform): transforms.append(transform)
            case .failure(let error): problems += error.problems.map { "augmentation[\(position)] \($0)" }
            }
        }
        guard problems.isEmpty else { throw AugmentationError(problems: problems) }
        try self.init(transforms)
    }

    /// Writes the list of the transforms, in the order in which they apply.
    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for transform in transforms { try list.encode(transform) }
    }
}

/// Decodes without throwing, so that one bad transform does not hide the next: a list's position stays where decoding
/// an element failed.
private struct TransformAttempt: Decodable {
    let result: Result<Transform, AugmentationError>

    init(from decoder: any Decoder) {
        do {
            result = .success(try Transform(from: decoder))
        } catch let error as AugmentationError {
            result = .failure(error)
        } catch {
            result = .failure(AugmentationError("\(error)"))
        }
    }
}
