import ArgumentParser
import Datasets
import Foundation
import Support
import Training

/// The command `supernet data`: fetches, shows or renders a data set.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Fetch a data set, look at one of your own, or render a synthetic one.",
        subcommands: [DataLook.self, SynthCommand.self], defaultSubcommand: DataLook.self)
}

/// The command `supernet data SOURCE`: fetches a data set or shows one of the user's.
struct DataLook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "look",
        abstract: "Fetch a data set or look at one of your own: its parts and classes, and a contact sheet.",
        discussion: """
            SOURCE is one of \(DataSource.names) (fetched into the cache folder, checksums verified), or the path of a \
            folder with one folder per class, of a CSV or text list of files and labels, of IDX files, of a folder in \
            the layout of Market-1501, of a folder of faces under the names of UTKFace, or of a folder of images and \
            masks in the layout of ADE20K, Cityscapes or Pascal VOC, or of images, masks and classes.txt, or of images \
            with boxes in the layout of COCO or Pascal VOC, or in a list of boxes. Images are read as JPEG, \
            PNG, WebP and BMP; other kinds are counted and passed over. Images that their EXIF turns are counted, too, \
            and seen as a person sees them, unless data.orientation=ignore is set for what learns from them.
            """)

    @Argument(help: "A data set's name, or the path of your images.") var source: String
    @Option(name: .long, help: "The file of the contact sheet. Default: the name of the data and -contact-sheet.png.")
    var sheet: String?
    @Option(
        name: .long,
        help:
            "The number of images of each class, identity or decade of age on the sheet; where images have masks, half as many rows."
    )
    var perClass = 12
    @OptionGroup var folds: FoldOptions

    func validate() throws {
        guard (1...200).contains(perClass) else { throw ValidationError("--per-class must be in 1...200") }
    }

    func run() throws {
        if let sheet { try AtomicFile.check(sheet) }
        let summary = try DataSummary(
            DataSource.openTask(source), source: source, perRow: perClass, folds: chosenFolds())
        Console.result("\(source)\n" + Console.table(summary.rows))
        let path = sheet ?? defaultSheet
        try summary.sheet().render().writePNG(to: path)
        for (_, words) in LeftOut.rows { Console.say("of the images on the sheet, left out: \(words)") }
        Console.say("wrote \(path)" + (summary.next.map { "\nnext: \($0)" } ?? ""))
    }

    /// The folds that the options choose; nil without folds.
    private func chosenFolds() throws -> DataSummary.Folds? {
        guard folds.folds != nil || folds.fold != nil else { return nil }
        var data = DataConfiguration()
        (data.folds, data.fold) = (folds.folds ?? 0, folds.fold ?? (folds.folds == 0 ? 0 : 1))
        try data.validate()
        return data.folds == 0 ? nil : DataSummary.Folds(count: data.folds, chosen: folds.fold)
    }

    private var defaultSheet: String {
        let name = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
        return "\(name.isEmpty ? "data" : name)-contact-sheet.png"
    }
}
