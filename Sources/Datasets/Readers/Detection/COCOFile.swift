import Foundation
import Support

/// A file of objects in images, as COCO has it (T.-Y. Lin et al., "Microsoft COCO: common objects in context", ECCV 2014):
/// `images` with `id`, `file_name`, `height` and `width`; `categories` with `id` and `name`; `annotations` with `id`,
/// `image_id`, `category_id`, `bbox` as x, y, width and height, `area`, `iscrowd`, and `segmentation` as polygons or as run
/// lengths. Classes are the categories in the order of their numbers.
public struct COCOFile: Sendable {
    /// The names of the classes.
    public let classNames: [String]
    /// The number of each class in the file.
    public let categories: [Int]
    /// The images, in the order of their numbers; the paths are as the file has them.
    public let images: [DetectionImage]
    /// Objects that are left out.
    let unusable: UnusableObjects
    /// Whether any object has a mask.
    let hasMasks: Bool

    /// The largest file that is read.
    static let maximumBytes = 1 << 30
    private static let advice =
        "COCO's files have images (id, file_name, height, width), categories (id, name) and annotations (id, image_id, "
        + "category_id, bbox)."

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` that names the file: where it cannot be read, is no JSON or ends too early, or lacks what is
    ///   needed, with the place; with a list of what contradicts itself: two images, annotations or categories of one
    ///   number, an annotation of an image or a category that there is not, a box or a mask that is none.
    public init(at path: String) throws(DatasetError) {
        let bytes = try FileBytes.read(path, limit: Self.maximumBytes)
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch {
            throw JSONProblem.refusal(error, bytes, file: path, advice: Self.advice)
        }
        var problems: [DatasetError.Problem] = []
        func repeated(_ numbers: [Int], _ noun: String) {
            var seen: Set<Int> = []
            for number in numbers where !seen.insert(number).inserted {
                problems.append(.init("two \(noun) have the id \(number)"))
            }
        }
        repeated(document.images.map(\.id), "images")
        repeated(document.categories.map(\.id), "categories")
        repeated((document.annotations ?? []).map(\.id), "annotations")
        let categories = document.categories.sorted { $0.id < $1.id }
        (classNames, self.categories) = (categories.map(\.name), categories.map(\.id))
        var names: Set<String> = []
        for category in categories where !names.insert(category.name).inserted {
            problems.append(.init("two categories have the name \(category.name)"))
        }
        if categories.isEmpty { problems.append(.init("names no category")) }
        var images = document.images.sorted { $0.id < $1.id }.map { image in
            DetectionImage(
                id: image.id, path: image.file_name, size: ImageSize(height: image.height, width: image.width),
                objects: [])
        }
        for image in images where image.path.isEmpty || (image.size.map { min($0.height, $0.width) } ?? 0) < 1 {
            problems.append(.init("image \(image.id) has no file_name or no size"))
        }
        let places = Dictionary(images.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let labels = Dictionary(categories.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var unusable = UnusableObjects()
        var hasMasks = false
        for annotation in document.annotations ?? [] {
            func wrong(_ what: String) { problems.append(.init("annotation \(annotation.id) \(what)")) }
            guard let place = places[annotation.image_id] else {
                wrong("is of image \(annotation.image_id), which is not listed")
                continue
            }
            guard let label = labels[annotation.category_id] else {
                wrong("has the category \(annotation.category_id), which is not listed")
                continue
            }
            guard let size = images[place].size else { continue }
            do throws(AnnotationError) {
                let mask = try annotation.segmentation?.mask(in: size)
                guard let box = try annotation.box(mask) else {
                    wrong("has neither a box nor a mask")
                    continue
                }
                guard !unusable.note(box, in: size) else { continue }
                hasMasks = hasMasks || mask != nil
                images[place].objects.append(
                    DetectionObject(
                        id: annotation.id, place: box, label: label, isCrowd: annotation.iscrowd?.isTrue ?? false,
                        area: annotation.area, mask: mask))
            } catch { wrong("cannot be read: \(error.description)") }
        }
        if images.isEmpty { problems.append(.init("lists no image")) }
        guard problems.isEmpty else {
            throw DatasetError(.malformed, file: path, problems: problems, advice: Self.advice)
        }
        (self.images, self.unusable, self.hasMasks) = (images, unusable, hasMasks)
    }

    /// Whether a file looks like one of COCO, from its first bytes.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - isBeside: whether it lies beside images, where any other file may lie, too: then it must name images.
    static func isMeant(by path: String, isBeside: Bool = false) -> Bool {
        guard path.lowercased().hasSuffix(".json"), let start = try? FileBytes.start(of: path, count: 1 << 16) else {
            return false
        }
        let text = String(decoding: start, as: UTF8.self)
        func hasAny(_ keys: [String]) -> Bool { keys.contains { text.contains("\"\($0)\"") } }
        guard isBeside else { return hasAny(["images", "annotations", "categories", "info", "licenses"]) }
        return hasAny(["images", "annotations"]) && hasAny(["file_name", "image_id"])
    }

    // MARK: - Decoding

    // Names are those of the file.
    private struct Document: Decodable {
        var images: [Listed]
        var categories: [Category]
        var annotations: [Annotated]?
    }

    private struct Listed: Decodable {
        var id: Int
        var file_name: String
        var height: Int
        var width: Int
    }

    private struct Category: Decodable {
        var id: Int
        var name: String
    }

    private struct Annotated: Decodable {
        var id: Int
        var image_id: Int
        var category_id: Int
        var bbox: [Double]?
        var area: Double?
        var iscrowd: Flag?
        var segmentation: Segmentation?

        /// The box, or that around the mask; nil for neither.
        ///
        /// - Throws: `AnnotationError` for a box that has other than four finite numbers.
        func box(_ mask: Mask?) throws(AnnotationError) -> SIMD4<Double>? {
            guard let bbox, !bbox.isEmpty else {
                return mask?.bounds.map {
                    SIMD4(Double($0.x0), Double($0.y0), Double($0.x1 - $0.x0), Double($0.y1 - $0.y0))
                }
            }
            guard bbox.count == 4, bbox.allSatisfy({ $0.isFinite && abs($0) < 1e9 }) else {
                throw AnnotationError("bbox must be x, y, width and height, is \(bbox)")
            }
            return SIMD4(bbox)
        }
    }

    /// 0, 1, false or true.
    private struct Flag: Decodable {
        var isTrue: Bool

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                isTrue = value
            } else {
                isTrue = try container.decode(Int.self) != 0
            }
        }
    }

    private enum Segmentation: Decodable {
        case polygons([[Double]])
        case counts(size: [Int], [Int])
        case text(size: [Int], String)

        private enum Keys: String, CodingKey { case size, counts }

        init(from decoder: any Decoder) throws {
            guard let container = try? decoder.container(keyedBy: Keys.self) else {
                self = .polygons(try decoder.singleValueContainer().decode([[Double]].self))
                return
            }
            let size = try container.decode([Int].self, forKey: .size)
            if let text = try? container.decode(String.self, forKey: .counts) {
                self = .text(size: size, text)
            } else {
                self = .counts(size: size, try container.decode([Int].self, forKey: .counts))
            }
        }

        /// The mask; nil for no polygon of three corners.
        ///
        /// - Throws: `AnnotationError` for run lengths of another size than the image's, or that do not fill it.
        func mask(in size: ImageSize) throws(AnnotationError) -> Mask? {
            func check(_ own: [Int]) throws(AnnotationError) {
                guard own == [size.height, size.width] else {
                    throw AnnotationError("its mask has the size \(own), its image \([size.height, size.width])")
                }
            }
            switch self {
            case .polygons(let lists):
                let whole = lists.filter { $0.count >= 6 }
                return whole.isEmpty ? nil : try Mask(polygons: whole)
            case .counts(let own, let counts):
                try check(own)
                return .runLengths(try RunLengths(height: size.height, width: size.width, counts: counts))
            case .text(let own, let text):
                try check(own)
                return .runLengths(try RunLengths(height: size.height, width: size.width, compressed: text))
            }
        }
    }
}

/// What is wrong with a JSON file, in words.
enum JSONProblem {
    /// The refusal of a file.
    ///
    /// - Parameters:
    ///   - error: what `JSONDecoder` threw.
    ///   - bytes: the file's.
    ///   - file: the path of the file.
    ///   - advice: what such files must have.
    static func refusal(_ error: any Error, _ bytes: [UInt8], file: String, advice: String) -> DatasetError {
        let end = bytes.last { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
        let isCut = end != UInt8(ascii: "}") && end != UInt8(ascii: "]")
        return DatasetError(
            isCut ? .corrupt : .malformed, file: file,
            isCut ? "ends in the middle of its JSON, after \(bytes.count) bytes" : words(error),
            advice: isCut ? "Fetch or write it again." : advice)
    }

    /// The words for an error of `JSONDecoder`.
    static func words(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            var text = ""
            for key in context.codingPath {
                text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
            }
            return text
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            let owner = place(context)
            return (owner.isEmpty ? "it" : owner) + " has no \(key.stringValue)"
        case DecodingError.valueNotFound(_, let context): return "\(place(context)) is null"
        case DecodingError.typeMismatch(let type, let context):
            return "\(place(context)) is not of the type \(type)"
        case DecodingError.dataCorrupted(let context):
            let owner = place(context)
            return owner.isEmpty ? "is no JSON" : "\(owner): \(context.debugDescription)"
        default: return "\(error)"
        }
    }
}
