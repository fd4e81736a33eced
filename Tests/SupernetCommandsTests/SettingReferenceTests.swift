import Experiments
import Foundation
import TestFolders
import Testing

@testable import SupernetCommands

/// The reference of settings is complete, and the page of the documentation is what the program says.
@Suite struct SettingReferenceTests {
    @Test(arguments: SettingKind.allCases) func everySettingIsExplained(kind: SettingKind) throws {
        for section in try kind.sections() where section.members.isEmpty {
            for setting in section.settings {
                let help = SettingHelp.texts[section.type]?[setting.key] ?? ""
                #expect(help.count > 8, "\(section.type).\(setting.key)")
            }
        }
    }

    @Test func thePageIsUpToDate() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/settings.md").standardizedFileURL
        // By the program: other tests register definitions of their own in this process.
        let text = try BuiltProgram("supernet").run(
            ["config", "--help-all", "--markdown"], in: page.deletingLastPathComponent().path
        )
        .output
        #expect(
            try String(contentsOf: page, encoding: .utf8) == text,
            "type: supernet config --help-all --markdown > docs/settings.md")
    }

    @Test func sectionsOfTheSameKeysAreToldOnce() throws {
        let text = try SettingReference(kinds: [.study]).text(markdown: false)
        #expect(text.contains("  probe: as supernet, with "))
        #expect(text.components(separatedBy: "The number of passes over the training images.").count == 2)
        #expect(text.contains("pi-nas: ") && text.contains("mobile: "))
    }

    @Test func kindsAndAllExcludeEachOther() {
        #expect(throws: (any Error).self) { try SupernetCommand.parseAsRoot(["config"]) }
        #expect(throws: (any Error).self) { try SupernetCommand.parseAsRoot(["config", "study", "--help-all"]) }
        #expect(throws: (any Error).self) { try SupernetCommand.parseAsRoot(["config", "nothing"]) }
    }
}
