import ArgumentParser
import Datasets
import Foundation

/// `supernet demo`: the main job on real data, from nothing to a page to look at.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch Fashion-MNIST, train a small ResNeSt on it, and show how well it does.",
        discussion: "Takes a few minutes on two processor cores. For the full training: supernet train --config "
            + "Configs/fashion-mnist-network.yaml")

    @Option(name: .customLong("set"), help: "One setting, as key=value; may be given several times.")
    var settings: [String] = []
    @Flag(name: .long, help: "Start over; an earlier run is renamed.") var fresh = false

    func run() throws {
        var arguments = ["--run", "runs/demo"]
        for setting in Self.short + settings { arguments += ["--set", setting] }
        if fresh { arguments.append("--fresh") }
        let outcome = try NetworkRun.execute(RunOptions.parse(arguments), defaultName: "demo")
        let sheet = outcome.training.run.path + "/contact-sheet.png"
        try ContactSheet(of: outcome.training.data.train, title: "Fashion-MNIST", perClass: 12).render()
            .writePNG(to: sheet)
        outcome.say()
        Console.say("next: open \(outcome.reportFile) and \(sheet)")
    }

    /// What differs from the defaults: fewer epochs of a smaller network.
    private static let short = [
        "train.epochs=3", "train.learning-rate=0.15", "network.planes=[16, 32, 64]", "network.depths=[1, 1, 1]",
        "network.code=[0, 0, 1]",
    ]
}
