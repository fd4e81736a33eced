import TestImages
import Testing

@testable import Datasets

@Suite struct ImageNetLayoutTests {
    /// Training images of three classes.
    private func imageNet() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in [
            "n01751748/n01751748_10.JPEG", "n01440764/n01440764_9.JPEG", "n01440764/n01440764_10.jpeg",
            "n03995372/n03995372_1.Jpeg",
        ] {
            try folder.write([1], to: "train/\(name)")
        }
        return folder
    }

    /// Each sample's file and class folder.
    private func samples(_ dataset: (any ImageDataset)?) throws -> [String] {
        let dataset = try #require(dataset)
        return (0..<dataset.count).map {
            "\(Folder.split(dataset.source(at: $0)).name) \(dataset.classNames[dataset.label(at: $0)])"
        }
    }

    private static let images = (1...4).map { "ILSVRC2012_val_0000000\($0).JPEG" }
    private static let labels = ["n01751748", "n03995372", "n01751748", "n01440764"]
    private static let labelled = zip(images, labels).map { "\($0) \($1)" }

    private func withFlatValidation() throws -> TemporaryFolder {
        let folder = try imageNet()
        for image in Self.images { try folder.write([1], to: "val/\(image)") }
        return folder
    }

    @Test func classFoldersOfTrainAndVal() throws {
        let folder = try imageNet()
        try folder.write([1], to: "val/n03995372/ILSVRC2012_val_00000002.JPEG")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .splitFolders)
        #expect(opened.classNames == ["n01440764", "n01751748", "n03995372"])
        #expect(opened.train.count == 4)
        #expect(try samples(opened.validation) == ["ILSVRC2012_val_00000002.JPEG n03995372"])
        #expect(opened.test == nil)
    }

    /// A name, and what it says of each image and its class folder or position.
    struct Truth: Sendable, CustomTestStringConvertible {
        let name: String
        let header: String
        let line: @Sendable (_ image: String, _ folder: String, _ position: Int) -> String
        var testDescription: String { name }
    }

    static let truths = [
        Truth(name: "val.txt", header: "") { image, folder, _ in "\(image) \(folder)" },
        Truth(name: "val/val.txt", header: "") { image, folder, _ in "\(image) \(folder)" },
        Truth(name: "ILSVRC2012_val_labels.txt", header: "") { image, _, position in "val/\(image) \(position)" },
        Truth(name: "validation.csv", header: "label,file\n") { image, folder, _ in "\(folder),\(image)" },
        Truth(name: "LOC_val_solution.csv", header: "ImageId,PredictionString\n") { image, folder, _ in
            "\(Folder.stem(image)),\(folder) 85 1 499 272 \(folder) 1 2 3 4 "
        },
    ]

    @Test(arguments: truths)
    func flatValidationImagesAreLabelledByAList(truth: Truth) throws {
        let folder = try withFlatValidation()
        let order = Self.labels.sorted().reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        let lines = zip(Self.images, Self.labels).map { image, label in
            truth.line(image, label, order.firstIndex(of: label) ?? -1)
        }
        // The order of the lines does not matter.
        try folder.write(truth.header + lines.reversed().joined(separator: "\n"), to: truth.name)
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .splitFolders)
        #expect(try samples(opened.validation) == Self.labelled)
        #expect(opened.validation is FlatFolderDataset)
    }

    @Test func aFlatPartWithoutLabelsGetsAdvice() throws {
        let folder = try withFlatValidation()
        let advice = [Self.images[0], "val.txt", "LOC_val_solution.csv", "class folders"]
        func expectAdvice() {
            expectError(.unrecognised, "\(folder.path)/val", "4 images", advice[0], advice[1], advice[2], advice[3]) {
                _ = try openDataset(at: folder.path)
            }
        }
        expectAdvice()
        // Lists for other parts are not its own, nor are files that are no lists.
        for name in ["LOC_train_solution.csv", "test.txt", "evaluation.txt", "val.json", "interval.txt"] {
            try folder.write("a b\n", to: name)
        }
        expectAdvice()
        try folder.write(Self.labelled.joined(separator: "\n"), to: "val.txt")
        #expect(try openDataset(at: folder.path).validation?.count == 4)
        try folder.write("x", to: "val/val_labels.csv")
        expectError(.unrecognised, "several lists", "val.txt", "val/val_labels.csv") {
            _ = try openDataset(at: folder.path)
        }
    }

    @Test func faultsOfALabelListAreToldByLine() throws {
        let folder = try withFlatValidation()
        let list = try folder.write(
            """
            \(Self.images[0]) n01751748
            \(Self.images[0]) n03995372
            ILSVRC2012_val_00000009.JPEG n01751748
            \(Self.images[1]) n99999999
            \(Self.images[2]) 3
            490
            """, to: "val.txt")
        let error = expectError(
            .malformed, list, "line 2: \(Self.images[0]) was already listed on line 1", "n01440764",
            "line 3: there is no one image ILSVRC2012_val_00000009.JPEG", "line 4: label n99999999 is none of the 3",
            "line 5: label 3 is none of the 3 classes", "line 6: 1 fields", "image \(Self.images[1]) has no line",
            "image \(Self.images[2]) has no line", "image \(Self.images[3]) has no line"
        ) { _ = try openDataset(at: folder.path) }
        #expect(error?.problems.count == 8)
        try folder.write(Self.labelled.prefix(1).joined(), to: "val.txt")
        for number in 100..<150 { try folder.write([1], to: "val/\(number).JPEG") }
        expectError(.malformed, "53 problems", "and 33 more") { _ = try openDataset(at: folder.path) }
    }

    @Test func aNameWithoutExtensionMustMeanOneImage() throws {
        let folder = try TemporaryFolder()
        for name in ["a.JPEG", "a.png", "b.c.JPEG"] { try folder.write([1], to: "val/\(name)") }
        let classes = ClassIndex(folders: ["x", "0", "two words"])
        func read(_ text: String) throws -> FlatFolderDataset {
            let list = try folder.write(text, to: "list.csv")
            return try FlatFolderDataset(at: folder.path + "/val", labelledBy: list, classes: classes)
        }
        expectError(.malformed, "line 1: there is no one image a ") { _ = try read("a,x\na.JPEG,x\na.png,x\nb.c,x") }
        // A label that is a folder is that folder first, whether it is a number or of two words.
        let dataset = try read("a.png,0\na.JPEG,two words\nb.c,2\n")
        #expect(try samples(dataset) == ["a.JPEG two words", "a.png 0", "b.c.JPEG two words"])
        #expect(dataset.source(at: 2) == folder.path + "/val/b.c.JPEG")
        expectError(.unreadable) { _ = try FlatFolderDataset(at: "/nowhere", labelledBy: "/none", classes: classes) }
        expectError(.invalidArgument) { _ = try dataset.image(at: 3, decoding: ImageDecoding()) }
    }

    @Test func aClassIndexOrdersAllParts() throws {
        let folder = try withFlatValidation()
        try folder.write("n03995372 power drill\nn01751748 sea snake\nn01440764 tench\n", to: "classes.txt")
        let numbers = ["n03995372": 0, "n01751748": 1, "n01440764": 2]
        let lines = zip(Self.images, Self.labels).map { "\($0) \(numbers[$1] ?? -1)" }
        try folder.write(lines.joined(separator: "\n"), to: "val.txt")
        let opened = try openDataset(at: folder.path)
        let names = ["power drill", "sea snake", "tench"]
        #expect(opened.classNames == names)
        #expect(opened.validation?.classNames == names)
        #expect((0..<4).compactMap { opened.validation?.label(at: $0) } == [1, 0, 1, 2])
        #expect((0..<4).map(opened.train.label) == [0, 1, 2, 2])
        // Sources stay those of the folders.
        #expect(opened.train.source(at: 0) == folder.path + "/train/n03995372/n03995372_1.Jpeg")
    }
}
