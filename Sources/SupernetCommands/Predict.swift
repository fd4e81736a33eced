import ArgumentParser
import Datasets
import Foundation
import Networks
import Support
import Torch

/// The command `supernet predict`: predicts what images show.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predict what images show: classes, ages, the class of each pixel, objects, or matches in a gallery.",
        discussion: """
            Takes image files (JPEG, PNG, WebP, BMP) and folders of them, and writes a table to standard output or to \
            a file. The prediction follows from the network's task: the likeliest classes; an age in years, a gender, \
            or both; the share of each class of pixels; or for re-identification the images of --gallery that are most \
            similar to each image. With --masks a network for segmentation writes the class of each pixel as a PNG with a \
            palette, and the image under the colours of its classes (NAME.overlay.png). A detector gives objects with their \
            boxes, in CSV one a line; with --drawn it writes the images with what was found, and with --coco-results COCO's \
            file of results.
            """)

    @Argument(help: "A network's file, network.safetensors.") var network: String
    @Argument(help: "Image files and folders of images.") var images: [String]
    @Option(name: .long, help: "The number of classes or gallery images for each image.") var top = 1
    @Option(
        name: .long,
        help: "For re-identification: an image or a folder of images to find matches in. May be repeated.")
    var gallery: [String] = []
    @Option(name: .long, help: "For segmentation: the folder for the masks of all images.") var masks: String?
    @Option(
        name: .long,
        help: "For segmentation: the numbers in masks: classes (from 0), ade20k (from 1) or cityscapes (its ids).")
    var maskNumbers = MaskNumbering.classes
    @OptionGroup var segmentation: SegmentationOptions
    @OptionGroup var detection: DetectionOptions
    @Option(name: .long, help: "The format of the result.") var format = PredictionFormat.table
    @Option(name: .shortAndLong, help: "The file of the result, whose ending .csv or .json chooses the format.")
    var output: String?
    @Option(name: .long, help: "The precision of the backbone: float32 or bfloat16.") var precision = "float32"
    @Option(name: .long, help: "The device: cpu, cuda or cuda:1.") var device = "cpu"
    @Flag(name: .long, help: "Leave out unreadable images instead of stopping.") var skipBadImages = false

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be at least 1, is \(top)") }
        try ComputeOptions.validate(precision: precision, device: device)
    }

    func run() throws {
        let device = Device(device) ?? .cpu
        try device.validate()
        if let output { try AtomicFile.check(output) }
        let options = PredictionOptions(
            top: top, precision: Precision(rawValue: precision) ?? .float32, skipBadImages: skipBadImages, masks: masks,
            maskNumbering: maskNumbers, segmentation: segmentation.isGiven ? try segmentation.options() : nil,
            detection: detection)
        for path in images + gallery { ImageNotes.passedOver(in: path) }
        let table = try Prediction(NetworkFile.read(network, device: device), options, gallery: gallery)(
            ImageFiles(images))
        let format = output.flatMap { PredictionFormat(rawValue: URL(fileURLWithPath: $0).pathExtension) } ?? format
        let text = try table.text(format)
        if let output {
            try AtomicFile.write(text + "\n", to: output)
            Console.say("wrote \(output): \(Console.grouped(table.imageCount)) images")
        } else {
            format == .table ? Console.result(text) : Console.data(text)
        }
    }
}
