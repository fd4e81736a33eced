import ArgumentParser
import Foundation
import Testing

@testable import SupernetCommands

@Suite struct CommandTests {
    @Test(arguments: [[], ["data"], ["train"], ["evaluate"], ["doctor"], ["demo"]]) func everyVerbHasHelp(
        verb: [String]
    ) throws {
        let error = #expect(throws: (any Error).self) {
            var command = try Supernet.parseAsRoot(verb + ["--help"])
            try command.run()
        }
        let help = Supernet.fullMessage(for: try #require(error))
        #expect(help.contains("USAGE: supernet"))
        #expect(help.contains("OVERVIEW:"))
    }

    @Test(arguments: [
        ["no-such-verb"], ["evaluate"], ["evaluate", "x", "--data", "y", "--split", "all"],
        ["evaluate", "x", "--data", "y", "--device", "gpu"], ["evaluate", "x", "--data", "y", "--precision", "half"],
        ["data", "x", "--per-class", "0"], ["train", "--no-such-option"],
    ]) func badArgumentsAreRefused(arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { _ = try Supernet.parseAsRoot(arguments) }
        #expect(Supernet.exitCode(for: try #require(error)).rawValue != 0)
    }

    @Test func aMissingSourceIsNamed() throws {
        var command = try Supernet.parseAsRoot(["data", "/no/such/folder"])
        let error = #expect(throws: (any Error).self) { try command.run() }
        #expect("\(try #require(error))".contains("/no/such/folder"))
    }

    @Test func runsAreNamedAfterTheirConfiguration() throws {
        let options = try RunOptions.parse(["--config", "Configs/some-name.yaml"])
        #expect(options.folder(default: "network") == "runs/some-name")
        #expect(try RunOptions.parse([]).folder(default: "network") == "runs/network")
        #expect(try RunOptions.parse(["--run", "here"]).folder(default: "network") == "here")
    }

    @Test func numbersAreGrouped() {
        #expect(Console.grouped(0) == "0")
        #expect(Console.grouped(999) == "999")
        #expect(Console.grouped(1000) == "1,000")
        #expect(Console.grouped(27_046_278) == "27,046,278")
        #expect(Console.grouped(-1_234_567) == "-1,234,567")
    }
}
