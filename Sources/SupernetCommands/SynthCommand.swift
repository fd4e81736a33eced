import ArgumentParser
import Datasets
import Drawings

/// The command `supernet data synth`: renders a synthetic data set in the layout of a real one that cannot be
/// redistributed.
struct SynthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Render a synthetic data set in the layout of a real one.",
        discussion: """
            The pictures are drawings, to try a task without its real data; a README.txt beside them says so. The same \
            options give the same bytes.
            """,
        subcommands: [SynthPedestrians.self, SynthFaces.self, SynthScenes.self, SynthStreets.self])

    /// Prints progress at every tenth.
    static func progress(_ done: Int, _ total: Int, _ before: inout Int) {
        let tenth = total > 0 ? 10 * done / total : 10
        if tenth > before { Console.say("rendered \(Console.grouped(done)) of \(Console.grouped(total))") }
        before = max(before, tenth)
    }
}

/// The command `supernet data synth pedestrians`: renders people for re-identification, in the layout of Market-1501.
struct SynthPedestrians: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pedestrians", abstract: "People under six cameras, in the layout of Market-1501.")

    @Argument(help: "The folder to create.") var folder: String
    @Option(name: .long, help: "The number of training identities.") var identities = 120
    @Option(name: .long, help: "The number of test identities.") var testIdentities = 60
    @Option(name: .long, help: "The number of pictures of each person, at least 6.") var images = 12
    @Option(name: .long, help: "The height of a picture in pixels; its width is half of it.") var height = 128
    @Option(name: .long, help: "The seed; another one gives other people.") var seed: UInt64 = 0

    func run() throws {
        var options = SyntheticPedestrians.Options()
        options.trainingIdentities = identities
        options.testIdentities = testIdentities
        options.imagesPerIdentity = images
        options.height = height
        options.seed = seed
        let set = try SyntheticPedestrians(options)
        var told = 0
        try set.write(to: folder) { SynthCommand.progress($0, $1, &told) }
        Console.result(
            "\(folder): synthetic pedestrians, \(identities) persons to learn from, \(testIdentities) to find")
    }
}

/// The command `supernet data synth faces`: renders faces for age and gender, with the file names of UTKFace.
struct SynthFaces: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faces", abstract: "Faces of 1 to 90 years, under the file names of UTKFace.")

    @Argument(help: "The folder to create.") var folder: String
    @Option(name: .long, help: "The number of pictures, each of another face.") var images = 3_000
    @Option(name: .long, help: "The width and height of a picture in pixels.") var side = 64
    @Option(name: .long, help: "The seed; another one gives other faces.") var seed: UInt64 = 0

    func run() throws {
        var options = SyntheticFaces.Options()
        options.count = images
        options.side = side
        options.seed = seed
        let set = try SyntheticFaces(options)
        var told = 0
        try set.write(to: folder) { SynthCommand.progress($0, $1, &told) }
        Console.result("\(folder): \(Console.grouped(images)) synthetic faces")
    }
}
