import ArgumentParser
import Catalogue
import Datasets
import Experiments
import Support
import Training
import Workflows

/// The summary of a data set as rows of text and a contact sheet.
struct DataSummary {
    /// The names and values of a table.
    private(set) var rows: [(String, String)]
    /// Creates the contact sheet, of training images only, as looking at the test split is a way of fitting to it.
    let sheet: () -> ContactSheet
    /// A next command; nil where there is none for this task.
    let next: String?

    /// The folds of a cross-validation.
    struct Folds {
        /// The number of folds.
        var count: Int
        /// The fold that is tested, from 1; nil to look at all of the data as it is.
        var chosen: Int?
    }

    /// Creates the summary of a data set.
    ///
    /// - Parameters:
    ///   - data: the data set.
    ///   - source: the name or path of the data set.
    ///   - perRow: the number of images of each class, identity or decade of age on the sheet.
    ///   - folds: the folds that all images are cut into; nil for the parts of the data set.
    /// - Throws: `ValidationError` for folds of a data set without classes; `DatasetError` for more folds than images of
    ///   a class; what reading the first image throws.
    init(_ data: TaskDataset, source: String, perRow: Int, folds: Folds? = nil) throws {
        let parts: [any ImageDataset]
        switch data {
        case .reidentification, .faces, .segmentation, .detection:
            guard folds == nil else {
                throw ValidationError("\(source) is not for classification, and only classes are cut into folds")
            }
        case .classification: break
        }
        switch data {
        case .classification(let whole):
            let data = try folds?.chosen.map { try whole.fold($0, of: folds?.count ?? 0) } ?? whole
            rows = Self.rows(data)
            if let folds { rows.append(("folds", try Self.words(folds.count, of: whole))) }
            sheet = { ContactSheet(of: data.train, title: source, perClass: perRow) }
            let seen = SuggestedSize(of: data.train)
            next = CommandText.next(
                ["run"], data: source,
                ["--size", seen.size.defaultValueDescription] + (seen.isGrey ? ["--grey"] : [])
                    + (folds.map { ["--folds", "\($0.count)", "--fold", "\($0.chosen ?? 1)"] } ?? []))
            parts = [data.train] + [data.validation, data.test].compactMap { $0 }
        case .reidentification(let data):
            rows = Self.rows(data)
            sheet = { ContactSheet(ofIdentities: data.train, title: source, perIdentity: perRow) }
            next = CommandText.next(["adapt", "--source", "STUDY", "--task", "re-identification"], data: source)
            parts = [data.train, data.query, data.gallery]
        case .faces(let data):
            rows = Self.rows(data, source)
            sheet = { ContactSheet(ofFaces: data.train, title: source, perRow: perRow) }
            next = CommandText.next(["adapt", "--source", "STUDY", "--task", "age"], data: source)
            parts = [data.train, data.test]
        case .segmentation(let data):
            rows = Self.rows(data)
            sheet = {
                ContactSheet(ofMaps: data.train, title: source, pairsPerRow: 3, rows: max(1, min(12, perRow / 2)))
            }
            next = CommandText.next(
                ["adapt", "--source", PretrainedWeights.mobileNetV2.rawValue, "--task", "segmentation"], data: source)
            parts = data.named.map(\.part)
        case .detection(let data):
            rows = Self.rows(data)
            sheet = {
                ContactSheet(ofObjects: data.train, title: source, perRow: 5, rows: max(1, min(12, perRow / 2)))
            }
            next = nil
            parts = data.named.map(\.part)
        }
        let first = try Self.first(of: parts[0])
        rows.append(("first image", "\(first.width)x\(first.height), \(first.channels) channel(s)"))
        if let turned = Self.orientations(parts) { rows.append(("orientation", turned)) }
        if let others = try? PassedOverImages(below: source).words {
            rows.append(("passed over", "\(others). \(PassedOverImages.advice)"))
        }
    }

    /// The first readable image among the first sixteen.
    ///
    /// - Throws: what reading the first image throws, if none can be read.
    private static func first(of images: any ImageDataset) throws -> Image {
        let readable = (0..<min(images.count, 16)).lazy.compactMap {
            try? images.image(at: $0, decoding: ImageDecoding())
        }
        return try readable.first ?? images.image(at: 0, decoding: ImageDecoding())
    }

    /// The number of images that EXIF data rotates, as text; nil where there are none.
    private static func orientations(_ parts: [any ImageDataset]) -> String? {
        let found = parts.map { ImageOrientations(of: $0) }.reduce(ImageOrientations.none, +)
        guard found.turned > 0 else { return nil }
        let all = parts.reduce(0) { $0 + $1.count }
        let of = found.lookedAt < all ? "\(Console.grouped(found.lookedAt)) looked at" : Console.grouped(all)
        return
            "\(Console.grouped(found.turned)) of \(of) images \(found.turned == 1 ? "is" : "are") turned as EXIF says "
            + "(data.orientation=ignore leaves them as they are stored)"
    }

    /// The number of images in each of several folds, and those of the class with the fewest.
    private static func words(_ folds: Int, of data: OpenedDataset) throws -> String {
        let all = data.all
        let dealt = try stratifiedFolds(of: all, folds: folds)
        var sizes = [Int](repeating: 0, count: folds)
        var classes: [Int: [Int]] = [:]
        for (index, fold) in dealt.enumerated() {
            sizes[fold - 1] += 1
            classes[all.label(at: index), default: [Int](repeating: 0, count: folds)][fold - 1] += 1
        }
        func range(_ counts: [Int]) -> String {
            let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
            return least == most ? Console.grouped(least) : "\(Console.grouped(least)) or \(Console.grouped(most))"
        }
        let rarest = classes.min { ($0.value.reduce(0, +), $0.key) < ($1.value.reduce(0, +), $1.key) }
        let fewest = rarest.map { ", \(range($0.value)) of class \(data.classNames[$0.key])" } ?? ""
        return "\(folds) of \(range(sizes)) images" + fewest
    }

    private static func rows(_ data: OpenedDataset) -> [(String, String)] {
        var rows = [("layout", data.layout?.rawValue ?? "none"), ("classes", "\(data.classNames.count)")]
        for (name, part) in [
            ("train", data.train as (any ImageDataset)?), ("validation", data.validation), ("test", data.test),
        ] {
            if let part { rows.append((name, counted(part.count, "image"))) }
        }
        return rows
    }

    private static func rows(_ data: MarketDataset) -> [(String, String)] {
        var rows = [("layout", "Market-1501, for re-identification")]
        for (name, part) in [("train", data.train), ("queries", data.query), ("gallery", data.gallery)] {
            let people = Set(part.identities.filter { $0 > ReidentificationPart.distractor }).count
            let cameras = Set(part.cameras).count
            rows.append(
                (
                    name,
                    "\(counted(part.count, "image")) of \(Console.grouped(people)) identities under "
                        + counted(cameras, "camera")
                ))
        }
        for (name, identity) in [
            ("distractors", ReidentificationPart.distractor), ("junk", ReidentificationPart.junk),
        ] {
            let count = data.gallery.identities.count { $0 == identity }
            if count > 0 { rows.append((name, "\(counted(count, "image")) of the gallery")) }
        }
        if data.leftOutOfTraining > 0 {
            rows.append(("left out", "\(counted(data.leftOutOfTraining, "training image")), distractors or junk"))
        }
        if !data.sharedIdentities.isEmpty {
            rows.append(
                ("shared", "\(Console.grouped(data.sharedIdentities.count)) identities of training are queries as well")
            )
        }
        return rows
    }

    private static func rows(_ data: FaceParts, _ source: String) -> [(String, String)] {
        let layout = FilePath.isFile(source) ? "a list of faces with ages" : "UTKFace, faces with age and gender"
        var rows = [("layout", layout)]
        for (name, part) in [("train", data.train), ("test", data.test)] {
            rows.append((name, counted(part.count, "face") + (data.isSplitByName ? ", by their names" : "")))
        }
        if let youngest = data.train.ages.min(), let oldest = data.train.ages.max() {
            rows.append(("ages", "\(youngest) to \(oldest) years in train"))
        }
        if let genders = data.train.genders {
            let counts = FaceDataset.genderNames.enumerated().map { label, name in
                "\(Console.grouped(genders.count { $0 == label })) \(name)"
            }
            rows.append(("genders", counts.joined(separator: ", ") + " in train"))
        }
        if !data.leftOut.isEmpty {
            rows.append(
                ("left out", "\(counted(data.leftOut.count, "image")) whose names tell no age and gender"))
        }
        return rows
    }

    /// Formats a count with its noun: 1 image, 2 images.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(Console.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
