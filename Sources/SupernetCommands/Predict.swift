import ArgumentParser
import Datasets
import Foundation
import Networks
import Support
import Torch

/// The command `supernet predict`: predicts what images show.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what images show: classes, ages, or who is the same.",
        discussion: """
            Takes image files (JPEG, PNG, WebP, BMP) and folders of them. The table goes to standard output, or to a file. \
            What is told follows from the network: its classes; for a network of faces that `supernet adapt` wrote, an age in years, and a \
            gender; for one of re-identification, the images of --gallery that are most like each image.
            """)

    @Argument(help: "A network that supernet wrote.") var network: String
    @Argument(help: "Images, and folders of images.") var images: [String]
    @Option(name: .long, help: "How many classes, or images of the gallery, to name for each image.") var top = 1
    @Option(
        name: .long,
        help: "Re-identification: an image or a folder of images to look in; may be given several times.")
    var gallery: [String] = []
    @Option(name: .long, help: "table, csv or json.") var format = PredictionFormat.table
    @Option(name: .shortAndLong, help: "A file for the result; .csv and .json choose the format.") var output: String?
    @Option(name: .long, help: "float32 or bfloat16.") var precision = "float32"
    @Option(name: .long, help: "cpu, cuda or cuda:1.") var device = "cpu"
    @Flag(name: .long, help: "Leave out images that cannot be read instead of stopping.") var skipBadImages = false

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be at least 1, is \(top)") }
        try ComputeOptions.validate(precision: precision, device: device)
    }

    func run() throws {
        let device = Device(device) ?? .cpu
        try device.validate()
        if let output { try AtomicFile.check(output) }
        let options = PredictionOptions(
            top: top, precision: Precision(rawValue: precision) ?? .float32, skipBadImages: skipBadImages)
        for path in images + gallery { ImageNotes.passedOver(in: path) }
        let table = try Prediction(NetworkFile.read(network, device: device), options, gallery: gallery)(
            ImageFiles(images))
        let format = output.flatMap { PredictionFormat(rawValue: URL(fileURLWithPath: $0).pathExtension) } ?? format
        let text = try table.text(format)
        if let output {
            try AtomicFile.write(text + "\n", to: output)
            Console.say("wrote \(output): \(Console.grouped(table.rows.count)) images")
        } else {
            format == .table ? Console.result(text) : Console.data(text)
        }
    }
}
