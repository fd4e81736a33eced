import ArgumentParser
import Experiments
import Support
import Tasks
import Workflows

/// The command `supernet config`: tells all settings with their defaults.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Tell all settings with their defaults, and what each is for.",
        discussion: """
            Settings stand in a YAML file (--config FILE) or are given one by one (--set KEY=VALUE), with dots between the names of \
            sections: --set supernet.epochs=30. Kinds: \(SettingKind.allCases.map { "\($0.rawValue) (\($0.verbs))" }.joined(separator: ", ")).
            """)

    @Argument(help: "The kind of settings.") var kind: SettingKind?
    @Flag(name: .long, help: "All kinds.") var helpAll = false
    @Flag(name: .long, help: "As Markdown.") var markdown = false

    func validate() throws {
        guard helpAll != (kind != nil) else {
            let kinds = SettingKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("name a kind of settings (\(kinds)), or give --help-all")
        }
    }

    func run() throws {
        let kinds = kind.map { [$0] } ?? SettingKind.allCases
        Console.result(try SettingReference(kinds: kinds).text(markdown: markdown))
    }
}

/// A kind of settings: what one file of them is for.
enum SettingKind: String, CaseIterable, ExpressibleByArgument {
    case study, network, adaptation, benchmark
    case rankings = "compare-rankings"
    case transfer = "compare-transfer"
    case strategies = "compare-strategies"

    /// The verbs that take them.
    var verbs: String {
        switch self {
        case .study: "run, train with a space, probe, search, finetune, retrain"
        case .network: "train without a space"
        case .adaptation: "adapt"
        case .benchmark: "benchmark"
        case .rankings: "compare with methods and tables"
        case .transfer: "compare with sources and tasks"
        case .strategies: "compare with strategies"
        }
    }

    /// The sections with their defaults.
    func sections() throws -> [SettingSection] {
        switch self {
        case .study: try SettingSection.all(of: StudyConfiguration())
        case .network: try SettingSection.all(of: NetworkTrainingConfiguration())
        case .adaptation: try SettingSection.all(of: AdaptationConfiguration())
        case .benchmark: try SettingSection.all(of: BenchmarkConfiguration())
        case .rankings: try SettingSection.all(of: RankingComparisonConfiguration())
        case .transfer: try SettingSection.all(of: TransferComparisonConfiguration())
        case .strategies: try SettingSection.all(of: StrategyComparisonConfiguration())
        }
    }
}

/// The reference of settings as text, made of the settings themselves.
struct SettingReference {
    let kinds: [SettingKind]

    /// The text, for a terminal or as Markdown.
    ///
    /// Sections of the same keys are told once; after that, only where their defaults differ.
    func text(markdown: Bool) throws -> String {
        var told: [String: (name: String, section: SettingSection)] = [:]
        var lines = markdown ? ["# Settings", "", Self.introduction] : []
        for kind in kinds {
            lines += markdown ? ["", "## \(kind.rawValue): \(kind.verbs)"] : ["", "\(kind.rawValue): \(kind.verbs)"]
            for section in try kind.sections() {
                let name = section.path.isEmpty ? kind.rawValue : section.path
                lines.append("")
                if let (first, known) = told[section.type] {
                    let changed = zip(section.settings, known.settings).filter { $0 != $1 }.map(\.0)
                    let differing = changed.map { "\($0.key): \($0.standard.isEmpty ? "none" : $0.standard)" }
                    let with = differing.isEmpty ? "" : ", with " + differing.joined(separator: ", ")
                    lines.append(
                        markdown ? "### `\(name)`\n\nAs `\(first)`\(escaped(with))." : "  \(name): as \(first)\(with)")
                    continue
                }
                told[section.type] = (name, section)
                lines += markdown ? table(section, name) : plain(section, name)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static let introduction = """
        All settings with their defaults, as `supernet config --help-all` tells them for the version at hand. They stand in a YAML \
        file (`--config FILE`) or are given one by one (`--set KEY=VALUE`), with dots between the names of sections: `--set \
        supernet.epochs=30`. Files may leave out whatever stays at its default. A run's own `config.yaml` has all of them.
        """

    private func help(_ section: SettingSection, _ key: String) -> String {
        SettingHelp.texts[section.type]?[key] ?? ""
    }

    private func plain(_ section: SettingSection, _ name: String) -> [String] {
        var lines = ["  \(name)"]
        for setting in section.settings {
            let standard = setting.standard.isEmpty ? "" : ": \(setting.standard)"
            lines.append("    \(setting.key)\(standard)")
            let words =
                section.members.isEmpty
                ? help(section, setting.key) : "One of the following, each with keys of its own."
            if !words.isEmpty { lines.append("        \(words)") }
        }
        return lines + section.members.map { "        \($0)" }
    }

    private func table(_ section: SettingSection, _ name: String) -> [String] {
        var lines = ["### `\(name)`", ""]
        guard section.members.isEmpty else {
            lines.append(
                "`name` chooses one of these, each with keys of its own; the default is `\(section.settings[0].standard)`."
            )
            lines.append("")
            return lines + ["```"] + section.members + ["```"]
        }
        lines += ["| key | default | what it is for |", "|---|---|---|"]
        for setting in section.settings {
            let standard = setting.standard.isEmpty ? "" : "`\(setting.standard.replacing("|", with: "\\|"))`"
            lines.append("| `\(setting.key)` | \(standard) | \(escaped(help(section, setting.key))) |")
        }
        return lines
    }

    private func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
