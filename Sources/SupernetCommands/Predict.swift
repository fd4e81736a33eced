import Files
import ArgumentParser
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Torch
import Training

/// `supernet predict`: what images show.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Name what images show.",
        discussion: "Takes image files and folders of them. The table goes to standard output, or to a file.")

    @Argument(help: "A network that supernet wrote.") var network: String
    @Argument(help: "Images, and folders of images.") var images: [String]
    @Option(name: .long, help: "How many classes to name for each image.") var top = 1
    @Option(name: .long, help: "table, csv or json.") var format = Format.table
    @Option(name: .shortAndLong, help: "A file for the result; .csv and .json choose the format.") var output: String?
    @Option(name: .long, help: "float32 or bfloat16.") var precision = "float32"
    @Option(name: .long, help: "cpu, cuda or cuda:1.") var device = "cpu"
    @Flag(name: .long, help: "Leave out images that cannot be read instead of stopping.") var skipBadImages = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be at least 1, is \(top)") }
        try ComputeOptions.validate(precision: precision, device: device)
    }

    func run() throws {
        let device = Device(device) ?? .cpu
        try device.validate()
        let file = try NetworkFile.read(network, device: device)
        let predictor = Predictor(file, precision: Precision(rawValue: precision) ?? .float32)
        let dataset = try ImageFiles(images)
        let progress = ProgressReporter()
        var all: [Predictor.Prediction] = []
        let leftOut = try predictor(dataset, top: top, skipBadImages: skipBadImages) {
            all += $0
            progress.update(ProgressState(phase: "predict", step: all.count, steps: dataset.count))
        }
        progress.finish()
        let format = output.flatMap { Format(rawValue: URL(fileURLWithPath: $0).pathExtension) } ?? format
        let text = try Self.text(all, format, top: min(top, file.card.classNames.count))
        if let output {
            try AtomicFile.write(text + "\n", to: output)
            Console.say("wrote \(output): \(Console.grouped(all.count)) images")
        } else {
            Console.result(text)
        }
        if leftOut > 0 { Console.say("\(leftOut) images could not be read and were left out") }
    }

    /// The predictions as one text, without a line end at its end.
    static func text(_ predictions: [Predictor.Prediction], _ format: Format, top: Int) throws -> String {
        switch format {
        case .table:
            return Console.table(
                predictions.map { prediction in
                    let classes = prediction.classes.map {
                        "\($0.name) \(String(format: "%.1f %%", 100 * $0.probability))"
                    }
                    return (prediction.image, classes.joined(separator: ", "))
                })
        case .csv:
            let header = ["image"] + (1...top).flatMap { ["class\($0)", "probability\($0)"] }
            let rows = predictions.map { prediction in
                [prediction.image] + prediction.classes.flatMap { [$0.name, "\($0.probability)"] }
            }
            return ([header] + rows).map { $0.map(field).joined(separator: ",") }.joined(separator: "\n")
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(predictions), as: UTF8.self)
        }
    }

    /// Quoted where it must be (RFC 4180).
    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}

/// Options of verbs that compute.
enum ComputeOptions {
    /// - Throws: `ValidationError` for a precision or a device that there is not.
    static func validate(precision: String, device: String) throws {
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision must be float32 or bfloat16, not \(precision)")
        }
        guard Device(device) != nil else {
            throw ValidationError("--device must be cpu, cuda or cuda:N, not \(device)")
        }
    }
}
