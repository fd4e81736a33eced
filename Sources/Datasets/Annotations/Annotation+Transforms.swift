// What was drawn for an image is applied to its annotation, so that both show the same part of the scene.

extension Annotation {
    /// The annotation of the image that `transforms` make of this annotation's image.
    ///
    /// Steps that move pixels move the annotation with them; steps that change colours, and random erasing, leave it as it
    /// is. A label map is read at the nearest pixel and ignored outside the image. Boxes and masks are clipped to the
    /// image, also where there is no step, and what is left empty is dropped. Where a step moves an object with a mask
    /// across the border, or turns or shears it, its box becomes the smallest one around what is left of the mask; any
    /// other box is moved and clipped as it is. The area of an object changes by as much as that of its mask, or else of
    /// its box.
    ///
    /// - Parameters:
    ///   - transforms: the steps that were drawn for the image, in order.
    ///   - height: of the image before the first step, in pixels.
    ///   - width: of the image before the first step, in pixels.
    /// - Throws: `AugmentationError` when a map or a run-length mask does not have the image's size, or when a step does
    ///   not fit the image or cannot be followed.
    public func applying(_ transforms: [AppliedTransform], height: Int, width: Int) throws -> Annotation {
        switch self {
        case .number:
            return self
        case .map(var map):
            guard map.height == height, map.width == width else {
                throw AugmentationError(
                    "the label map has \(map.width)x\(map.height) pixels and its image \(width)x\(height); "
                        + "both must be of one size")
            }
            for step in transforms { map = try map.applying(step, outside: LabelMap.ignored) }
            return .map(map)
        case .boxes(let boxes):
            return .boxes(try boxes.compactMap { try $0.applying(transforms, height: height, width: width) })
        }
    }
}

extension AnnotatedBox {
    /// The object as it is in the transformed image; nil where nothing of it is left.
    fileprivate func applying(
        _ transforms: [AppliedTransform], height: Int, width: Int
    ) throws -> AnnotatedBox? {
        if case .runLengths(let runs)? = mask, runs.height != height || runs.width != width {
            throw AugmentationError(
                "a mask has \(runs.width)x\(runs.height) pixels and its image \(width)x\(height); "
                    + "both must be of one size")
        }
        var (object, height, width) = (self, height, width)
        guard object.clip(height: height, width: width, after: nil) else { return nil }
        for step in transforms {
            guard let map = try step.pointMap(height: height, width: width) else { continue }
            (height, width) = step.outputSize(height: height, width: width)
            let before = object.mask?.area
            let (x0, y0) = (Double(object.box.x0), Double(object.box.y0))
            let (x1, y1) = (Double(object.box.x1), Double(object.box.y1))
            let corners = [SIMD2(x0, y0), SIMD2(x1, y0), SIMD2(x1, y1), SIMD2(x0, y1)].map { map($0) }
            guard let moved = BoundingBox(around: corners) else { return nil }
            object.box = moved
            object.area *= map.scale
            switch object.mask {
            case .polygons(let polygons): object.mask = .polygons(polygons.map { $0.map { map($0) } })
            case .runLengths(let runs):
                let pixels = LabelMap(height: runs.height, width: runs.width, classes: runs.pixels)
                let result = try pixels.applying(step, outside: 0)
                object.mask = .runLengths(RunLengths(height: height, width: width, pixels: result.classes))
                // Unlike polygons, pixels have already lost what lies outside.
                if let before, before > 0, let after = object.mask?.area {
                    object.area *= after / (before * map.scale)
                }
            case nil: break
            }
            guard object.clip(height: height, width: width, after: map) else { return nil }
        }
        return object
    }

    /// Clips the box and a mask of polygons to the image, after a step or before the first one. Returns whether anything
    /// is left.
    private mutating func clip(height: Int, width: Int, after map: PointMap?) -> Bool {
        let whole = box
        box = whole.clipped(height: height, width: width)
        guard !box.isEmpty else { return false }
        guard let mask else {
            if box != whole { area *= box.area / whole.area }
            return true
        }
        if case .polygons(let polygons) = mask {
            let visible = polygons.compactMap { polygon -> Mask.Polygon? in
                let part = Mask.clipped(polygon, height: height, width: width)
                // What only touches the border has corners, but no area.
                return part == polygon || (part.count > 2 && Mask.area(of: part) > 1e-9) ? part : nil
            }
            let (before, after) = (mask.area, Mask.polygons(visible).area)
            if visible != polygons, before > 0 { area *= after / before }
            self.mask = .polygons(visible)
        }
        guard let remaining = self.mask, !remaining.isEmpty else { return false }
        if let map, box != whole || !map.isUpright {
            guard let around = remaining.bounds, !around.isEmpty else { return false }
            box = around
        }
        return true
    }
}

/// Where a step puts the points of an image, in pixels from the top left corners of the image before and after it.
private struct PointMap {
    /// Where a step of one pixel to the right and one down leads.
    let right, down: SIMD2<Double>
    /// Where the top left corner comes.
    let origin: SIMD2<Double>

    func callAsFunction(_ point: SIMD2<Double>) -> SIMD2<Double> { origin + right * point.x + down * point.y }

    /// By how much areas grow.
    var scale: Double { abs(right.x * down.y - right.y * down.x) }

    /// Whether the sides of a box stay parallel to those of the image, the upper one above or below.
    var isUpright: Bool { right.y == 0 && down.x == 0 }
}

extension AppliedTransform {
    /// Where this step puts the points of an image of `height` x `width` pixels; nil for a step that moves nothing.
    fileprivate func pointMap(height: Int, width: Int) throws -> PointMap? {
        func scaling(_ box: Box, _ outHeight: Int, _ outWidth: Int) -> PointMap {
            let factors = SIMD2(Double(outWidth) / Double(box.width), Double(outHeight) / Double(box.height))
            return PointMap(
                right: SIMD2(factors.x, 0), down: SIMD2(0, factors.y),
                origin: -SIMD2(Double(box.left), Double(box.top)) * factors)
        }
        guard movesPixels else { return nil }
        if let problem = problem(channels: 1, height: height, width: width) { throw AugmentationError(problem) }
        switch self {
        case .resizedCrop(let box, let outHeight, let outWidth): return scaling(box, outHeight, outWidth)
        case .crop(let box): return scaling(box, box.height, box.width)
        case .resize(let outHeight, let outWidth):
            return scaling(Box(top: 0, left: 0, height: height, width: width), outHeight, outWidth)
        case .horizontalFlip:
            return PointMap(right: SIMD2(-1, 0), down: SIMD2(0, 1), origin: SIMD2(Double(width), 0))
        case .verticalFlip:
            return PointMap(right: SIMD2(1, 0), down: SIMD2(0, -1), origin: SIMD2(0, Double(height)))
        case .affine(let map):
            // The map says where pixels come from; points need to know where they go.
            let determinant = map.xx * map.yy - map.xy * map.yx
            let (right, down) = (SIMD2(map.yy, -map.yx) / determinant, SIMD2(-map.xy, map.xx) / determinant)
            guard determinant != 0, (right + down).x.isFinite, (right + down).y.isFinite else {
                throw AugmentationError("the affine map \(map) takes the image to a line, which no box can follow")
            }
            let middle = SIMD2(Double(width), Double(height)) / 2
            let source = middle + SIMD2(map.x0, map.y0)
            return PointMap(right: right, down: down, origin: middle - right * source.x - down * source.y)
        default: return nil
        }
    }

    /// Whether the step changes where things are in the image, and not only how they look.
    private var movesPixels: Bool {
        switch self {
        case .resizedCrop, .crop, .resize, .horizontalFlip, .verticalFlip, .affine: true
        case .brightness, .contrast, .saturation, .hue, .grayscale, .gaussianBlur, .sharpness, .posterize, .solarize,
            .autocontrast, .equalize, .invert, .erase, .normalize:
            false
        }
    }

    /// The problem that keeps the step from a label map of `height` x `width` pixels, thrown.
    fileprivate func checkFits(height: Int, width: Int) throws {
        if movesPixels, let problem = problem(channels: 1, height: height, width: width) {
            throw AugmentationError(problem)
        }
    }
}

extension LabelMap {
    /// The map of the image that `step` makes of this map's image: the value at the nearest pixel, and `outside` where
    /// there is none.
    fileprivate func applying(_ step: AppliedTransform, outside: UInt8) throws -> LabelMap {
        try step.checkFits(height: height, width: width)
        switch step {
        case .resizedCrop(let box, let outHeight, let outWidth):
            return resampled(
                rows: Self.nearest(outHeight, from: box.top, box.height),
                columns: Self.nearest(outWidth, from: box.left, box.width), outside: outside)
        case .resize(let outHeight, let outWidth):
            return resampled(
                rows: Self.nearest(outHeight, from: 0, height), columns: Self.nearest(outWidth, from: 0, width),
                outside: outside)
        case .crop(let box):
            return resampled(
                rows: (box.top..<box.top + box.height).map { $0 },
                columns: (box.left..<box.left + box.width).map { $0 },
                outside: outside)
        case .horizontalFlip:
            return resampled(rows: Array(0..<height), columns: (0..<width).reversed(), outside: outside)
        case .verticalFlip:
            return resampled(rows: (0..<height).reversed(), columns: Array(0..<width), outside: outside)
        case .affine(let map):
            return warped(map, outside: outside)
        default:
            return self
        }
    }

    /// The pixels that `count` pixels over `length` pixels from `first` on have their middle in: that of Pillow's nearest
    /// neighbour, and the one that weighs most in the bilinear resizing of the image. In whole numbers, without rounding.
    private static func nearest(_ count: Int, from first: Int, _ length: Int) -> [Int] {
        (0..<count).map { first + (2 * $0 + 1) * length / (2 * count) }
    }

    /// The map whose pixel at (x, y) is this one's at (columns[x], rows[y]).
    private func resampled(rows: [Int], columns: [Int], outside: UInt8) -> LabelMap {
        // Columns within the map stand side by side, whatever the step.
        let inside = columns.indices.filter { (0..<width).contains(columns[$0]) }
        let result = [UInt8](unsafeUninitializedCapacity: rows.count * columns.count) { out, count in
            count = rows.count * columns.count
            guard let out = out.baseAddress else { return }
            classes.withUnsafeBufferPointer { source in
                columns.withUnsafeBufferPointer { columns in
                    for (y, row) in rows.enumerated() {
                        let to = out + y * columns.count
                        guard (0..<height).contains(row), let first = inside.first, let last = inside.last else {
                            to.initialize(repeating: outside, count: columns.count)
                            continue
                        }
                        to.initialize(repeating: outside, count: first)
                        let from = row * width
                        for x in first...last { to[x] = source[from + columns[x]] }
                        (to + last + 1).initialize(repeating: outside, count: columns.count - last - 1)
                    }
                }
            }
        }
        return LabelMap(height: rows.count, width: columns.count, classes: result)
    }

    /// The map under an affine map, read at the nearest pixel. The arithmetic is that of the image's kernel, in the same
    /// order, so that both round the same way.
    private func warped(_ map: AffineMap, outside: UInt8) -> LabelMap {
        let (xx, xy, x0) = (Float(map.xx), Float(map.xy), Float(map.x0))
        let (yx, yy, y0) = (Float(map.yx), Float(map.yy), Float(map.y0))
        let (middleX, middleY) = (0.5 * Float(width - 1), 0.5 * Float(height - 1))
        let (farX, farY) = (Float(width) + 1, Float(height) + 1)
        let result = [UInt8](unsafeUninitializedCapacity: classes.count) { out, count in
            count = classes.count
            classes.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let dy = Float(y) - middleY
                    for x in 0..<width {
                        let dx = Float(x) - middleX
                        var fromX = xx * dx + xy * dy + x0 + middleX
                        var fromY = yx * dx + yy * dy + y0 + middleY
                        // What is far outside, or no number, must not overflow the conversion.
                        fromX = fromX > -2 ? (fromX < farX ? fromX : farX) : -2
                        fromY = fromY > -2 ? (fromY < farY ? fromY : farY) : -2
                        let column = Int(fromX.rounded(.toNearestOrEven))
                        let row = Int(fromY.rounded(.toNearestOrEven))
                        let isInside = column >= 0 && column < width && row >= 0 && row < height
                        out[y * width + x] = isInside ? source[row * width + column] : outside
                    }
                }
            }
        }
        return LabelMap(height: height, width: width, classes: result)
    }
}
