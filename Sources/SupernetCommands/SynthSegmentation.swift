import ArgumentParser
import Catalogue
import Datasets
import Drawings
import Support

/// The command `supernet data synth scenes`: composes scenes of cut-outs, in the layouts of ADE20K and COCO.
struct SynthScenes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenes", abstract: "Cut-outs before drawn backgrounds, in the layouts of ADE20K and COCO.",
        discussion: """
            The cut-outs are those of photo-stamps-9, which is fetched where it is not there yet, or those of a folder \
            with train/CLASS/NAME.png and test/CLASS/NAME.png, transparent around the thing. Those of test are seen in \
            validation alone.
            """)

    @Argument(help: "The folder to create.") var folder: String
    @Option(name: .long, help: "The number of training images.") var images = 1_200
    @Option(name: .long, help: "The number of validation images.") var validationImages = 300
    @Option(name: .long, help: "The size of a picture in pixels: a side, or HEIGHTxWIDTH.") var size = ImageSize(256)
    @Option(name: .long, help: "A folder of cut-outs. Default: photo-stamps-9.") var cutOuts: String?
    @Option(name: .long, help: "The seed; another one gives other pictures.") var seed: UInt64 = 0

    func run() throws {
        var options = SyntheticScenes.Options()
        (options.trainingImages, options.validationImages) = (images, validationImages)
        (options.size, options.seed) = (size, seed)
        let source = try cutOuts ?? DatasetCatalogue.folder(of: "photo-stamps-9") { Console.say($0) }
        let set = try SyntheticScenes(cutOuts: source, options)
        var told = 0
        try set.write(to: folder) { SynthCommand.progress($0, $1, &told) }
        let counts = set.cutOutCounts
        Console.result(
            "\(folder): \(Console.grouped(images + validationImages)) synthetic scenes of "
                + "\(set.classNames.count) classes, \(counts.training) cut-outs to learn from and \(counts.validation) others for "
                + "validation")
    }
}

/// The command `supernet data synth streets`: renders streets, in the layout of Cityscapes.
struct SynthStreets: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streets", abstract: "Streets of several cities, in the layout of Cityscapes.")

    @Argument(help: "The folder to create.") var folder: String
    @Option(name: .long, help: "The number of training images.") var images = 600
    @Option(name: .long, help: "The number of validation images, of three other cities.") var validationImages = 150
    @Option(name: .long, help: "The number of cities to learn from, at most 18.") var cities = 12
    @Option(name: .long, help: "The height of a picture in pixels; it is twice as wide.") var height = 256
    @Option(name: .long, help: "The seed; another one gives other cities.") var seed: UInt64 = 0

    func run() throws {
        var options = SyntheticStreets.Options()
        (options.trainingImages, options.validationImages) = (images, validationImages)
        (options.cities, options.height, options.seed) = (cities, height, seed)
        let set = try SyntheticStreets(options)
        var told = 0
        try set.write(to: folder) { SynthCommand.progress($0, $1, &told) }
        Console.result(
            "\(folder): \(Console.grouped(images + validationImages)) synthetic streets of \(cities) cities to learn from and 3 "
                + "others")
    }
}
