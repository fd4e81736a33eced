import Architectures
import ArgumentParser
import Catalogue
import Datasets
import Experiments
import Foundation
import Interchange
import NN
import Networks
import Supernets
import Support
import Tasks
import Workflows

/// The command `supernet import`: imports weights of other programs.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import weights from a PyTorch checkpoint or a safetensors file.",
        discussion: """
            With --path the result is one network, which is cut out if the checkpoint holds a whole supernet, and with \
            --network, or the name of a published network, that network; otherwise it is the supernet. With --spread a network becomes a supernet, and with --into its weights \
            are put into a path of a supernet. Keys are those of PyTorch's modules; a prefix such as `state_dict.`, \
            `module.`, `backbone.` or `encoder_q.0.` is found. A detector under the keys of Detectron2 becomes one on the \
            network at --path. Nothing that a checkpoint contains is executed; other \
            objects beside the weights are left out and listed.
            """)

    @Argument(
        help: """
            The checkpoint: a .pth, .pth.tar, .pt or .safetensors file; or the name of a published network, \
            \(DeclaredNetwork.names), whose weights are fetched.
            """
    ) var checkpoint: String
    @Option(name: .long, help: SpaceOptions.nameHelp) var space = "resnest50"
    @Option(
        name: .customLong("set"),
        help: "A setting of the space as key=value, such as depths=[1, 2, 1]. May be repeated.")
    var settings: [String] = []
    @Option(name: .long, help: "The architecture as the numbers of its candidates, such as \"3 0 1 3\".") var path:
        String?
    @Flag(
        name: .long,
        help: """
            Make a supernet of the network at --path, whose weights every other candidate takes its part of. It is a \
            source for supernet adapt.
            """
    )
    var spread = false
    @Flag(
        name: .long,
        help: """
            Make an elastic supernet of the network of --network, or of that at --path: each block may be narrower, \
            have smaller windows or be left out, and takes its part of the same weights. It is a source for supernet \
            adapt.
            """
    )
    var elastic = false
    @Option(
        name: .long,
        help: """
            The network of the checkpoint, one of \(DeclaredNetwork.names), or a YAML file that declares one. Default: \
            that at --path in --space, or the published network itself.
            """
    )
    var network: String?
    @Option(
        name: .long,
        help: "For --elastic: the shares of a block's inner channels that may stay. Default: 0.25,0.5,0.75,1."
    )
    var fractions: String?
    @Option(
        name: .long,
        help: "For --elastic: smaller sizes that images may be given first, in pixels, such as 48,56."
    )
    var imageSizes: String?
    @Option(
        name: .long,
        help: "The epsilon of the checkpoint's batch norms, 1e-3 in networks of TensorFlow. Default: 1e-5."
    )
    var epsilon: Double?
    @Option(name: .long, help: "A supernet's file, into whose path --path a network's weights are put.")
    var into: String?
    @Option(
        name: .long, help: "A text file with the names of the classes, one on each line, in the order of the outputs.")
    var classes: String?
    @Flag(name: .long, help: "Create a new classifier for --classes instead of importing the checkpoint's.")
    var freshClassifier = false
    @Option(name: .long, help: "The number of channels of the images.") var channels = 3
    @Option(
        name: .customLong("size"),
        help: "The image size in pixels, such as 224, or 256x128. Default: that of a published network, or 224.")
    var givenSize: ImageSize?
    @Option(
        name: .long,
        help: "The length to which the shorter side is scaled before the centre crop. Default: 256 for 224.")
    var resize: Int?
    @Option(
        name: .long,
        help: "The means that are subtracted from values in 0...1, one for each channel: 0.485,0.456,0.406.") var mean:
        String?
    @Option(name: .long, help: "The standard deviations by which values are then divided: 0.229,0.224,0.225.") var std:
        String?
    @Option(name: .long, help: "The prefix of the network's keys, with its dot. Default: found.")
    var prefix: String?
    @Option(
        name: .long,
        help: """
            For a file with both: plain weights, or their moving average (model_ema, state_dict_ema, a teacher). \
            Default: plain, where they are complete.
            """
    )
    var weights: WeightsKind?
    @Option(name: .shortAndLong, help: "The file to write.") var output: String

    func validate() throws {
        guard into == nil || path != nil else {
            throw ValidationError("--into needs --path: which architecture of the supernet the network is")
        }
        guard prefix == nil || weights == nil else {
            throw ValidationError("--prefix says which weights are taken; leave out --weights")
        }
        guard !spread || (path != nil && into == nil) else {
            throw ValidationError(
                "--spread needs --path: which architecture the network is; and writes a file of its own")
        }
        let sources = [path, network, published?.rawValue].compactMap(\.self)
        guard !elastic || (!spread && into == nil && sources.count == 1) else {
            throw ValidationError(
                "--elastic needs either the name of a published network, or --network, or --path and its --space; it does "
                    + "not go with --spread or --into")
        }
        guard elastic || (fractions == nil && imageSizes == nil) else {
            throw ValidationError("--fractions and --image-sizes are for --elastic")
        }
        guard elastic || sources.count < 2, !spread || sources.count == 1 else {
            throw ValidationError(
                "the network is told by its name, by --network, or by --path and its --space: by one of them")
        }
        guard network == nil || !freshClassifier else {
            throw ValidationError("--fresh-classifier goes with --path; `supernet adapt` makes a head for its images")
        }
        if let imageSizes, Self.sizes(imageSizes) == nil {
            throw ValidationError(
                "--image-sizes is sizes with commas between, such as 48 or 64x32, not \(imageSizes)")
        }
        if let fractions, Self.numbers(fractions) == nil {
            throw ValidationError("--fractions is numbers with commas between, such as 0.25,0.5,1, not \(fractions)")
        }
        guard epsilon.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--epsilon must not be negative, is \(epsilon ?? 0)")
        }
        guard !freshClassifier || (classes != nil && path != nil) else {
            throw ValidationError("--fresh-classifier needs --classes and --path")
        }
        try size.validate(1...8192)
        guard resize == nil || size.side != nil else {
            throw ValidationError(
                "--resize is for squares; to --size \(size.defaultValueDescription), images are stretched")
        }
        guard resize.map({ (1...8192).contains($0) }) ?? true else {
            throw ValidationError("--resize must be in 1...8192, is \(resize ?? 0)")
        }
        for (name, text) in [("--mean", mean), ("--std", std)] {
            guard let text, Self.numbers(text)?.count != channels else { continue }
            throw ValidationError("\(name) must be \(channels) numbers with commas between, is \(text)")
        }
    }

    func run() throws {
        try AtomicFile.check(output)
        if let into { return try transplant(into) }
        if elastic { return try importElastic() }
        if path == nil, let name = network ?? published?.rawValue { return try importNetwork(name) }
        let description = try SpaceOptions.load(space, settings).description(channels: channels)
        _ = try description.features(imageSize: size)
        let names = try classes.map(classNames(listedIn:))
        let source = try source(epsilon: nil)
        if let path, source.isDetector, !spread {
            return try importDetector(source, description.fixed(to: description.space.parse(path)), names)
        }
        let report: ImportReport
        let next: String
        if let path, spread {
            let origin = try description.space.parse(path)
            let made = try source.spread(origin, over: description)
            let card = SupernetFile.Card(
                supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: size,
                mean: normalization.mean, std: normalization.std, steps: steps, origin: origin)
            try SupernetFile.write(made.store, card, to: output)
            report = made.report
            next = CommandText.command("adapt", "--source", output, "--data", "IMAGES")
        } else if let path {
            let architecture = try description.space.parse(path)
            let made = try source.network(
                architecture, of: description, classNames: names, freshClassifier: freshClassifier)
            let card = NetworkFile.Card(
                network: made.network.description, classNames: made.classNames, imageSize: size,
                mean: normalization.mean, std: normalization.std, steps: steps)
            try NetworkFile.write(made.network, card, to: output)
            report = made.report
            next =
                CommandText.command("predict", output, "IMAGES") + ", or "
                + CommandText.command("export", output, "--output", "network.onnx")
        } else {
            let made = try source.supernet(description, classNames: names)
            let card = SupernetFile.Card(
                supernet: description, method: "imported", dimension: made.dimension, classNames: made.classNames,
                imageSize: size, mean: normalization.mean, std: normalization.std, steps: steps)
            try SupernetFile.write(made.store, card, to: output)
            report = made.report
            next = CommandText.command("export", output, "--path", "…", "--output", "network.safetensors")
        }
        say(report)
        Console.say("wrote \(output)\nnext: \(next)")
    }

    /// The published network that the command names in place of a file.
    private var published: PretrainedWeights? {
        FileManager.default.fileExists(atPath: checkpoint) ? nil : PretrainedWeights(rawValue: checkpoint)
    }

    /// Imports a network that is known by its name or declared in a file, with its classifier.
    private func importNetwork(_ name: String) throws {
        let declared = try DeclaredNetwork(name, channels: channels)
        // At its own size, the zeros before each stride lie as they did when it learned.
        let own = try size == published?.imageSize ? published.map(SourceNetwork.backbone) : nil
        let source = try source(epsilon: declared.normEpsilon)
        if source.isDetector {
            return try importDetector(source, own ?? declared.backbone, classes.map(classNames(listedIn:)))
        }
        let made = try source.network(
            own ?? declared.backbone, channels: channels, classNames: classes.map(classNames(listedIn:)))
        let card = NetworkFile.Card(
            network: made.network.description, classNames: made.classNames, imageSize: size,
            mean: normalization.mean, std: normalization.std, steps: steps)
        try NetworkFile.write(made.network, card, to: output)
        say(made.report)
        Console.say(
            "wrote \(output)\nnext: \(CommandText.command("predict", output, "IMAGES")), or "
                + CommandText.command("adapt", "--source", output, "--data", "IMAGES"))
    }

    /// Imports a detector on a backbone. `--size` is the shorter side and the greatest longer one, 800 and 1333 unless given.
    private func importDetector(_ source: CheckpointImport, _ backbone: Layer, _ names: [String]?) throws {
        let made = try source.detector(backbone, channels: channels, classNames: names)
        let limits = givenSize ?? ImageSize(height: 800, width: 1333)
        let evaluation = try Augmentation.detectionEvaluation(shorter: limits.shorter, longest: limits.longer)
        let hasMasks = made.network.head.detector?.hasMasks ?? false
        let card = NetworkFile.Card(
            task: hasMasks ? InstanceSegmentationTask.name : DetectionTask.name, network: made.network.description,
            head: made.network.head, classNames: made.classNames, imageSize: evaluation.frame() ?? limits,
            mean: normalization.mean, std: normalization.std,
            steps: [.within(shorter: limits.shorter, longest: limits.longer)])
        _ = try card.cost()
        try NetworkFile.write(made.network, card, to: output)
        say(made.report)
        Console.say("wrote \(output)\nnext: \(CommandText.command("predict", output, "IMAGES", "--drawn", "FOLDER"))")
    }

    /// The checkpoint, or the weights of the published network, which are fetched.
    ///
    /// - Parameter epsilon: the epsilon of the network's batch norms where the command names none; nil for the usual one.
    private func source(epsilon known: Double?) throws -> CheckpointImport {
        let file = try published?.obtain { Console.say($0) } ?? checkpoint
        var source = CheckpointImport(try ForeignCheckpoint(file), prefix: prefix)
        source.weights = weights
        source.normEpsilon = epsilon ?? known ?? source.normEpsilon
        return source
    }

    /// Makes an elastic supernet of one network, and tells what it can be.
    private func importElastic() throws {
        let declared: DeclaredNetwork
        if let network = network ?? published?.rawValue {
            declared = try DeclaredNetwork(network, channels: channels)
        } else {
            let description = try SpaceOptions.load(space, settings).description(channels: channels)
            declared = DeclaredNetwork(
                name: description.space.name,
                backbone: try description.fixed(to: description.space.parse(path ?? "")))
        }
        var options = Elasticity()
        if let fractions = fractions.flatMap(Self.numbers) { options.fractions = fractions }
        if let sizes = imageSizes.flatMap(Self.sizes) { options.imageSizes = sizes }
        let source = try source(epsilon: declared.normEpsilon)
        let (made, report) = try source.elastic(
            declared.backbone, channels: channels, name: declared.name,
            imageSize: options.imageSizes.isEmpty ? nil : size, options)
        let description = made.supernet.description
        let card = SupernetFile.Card(
            supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: size,
            mean: normalization.mean, std: normalization.std, steps: steps, origin: made.origin)
        try SupernetFile.write(made.supernet.store, card, to: output)
        say(report)
        let costs = try CostTable(description, imageSize: size, classes: 0)
        func text(_ path: Architecture) -> String {
            let cost = costs.cost(of: path)
            return "\(Console.grouped(cost.multiplyAdds)) multiply-adds, \(Console.grouped(cost.parameters)) parameters"
        }
        Console.result(
            Console.table(
                [
                    ("choices", "\(description.space.points.count)"),
                    ("paths", String(format: "%.3g", description.distinctPaths)),
                    ("largest", text(made.origin)), ("smallest", text(costs.cheapest { Double($0.multiplyAdds) })),
                ] + made.notes.map { ("as it is", "`\($0.path)` \($0.reason)") }))
        Console.say(
            "wrote \(output)\nnext: \(CommandText.command("adapt", "--source", output, "--data", "IMAGES"))")
    }

    private func say(_ report: ImportReport) {
        let kind = report.alternatives.isEmpty && report.weights == .plain ? "" : " (\(report.weights.words))"
        var rows = [("keys behind", (report.prefix.isEmpty ? "nothing" : report.prefix) + kind)]
        if !report.alternatives.isEmpty {
            let others = report.alternatives.prefix(4).map { prefix in
                let name = prefix.isEmpty ? "nothing" : prefix
                let kind = WeightsKind(prefix: prefix)
                let option = kind == report.weights ? "--prefix \(name)" : "--weights \(kind.rawValue)"
                return "\(name) (\(kind.words): \(option))"
            }
            rows.append(("also whole", others.joined(separator: ", ") + (report.alternatives.count > 4 ? ", …" : "")))
        }
        rows += [
            ("taken over", "\(Console.grouped(report.tensors)) tensors"),
            ("parameters", Console.grouped(report.parameters)),
        ]
        if !report.leftOut.isEmpty {
            let groups = report.leftOut.prefix(5).map { "\($0.group) (\($0.count))" }
            let more = report.leftOut.count > 5 ? ", …" : ""
            rows.append(("left out", groups.joined(separator: ", ") + more))
        }
        if !report.unread.isEmpty {
            let more = report.unread.count > 5 ? ", …" : ""
            let objects = report.unread.prefix(5).map(\.description).joined(separator: ", ")
            rows.append(("left out, as not understood", objects + more))
        }
        Console.result(Console.table(rows))
    }

    private func transplant(_ into: String) throws {
        let file = try SupernetFile.read(into)
        let architecture = try file.card.supernet.space.parse(path ?? "")
        let network = try NetworkFile.read(checkpoint)
        let state = try StateError.naming(checkpoint) {
            try file.putting(network.network.store.state, into: architecture)
        }
        try SupernetFile.write(state, file.card, to: output)
        Console.result(
            Console.table([
                ("path", architecture.description),
                ("put in", "\(network.network.store.keys.count) tensors, the classifier aside"),
            ]))
        Console.say("wrote \(output)")
    }

    private var size: ImageSize { givenSize ?? published?.imageSize ?? 224 }

    private var steps: [ImageStep] {
        let usual = size == published?.imageSize ? published?.resize : size == 224 ? 256 : nil
        return ImageStep.middle(of: size, resizedTo: resize ?? usual)
    }

    private var normalization: (mean: [Double], std: [Double]) {
        let usual: (mean: [Double], std: [Double]) =
            published.map { ($0.mean, $0.std) }
            ?? (channels == 3
                ? (Augmentation.imageNetMean.map { Double($0) }, Augmentation.imageNetStd.map { Double($0) })
                : ([Double](repeating: 0.5, count: channels), [Double](repeating: 0.5, count: channels)))
        return (mean.flatMap(Self.numbers) ?? usual.mean, std.flatMap(Self.numbers) ?? usual.std)
    }

    private static func sizes(_ text: String) -> [ImageSize]? {
        let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let sizes = words.compactMap { ImageSize(argument: $0) }
        return sizes.count == words.count && !sizes.isEmpty ? sizes : nil
    }

    private static func numbers(_ text: String) -> [Double]? {
        let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let numbers = words.compactMap(Double.init)
        return numbers.count == words.count ? numbers : nil
    }
}

extension WeightsKind: ExpressibleByArgument {}
