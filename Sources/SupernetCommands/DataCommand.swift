import ArgumentParser
import Datasets
import Foundation

/// `supernet data`: get, look at or render a set of images.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Get a data set, look at one of your own, or render a synthetic one.",
        subcommands: [DataLook.self, SynthCommand.self], defaultSubcommand: DataLook.self)
}

/// `supernet data SOURCE`: get or look at a set of images.
struct DataLook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "look",
        abstract: "Get a data set, or look at one of your own: what is in it, and a contact sheet.",
        discussion: """
            SOURCE is one of \(DataSource.names) (fetched into the cache folder, checksums verified), or the path of a \
            folder with one folder per class, of a CSV or text list of files and labels, or of IDX files.
            """)

    @Argument(help: "A data set's name, or the path of your images.") var source: String
    @Option(name: .long, help: "Where to write the contact sheet.") var sheet: String?
    @Option(name: .long, help: "Images of each class on the sheet.") var perClass = 12

    func validate() throws {
        guard (1...200).contains(perClass) else { throw ValidationError("--per-class must be in 1...200") }
    }

    func run() throws {
        let data = try DataSource.open(source)
        var rows = [("layout", data.layout?.rawValue ?? "none"), ("classes", "\(data.classNames.count)")]
        for (name, part) in [
            ("train", data.train as (any ImageDataset)?), ("validation", data.validation), ("test", data.test),
        ] {
            if let part { rows.append((name, "\(Console.grouped(part.count)) images")) }
        }
        let first = try data.train.image(at: 0, decoding: ImageDecoding())
        rows.append(("first image", "\(first.width)x\(first.height), \(first.channels) channel(s)"))
        Console.result("\(source)\n" + Console.table(rows))
        let path = sheet ?? defaultSheet
        // Only training images: looking at the test split is a way of fitting to it.
        try ContactSheet(of: data.train, title: source, perClass: perClass).render().writePNG(to: path)
        Console.say("wrote \(path)\nnext: supernet train --set data.source=\(source)")
    }

    private var defaultSheet: String {
        let name = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
        return "\(name.isEmpty ? "data" : name)-contact-sheet.png"
    }
}
