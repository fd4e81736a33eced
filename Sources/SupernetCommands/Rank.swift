import ArgumentParser
import Experiments
import Proxies
import Rankings
import Reports
import Results
import Workflows

/// The command `supernet rank`: judges a supernet's ranking by a benchmark table.
struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge a supernet's ranking by a benchmark table, beside training-free baselines.",
        discussion: """
            The supernet scores every architecture of the table, on images that the table was not measured on. The \
            result lists the rank correlation of the supernet, of the numbers of parameters and multiply-adds, of counts of \
            layers and paths, of zero-cost proxies, of ensembles of these and of random order, with the noise ceiling (one seed of the table against another), \
            each with a 95 % bootstrap interval over architectures and seeds, and states whether the supernet ranks \
            better than the best baseline beyond noise. Tables are made by `supernet benchmark`; some are in the \
            folder Tables.

            \(FamilyHelp.proxies)
            """)
    @OptionGroup var options: StudyOptions
    @Option(name: [.customLong("table"), .customLong("truth")], help: "The benchmark table, a CSV file.")
    var table: String
    @Option(name: .long, help: "The figure of a trained network that rankings are compared with.")
    var measure = RankingTrial.Measure.accuracy
    @Option(
        name: .long,
        help: "The half of the table that is used: choose, to make choices on, or report. Default: all of it.")
    var half: BenchmarkRow.Half?
    @Option(
        name: .long,
        help: "The score of paths: \(SearchConfiguration.Score.allCases.map(\.rawValue).joined(separator: ", ")).")
    var score: String?
    @Option(
        name: .customLong("with"),
        help:
            "Another study, of another seed or method, whose ranks are averaged with the first one's. May be repeated."
    )
    var others: [String] = []
    @Option(
        name: .customLong("proxy"),
        help: "A zero-cost proxy whose ranks are averaged with those of the supernets. May be repeated.")
    var proxies: [RegisteredName<ZeroCostProxyFamily>] = []
    @Option(name: .long, help: "The number of bootstrap resamples.") var resamples = 1000

    func run() throws {
        let study = try options.open(score.map { ["search.score=\($0)"] } ?? [])
        try SupernetVerb.require(study)
        let ranking = try PathRanking(study, table: table)
        let result = try ranking()
        let proxies = try ranking.proxies()
        let chosen = self.proxies.map(\.rawValue)
        let more = try others.map { other in
            try PathRanking(
                StudyOpening.reopen(
                    other, config: options.config,
                    settings: options.settings + (score.map { ["search.score=\($0)"] } ?? []),
                    threads: options.threads, changedData: options.images.policy), table: table
            )()
        }
        let scores = RankingResult.scores(
            of: [result] + more,
            proxies: chosen.map { name in
                let list = proxies.lists(for: ranking.table).first { $0.name == name }?.values ?? []
                return Dictionary(zip(ranking.table.entries.map(\.architecture), list)) { first, _ in first }
            })
        let trial = RankingTrial(
            table: ranking.table, scores: scores,
            name: ([more.isEmpty ? "supernet" : "\(more.count + 1) supernets"] + chosen).joined(separator: " and "),
            proxies: proxies.lists(for: ranking.table),
            structures: try ranking.table.structures(in: SupernetTraining(ranking.study).description()))
        let judgement = try trial.judge(by: measure, half: half, resamples: resamples)
        for line in RankingText.lines(judgement, measure: measure) { Console.result(line) }
        let ownWarnings = try [ranking.dataWarning()].compactMap { $0 }
        for warning in ownWarnings + judgement.warnings { Console.say("warning: \(warning)") }
        Console.result(judgement.verdict)
        let settings = ranking.study.options
        let report = RankingReport(
            space: settings.space.name, method: settings.method.name, tablePath: ranking.tablePath,
            table: ranking.table, half: half, measure: measure, score: settings.search.score.rawValue, scores: scores,
            supernets: others.count + 1, proxies: chosen, judgement: judgement, warnings: ownWarnings,
            command: CommandText.own)
        let page = ranking.folder + "/report.html"
        try report.write(to: page)
        Console.say("wrote \(page)")
    }
}

extension RankingTrial.Measure: ExpressibleByArgument {}
extension BenchmarkRow.Half: ExpressibleByArgument {}
