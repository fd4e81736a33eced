import Foundation
import Support

/// What a detector found, as COCO's results files have it: a list of `image_id`, `category_id`, `score`, and `bbox` (x, y, width
/// and height) or `segmentation` (run lengths).
public struct COCOResults: Sendable {
    /// A finding.
    public struct Finding: Sendable, Hashable {
        /// The number of the image.
        public var image: Int
        /// The number of the category.
        public var category: Int
        /// How sure the detector is.
        public var score: Double
        /// The box: x, y, width and height; nil where only the mask is told.
        public var place: SIMD4<Double>?
        /// The pixels; nil where only the box is told.
        public var mask: RunLengths?

        /// A finding.
        public init(image: Int, category: Int, score: Double, place: SIMD4<Double>?, mask: RunLengths? = nil) {
            (self.image, self.category, self.score, self.place, self.mask) = (image, category, score, place, mask)
        }
    }

    /// The findings, in the order of the file.
    public let findings: [Finding]

    private static let advice =
        "COCO's results are a list of image_id, category_id, score, and bbox (x, y, width, height) or segmentation (size "
        + "and counts)."

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` that names the file: where it cannot be read, is no JSON or ends too early, or has findings
    ///   that are none, by their places in the list, from 0.
    public init(at path: String) throws(DatasetError) {
        let bytes = try FileBytes.read(path, limit: COCOFile.maximumBytes)
        let listed: [Listed]
        do { listed = try JSONDecoder().decode([Listed].self, from: Data(bytes)) } catch {
            throw JSONProblem.refusal(error, bytes, file: path, advice: Self.advice)
        }
        var problems: [DatasetError.Problem] = []
        var findings: [Finding] = []
        findings.reserveCapacity(listed.count)
        for (number, found) in listed.enumerated() {
            func wrong(_ what: String) { problems.append(.init("finding \(number) \(what)")) }
            guard found.score.isFinite else {
                wrong("has the score \(found.score)")
                continue
            }
            var place: SIMD4<Double>?
            if let box = found.bbox, !box.isEmpty {
                guard box.count == 4, box.allSatisfy(\.isFinite), box[2] >= 0, box[3] >= 0 else {
                    wrong("has the box \(box), which is not x, y, width and height")
                    continue
                }
                place = SIMD4(box)
            }
            var mask: RunLengths?
            do throws(AnnotationError) { mask = try found.segmentation?.runs() } catch {
                wrong("has a mask that cannot be read: \(error.description)")
                continue
            }
            guard place != nil || mask != nil else {
                wrong("has neither a box nor a mask")
                continue
            }
            findings.append(
                Finding(
                    image: found.image_id, category: found.category_id, score: found.score, place: place, mask: mask))
        }
        guard problems.isEmpty else {
            throw DatasetError(.malformed, file: path, problems: problems, advice: Self.advice)
        }
        self.findings = findings
    }

    /// Findings that are known already.
    public init(_ findings: [Finding]) { self.findings = findings }

    /// The findings as a file, which COCO's own program reads, too: boxes with two decimals, scores with six.
    ///
    /// - Parameter name: gives the name of an image by its number, under which it stands beside the number; nil for none.
    public func json(naming name: (Int) -> String? = { _ in nil }) throws -> Data {
        func rounded(_ value: Double, _ digits: Double) -> Double { (value * digits).rounded() / digits }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(
            findings.map { finding in
                Written(
                    image_id: finding.image, category_id: finding.category, score: rounded(finding.score, 1e6),
                    bbox: finding.place.map { place in (0..<4).map { rounded(place[$0], 100) } },
                    segmentation: finding.mask.map {
                        .init(size: [$0.height, $0.width], counts: $0.compressed)
                    }, file_name: name(finding.image))
            })
    }

    private struct Written: Encodable {
        struct Runs: Encodable {
            var size: [Int]
            var counts: String
        }

        var image_id: Int
        var category_id: Int
        var score: Double
        var bbox: [Double]?
        var segmentation: Runs?
        var file_name: String?
    }

    // Names are those of the file.
    private struct Listed: Decodable {
        var image_id: Int
        var category_id: Int
        var score: Double
        var bbox: [Double]?
        var segmentation: Runs?
    }

    private struct Runs: Decodable {
        var size: [Int]
        var text: String?
        var counts: [Int]?

        private enum Keys: String, CodingKey { case size, counts }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            size = try container.decode([Int].self, forKey: .size)
            text = try? container.decode(String.self, forKey: .counts)
            counts = text == nil ? try container.decode([Int].self, forKey: .counts) : nil
        }

        func runs() throws(AnnotationError) -> RunLengths {
            guard size.count == 2 else { throw AnnotationError("its size is \(size), not height and width") }
            if let text { return try RunLengths(height: size[0], width: size[1], compressed: text) }
            return try RunLengths(height: size[0], width: size[1], counts: counts ?? [])
        }
    }
}
