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
        abstract: "Judge a study's ranking by a benchmark table, beside training-free baselines.",
        discussion: """
            Every architecture of the table is scored by the supernet, on images that the table was not measured on. The \
            result shows parameter count, multiply-adds, zero-cost proxies, random order and the noise ceiling, each with \
            the 95 % interval of a bootstrap over architectures and seeds, and says in words whether the supernet ranks \
            better than the best of them beyond noise. Benchmark tables are made by `supernet benchmark`.
            """)
    @OptionGroup var options: StudyOptions
    @Option(name: [.customLong("table"), .customLong("truth")], help: "The benchmark table, a CSV file.")
    var table: String
    @Option(name: .long, help: "The figure of a trained network that rankings are compared with: accuracy or loss.")
    var measure = RankingTrial.Measure
        .accuracy
    @Option(name: .long, help: "choose or report: one half of the table. Default: all of it.")
    var half: BenchmarkRow.Half?
    @Option(name: .long, help: "What paths are scored by: accuracy, loss, linear-evaluation or contrastive.")
    var score: String?
    @Option(
        name: .customLong("with"),
        help:
            "A further study, of another seed or method: the ranks that they give are averaged. May be given several times."
    )
    var others: [String] = []
    @Option(
        name: .customLong("proxy"),
        help: "A zero-cost proxy whose ranks are averaged with those of the supernets. May be given several times.")
    var proxies: [RegisteredName<ZeroCostProxyFamily>] = []
    @Option(name: .long, help: "Resamples of the bootstrap.") var resamples = 1000

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
            proxies: proxies.lists(for: ranking.table))
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
