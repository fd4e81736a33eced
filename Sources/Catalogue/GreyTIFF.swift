import Datasets

/// A grey TIFF of 16 bits, not compressed, as microscopes and the programs that read them write it. Anything else is refused:
/// this reads what known packages carry, not what the format allows (TIFF 6.0, Adobe, 1992).
struct GreyTIFF {
    /// The width in pixels.
    let width: Int
    /// The height in pixels.
    let height: Int
    /// The values, [height, width], row by row.
    let values: [UInt16]

    private static let longestSide = 16_384

    /// Reads a file's bytes, which errors call `name`.
    ///
    /// - Throws: `DatasetError` of kind `.unsupported` for what is no such TIFF, with what was found, or `.corrupt` for one
    ///   whose parts lie beyond its end.
    init(_ bytes: [UInt8], name: String) throws(DatasetError) {
        func refusal(_ what: String, _ kind: DatasetError.Kind = .unsupported) -> DatasetError {
            DatasetError(
                kind, file: name, "cannot be read as TIFF: \(what)",
                advice: "Only grey of 16 bits without compression is read.")
        }
        let isLittle = bytes.starts(with: [0x49, 0x49, 42, 0])
        guard isLittle || bytes.starts(with: [0x4D, 0x4D, 0, 42]) else {
            throw refusal("its first bytes are another's")
        }
        /// The number in `count` bytes from `place` on.
        func number(_ place: Int, _ count: Int) throws(DatasetError) -> Int {
            guard place >= 0, place <= bytes.count - count else { throw refusal("it ends too early", .corrupt) }
            let part = bytes[place..<place + count]
            return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        /// The numbers of an entry: of 16 bits (kind 3) or 32 (kind 4), in it or where it points to.
        func numbers(_ entry: Int) throws(DatasetError) -> [Int] {
            let (kind, count) = (try number(entry + 2, 2), try number(entry + 4, 4))
            let size = kind == 3 ? 2 : 4
            guard kind == 3 || kind == 4, (1...65_536).contains(count) else {
                throw refusal("an entry of kind \(kind)")
            }
            let place = count * size <= 4 ? entry + 8 : try number(entry + 8, 4)
            var found: [Int] = []
            for index in 0..<count { found.append(try number(place + index * size, size)) }
            return found
        }
        let directory = try number(4, 4)
        var tags: [Int: [Int]] = [:]
        let wanted: Set = [256, 257, 258, 259, 262, 273, 277, 279]
        for index in 0..<(try number(directory, 2)) {
            let entry = directory + 2 + 12 * index
            let tag = try number(entry, 2)
            if wanted.contains(tag) { tags[tag] = try numbers(entry) }
        }
        let sides = [tags[256]?.first ?? 0, tags[257]?.first ?? 0]
        guard sides.allSatisfy({ (1...Self.longestSide).contains($0) }) else { throw refusal("a size of \(sides)") }
        for (tag, what, value) in [
            (258, "bits", 16), (259, "compression", 1), (262, "colour", 1), (277, "channels", 1),
        ] {
            let found = tags[tag] ?? [1]
            guard found == [value] else { throw refusal("\(what) \(found) instead of \(value)") }
        }
        let (offsets, counts) = (tags[273] ?? [], tags[279] ?? [])
        guard offsets.count == counts.count, counts.reduce(0, +) == 2 * sides[0] * sides[1] else {
            throw refusal("its strips do not fill it", .corrupt)
        }
        var values: [UInt16] = []
        values.reserveCapacity(sides[0] * sides[1])
        for (offset, count) in zip(offsets, counts) {
            guard count % 2 == 0, offset >= 0, count <= bytes.count, offset <= bytes.count - count else {
                throw refusal("a strip lies beyond its end", .corrupt)
            }
            for place in stride(from: offset, to: offset + count, by: 2) {
                let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
                values.append(isLittle ? second << 8 | first : first << 8 | second)
            }
        }
        (width, height, self.values) = (sides[0], sides[1], values)
    }
}
