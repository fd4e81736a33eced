/// A mask as the lengths of its runs, the run-length encoding of COCO: down the columns, from the left one to the right,
/// first the pixels that are not set, then those that are, and so on in turn. The first run may be 0.
public struct RunLengths: Sendable, Hashable {
    /// The height of the mask's image, in pixels.
    public let height: Int
    /// The width of the mask's image, in pixels.
    public let width: Int
    /// The lengths of the runs, unset and set in turn; their sum is height times width.
    public let counts: [Int]

    /// The mask with these counts, as a file that is not compressed lists them.
    ///
    /// - Throws: `AnnotationError` where a count is negative or the counts do not fill the image.
    public init(height: Int, width: Int, counts: [Int]) throws(AnnotationError) {
        let (pixels, isTooLarge) = height.multipliedReportingOverflow(by: width)
        guard height > 0, width > 0, !isTooLarge else {
            throw AnnotationError("a run-length mask has the size \(width)x\(height); both sides must be positive")
        }
        var left = pixels
        for count in counts {
            guard count >= 0, count <= left else {
                throw AnnotationError(
                    "a run-length mask has a run of \(count) where \(left) of its \(width)x\(height) pixels are left")
            }
            left -= count
        }
        guard left == 0 else {
            throw AnnotationError("a run-length mask ends \(left) pixels before its size, \(width)x\(height)")
        }
        self.init(filling: height, width, counts)
    }

    /// The mask that `compressed` is the string of.
    ///
    /// - Throws: `AnnotationError` where the string has another character than `0` to `o`, ends within a number, or has
    ///   counts that do not fill the image.
    public init(height: Int, width: Int, compressed: String) throws(AnnotationError) {
        var counts: [Int] = []
        var (value, shift) = (0, 0)
        for (position, byte) in compressed.utf8.enumerated() {
            let group = Int(byte) - 48
            guard (0..<64).contains(group), shift < 60 else {
                throw AnnotationError(
                    "a compressed run-length mask cannot be read at byte \(position) of \(compressed.utf8.count)")
            }
            value |= (group & 0x1F) << shift
            shift += 5
            guard group & 0x20 == 0 else { continue }
            // The highest bit of the last group is the sign's.
            if group & 0x10 != 0 { value |= -1 << shift }
            let (count, isTooLarge) = value.addingReportingOverflow(counts.count > 2 ? counts[counts.count - 2] : 0)
            guard !isTooLarge else {
                throw AnnotationError(
                    "a compressed run-length mask has a run beyond all sizes, before byte \(position)")
            }
            counts.append(count)
            (value, shift) = (0, 0)
        }
        guard shift == 0 else { throw AnnotationError("a compressed run-length mask ends within a number") }
        try self.init(height: height, width: width, counts: counts)
    }

    /// The mask of the pixels that are not 0, given row by row.
    ///
    /// - Precondition: `pixels` has height times width values, and at least one.
    public init(height: Int, width: Int, pixels: [UInt8]) {
        precondition(!pixels.isEmpty && pixels.count == height * width, "a \(width)x\(height) mask of \(pixels.count)")
        var counts: [Int] = []
        var (run, isSet) = (0, false)
        for x in 0..<width {
            for y in 0..<height {
                if (pixels[y * width + x] != 0) != isSet {
                    counts.append(run)
                    run = 0
                    isSet.toggle()
                }
                run += 1
            }
        }
        self.init(filling: height, width, counts + [run])
    }

    /// The mask of all pixels that lie in one of `polygons`, as pycocotools draws them.
    ///
    /// - Precondition: `height` and `width` are positive.
    public init(polygons: [Mask.Polygon], height: Int, width: Int) {
        precondition(height > 0 && width > 0, "a mask of \(width)x\(height) pixels")
        let masks = polygons.map { Self.drawn($0, height: height, width: width) }
        guard let first = masks.first else {
            self.init(filling: height, width, [height * width])
            return
        }
        self.init(filling: height, width, masks.dropFirst().reduce(first, Self.union))
    }

    /// Takes counts that are known to fill the image.
    private init(filling height: Int, _ width: Int, _ counts: [Int]) {
        (self.height, self.width, self.counts) = (height, width, counts)
    }

    /// The counts as COCO's string: from the fourth on the difference to the last but one, 5 bits a character.
    public var compressed: String {
        var bytes: [UInt8] = []
        for (position, count) in counts.enumerated() {
            var left = position > 2 ? count - counts[position - 2] : count
            var isLast = false
            while !isLast {
                let group = left & 0x1F
                left >>= 5
                isLast = group & 0x10 != 0 ? left == -1 : left == 0
                bytes.append(UInt8(48 + group + (isLast ? 0 : 0x20)))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// 1 for each pixel that is set and 0 for the others, [height, width], row by row.
    public var pixels: [UInt8] {
        var pixels = [UInt8](repeating: 0, count: height * width)
        for run in setRuns {
            var (x, y) = run.lowerBound.quotientAndRemainder(dividingBy: height)
            for _ in run {
                pixels[y * width + x] = 1
                y += 1
                if y == height { (x, y) = (x + 1, 0) }
            }
        }
        return pixels
    }

    /// The number of pixels that are set.
    public var area: Int { setRuns.reduce(0) { $0 + $1.count } }

    /// The smallest box around the pixels that are set; nil where none is.
    public var bounds: BoundingBox? {
        let runs = setRuns.filter { !$0.isEmpty }
        guard let first = runs.first, let last = runs.last else { return nil }
        var (top, bottom) = (height, 0)
        for run in runs {
            let (from, to) = (run.lowerBound, run.upperBound - 1)
            // A run that goes on in the next column touches both borders.
            let isWithinColumn = from / height == to / height
            top = min(top, isWithinColumn ? from % height : 0)
            bottom = max(bottom, isWithinColumn ? to % height + 1 : height)
        }
        return BoundingBox(
            x0: Float(first.lowerBound / height), y0: Float(top), x1: Float((last.upperBound - 1) / height + 1),
            y1: Float(bottom))
    }

    /// The pixels that are set in either of two masks of one size.
    ///
    /// - Precondition: both have the same height and width.
    public func union(_ other: RunLengths) -> RunLengths {
        precondition(height == other.height && width == other.width, "the union of masks of different sizes")
        return RunLengths(filling: height, width, Self.union(counts, other.counts))
    }

    /// How far this mask, that of a detection, overlaps that of an object of the same size: the pixels that are set in both
    /// over those that are set in either, or for a crowd over those of this mask. 0 where nothing is shared.
    ///
    /// - Precondition: both have the same height and width.
    public func overlap(with object: RunLengths, isCrowd: Bool = false) -> Double {
        precondition(height == object.height && width == object.width, "the overlap of masks of different sizes")
        let (own, others) = (setRuns, object.setRuns)
        var (shared, place) = (0, 0)
        for run in own {
            while place < others.count, others[place].upperBound <= run.lowerBound { place += 1 }
            var next = place
            while next < others.count, others[next].lowerBound < run.upperBound {
                shared += max(0, run.clamped(to: others[next]).count)
                next += 1
            }
        }
        guard shared > 0 else { return 0 }
        return Double(shared) / Double(isCrowd ? area : area + object.area - shared)
    }

    /// The places of each run of set pixels, counted down the columns.
    private var setRuns: [Range<Int>] {
        var (runs, start): ([Range<Int>], Int) = ([], 0)
        for (position, count) in counts.enumerated() {
            if position % 2 == 1 { runs.append(start..<start + count) }
            start += count
        }
        return runs
    }

    /// The counts of the union of two masks of one size.
    private static func union(_ one: [Int], _ other: [Int]) -> [Int] {
        var counts: [Int] = []
        var (run, isSet) = (0, false)
        // Where each mask's present run stands, and what is left of it.
        var (places, left) = ([0, 0], [one[0], other[0]])
        let all = [one, other]
        while true {
            for mask in 0..<2 {
                while left[mask] == 0, places[mask] + 1 < all[mask].count {
                    places[mask] += 1
                    left[mask] = all[mask][places[mask]]
                }
            }
            if (places[0] % 2 == 1 || places[1] % 2 == 1) != isSet, left[0] > 0, left[1] > 0 {
                counts.append(run)
                run = 0
                isSet.toggle()
            }
            let step = min(left[0], left[1])
            guard step > 0 else { return counts + [run] }
            run += step
            left = [left[0] - step, left[1] - step]
        }
    }

    /// The counts of one polygon's pixels. The outline is walked on a grid five times as fine as the pixels; where it
    /// crosses the middle of a column of pixels a run begins or ends. Every rounding is that of pycocotools.
    private static func drawn(_ polygon: Mask.Polygon, height: Int, width: Int) -> [Int] {
        let fine = 5.0
        // No image is so large; the walk must end for whatever a file holds.
        let limit = Double(1 << 20)
        let corners = polygon.map { corner -> (x: Int, y: Int) in
            func whole(_ value: Double) -> Int { Int(fine * min(max(value.isNaN ? 0 : value, -limit), limit) + 0.5) }
            return (whole(corner.x), whole(corner.y))
        }
        var crossings: [Int] = []
        var before: (x: Int, y: Int)?
        func visit(_ x: Int, _ y: Int) {
            defer { before = (x, y) }
            guard let before, before.x != x else { return }
            let column = (Double(x < before.x ? x : x - 1) + 0.5) / fine - 0.5
            guard column == column.rounded(.down), column >= 0, column <= Double(width - 1) else { return }
            let row = (Double(min(y, before.y)) + 0.5) / fine - 0.5
            crossings.append(Int(column) * height + Int(min(max(row, 0), Double(height)).rounded(.up)))
        }
        for (position, from) in corners.enumerated() {
            let to = corners[position + 1 == corners.count ? 0 : position + 1]
            let (dx, dy) = (abs(to.x - from.x), abs(to.y - from.y))
            let isLevel = dx >= dy
            // Positions are computed from the end with the smaller coordinate, and visited in the walk's direction.
            let isReversed = isLevel ? from.x > to.x : from.y > to.y
            let (start, end) = isReversed ? (to, from) : (from, to)
            let length = isLevel ? dx : dy
            let slope = length == 0 ? 0 : Double(isLevel ? end.y - start.y : end.x - start.x) / Double(length)
            for step in 0...length {
                let along = isReversed ? length - step : step
                if isLevel {
                    visit(start.x + along, Int(Double(start.y) + slope * Double(along) + 0.5))
                } else {
                    visit(Int(Double(start.x) + slope * Double(along) + 0.5), start.y + along)
                }
            }
        }
        crossings.append(height * width)
        crossings.sort()
        // A run of 0 joins its neighbours, unless it is the first.
        var (counts, place) = ([crossings[0]], crossings[0])
        var position = 1
        while position < crossings.count {
            var run = crossings[position] - place
            place = crossings[position]
            position += 1
            if run == 0 {
                guard position < crossings.count else { break }
                run = crossings[position] - place
                place = crossings[position]
                position += 1
                counts[counts.count - 1] += run
            } else {
                counts.append(run)
            }
        }
        return counts
    }
}
