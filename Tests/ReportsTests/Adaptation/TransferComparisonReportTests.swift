import Results
import Testing

@testable import Reports

struct TransferComparisonReportTests {
    private typealias Report = TransferComparisonReport
    private typealias Row = AdaptationRow

    private func section(
        _ task: String, _ joint: [Double], _ weightsOnly: [Double], unit: Metric.Unit = .share,
        isHigherBetter: Bool = true
    ) -> Report.Section {
        .init(
            task, source: "emoji",
            comparison: AdaptationRows(
                metrics: [Metric("metric", unit: unit, isHigherBetter: isHigherBetter)],
                rows: [
                    Row(name: "joint", kind: .joint, values: ["metric": joint]),
                    Row(name: "weights", kind: .weightsOnly, values: ["metric": weightsOnly]),
                ]))
    }

    private func report() -> Report {
        func rows(_ rows: Row...) -> AdaptationRows { AdaptationRows(metrics: [.accuracy], rows: rows) }
        return Report(
            sources: ["emoji <e>"],
            sections: [
                .init(
                    "Re-id <r>", source: "emoji <e>", variant: "supervised", isSynthetic: true, note: "Layout <l>.",
                    comparison: AdaptationSamples.comparison),
                .init(
                    "Re-id <r>", source: "emoji <e>", variant: "supervised",
                    comparison: rows(
                        Row(name: "joint", kind: .joint, values: ["accuracy": [0.5]]),
                        Row(name: "weights", kind: .weightsOnly, values: ["accuracy": [0.4]]))),
                .init("Gender", source: "emoji <e>", comparison: rows(Row(name: "joint", kind: .joint))),
                .init("None", source: "emoji <e>", comparison: AdaptationRows(metrics: [], rows: [])),
            ], command: "supernet transfer")
    }

    @Test func aTaskIsALineOfTheSummary() throws {
        let report = report()
        let rows = TransferSummary(sections: report.sections).rows
        let p = MetricFigures.p(try #require(report.sections[0].test?.p))
        let space = NumberText.space
        #expect(
            rows.map(\.cells) == [
                [
                    "Re-id <r>, supervised (synthetic)", "rank-1 <r>", "91.2 ± 0.2\(space)%", "88.0 ± 1.0\(space)%",
                    "+3.2 points", "0.004", p, "better beyond noise",
                ],
                [
                    "Re-id <r>, supervised", "accuracy", "50.0\(space)%", "40.0\(space)%", "–", "–", "–",
                    "too few seeds to say",
                ], ["Gender", "accuracy", "–", "–", "–", "–", "–", "not compared"],
                ["None", "–", "–", "–", "–", "–", "–", "–"],
            ])
    }

    @Test func aSectionIsMadeOfTheOutcomesOfItsSeeds() throws {
        let outcomes = (1...3).map { seed in
            TransferOutcome(
                task: "age", source: "emoji", seed: seed, isUnsupervised: true,
                result: AdaptationSamples.result([
                    "joint": [0.8 + Double(seed * seed) / 100], "weights-only": [0.7 + Double(seed) / 100],
                ]))
        }
        let section = try #require(
            Report.Section(outcomes, metrics: AdaptationSamples.metrics, rows: ["joint", "weights-only"]))
        #expect(section.title == "age, unsupervised" && section.source == "emoji" && section.isAhead == true)
        #expect(section.comparison.joint?.seeds == 3 && section.test?.p == section.comparison.joint?.difference?.p)
        #expect(Report.Section([], metrics: [], rows: []) == nil)
    }

    @Test func errorsAreBetterWhereTheyAreSmaller() {
        let accuracy = section("a", [0.90, 0.81, 0.86], [0.80, 0.72, 0.75])
        let (own, other) = ([4.0, 4.2, 4.1], [5.0, 5.1, 5.2])
        let error = section("b", own, other, unit: .quantity("years"), isHigherBetter: false)
        #expect(accuracy.isAhead == true && error.isAhead == true)
        #expect(section("c", own, other, unit: .quantity("years")).isAhead == false)
        #expect(section("d", [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]).isAhead == nil)
        func verdict(_ sections: [Report.Section]) -> String { Report(sources: ["emoji"], sections: sections).verdict }
        #expect(
            verdict([accuracy, error]).contains(
                "ahead of weights only on 2 of 2 tasks and behind on 0, which is more than luck"))
        // Ahead and behind by as much, there is nothing left of it.
        #expect(
            verdict([accuracy, section("e", [0.80, 0.72, 0.75], [0.90, 0.81, 0.86])]).contains(
                "on 1 of 2 tasks and behind on 1, which is no more than luck"))
        #expect(verdict([]).isEmpty && verdict([section("f", [1], [0.5])]).isEmpty)
    }

    @Test func eachIsCorrectedForTheNumberOfAll() throws {
        let sections = [
            section("a", [0.90, 0.81, 0.86], [0.80, 0.72, 0.75]), section("b", [0.1], [0.2]),
            section("c", [0.5, 0.6, 0.7], [0.6, 0.5, 0.65]),
        ]
        let corrected = TransferSummary(sections: sections).rows.map { $0.cells[6] }
        let (first, last) = (try #require(sections[0].test?.p), try #require(sections[2].test?.p))
        #expect(corrected == [MetricFigures.p(2 * first), "–", MetricFigures.p(last)])
    }

    @Test func verdictsFollowFromSeedsPAndDirection() {
        func verdict(
            _ mean: Double, _ p: Double?, corrected: Double? = nil, seeds: Int = 3, isHigherBetter: Bool = true
        ) -> TransferVerdict {
            let metric = Metric("m", unit: .quantity(""), isHigherBetter: isHigherBetter)
            let values = ["m": [Double](repeating: 1, count: seeds)]
            return TransferVerdict(
                joint: .init(name: "j", kind: .joint, values: values),
                other: .init(name: "w", kind: .weightsOnly, values: ["m": [1, 2, 3]]),
                difference: .init(mean: mean, p: p), metric: metric, correctedP: corrected)
        }
        #expect(verdict(1, 0.049) == .better && verdict(-1, 0.049) == .worse)
        #expect(verdict(1, 0.049, isHigherBetter: false) == .worse)
        #expect(verdict(-1, 0.049, isHigherBetter: false) == .better)
        #expect(verdict(1, 0.01, corrected: 0.049) == .better && verdict(-1, 0.01, corrected: 0.05) == .worseAlone)
        #expect(verdict(1, 0.01, corrected: 0.2) == .betterAlone && verdict(1, 0.06, corrected: 0.2) == .undecided)
        #expect(verdict(1, 0.05) == .undecided && verdict(-1, 0.9) == .undecided && verdict(0, 0) == .undecided)
        #expect(verdict(1, 0.001, seeds: 2) == .tooFewSeeds && verdict(1, nil, seeds: 1) == .tooFewSeeds)
        #expect(verdict(1, nil) == .untested && verdict(1, 0.001, seeds: 0) == .incomparable)
        let metric = Metric("m")
        #expect(TransferVerdict(joint: nil, other: nil, difference: nil, metric: metric) == .incomparable)
        #expect(Set(TransferVerdict.allCases.map(\.rawValue)).count == TransferVerdict.allCases.count)
    }

    @Test func aPageIsWellFormedAndHasASectionForEachTask() throws {
        let content = try #require(XMLContent(page: report().html()))
        for text in [
            "What transfer is worth", "From the source emoji <e>, joint is ahead of weights only on 1 of 1 tasks",
            "Re-id <r>, supervised (synthetic)", "Layout <l>.", "joint <&>", "weights|only", "not *run*", "one seed",
            "both \"together\" & more", "better beyond noise", "supernet transfer",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("section") == 5 && content.count("table") == 4 && content.count("svg") == 2)
        let none = try #require(XMLContent(page: Report(sources: [], sections: []).html()))
        for name in ["section", "footer", "svg", "table"] { #expect(none.count(name) == 0, "\(name)") }
    }

    @Test func theTextHasTheSameTablesAndLinksToEveryDrawing() throws {
        let report = report()
        let text = try report.markdown(drawingsIn: "results")
        for part in [
            "# What transfer is worth", "**From the source emoji &lt;e&gt;, joint",
            "## Re-id &lt;r&gt;, supervised (synthetic)",
            "| Re-id &lt;r&gt;, supervised (synthetic) | rank-1 &lt;r&gt; | 91.2 ± 0.2", "Layout &lt;l&gt;.",
            "- weights\\|only: the source's &lt;path&gt;", "```sh\nsupernet transfer\n```",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        for section in report.sections where !section.comparison.rows.isEmpty {
            let table = AdaptationTable(section.comparison, hasSizes: false).markdown
            #expect(table.split(separator: "\n").count == section.comparison.rows.count + 2 && text.contains(table))
        }
        let drawings = try report.drawings()
        #expect(drawings.map(\.name) == ["re-id-r-supervised.svg", "re-id-r-supervised-2.svg"])
        for (name, svg) in drawings {
            #expect(text.contains("](results/\(name))") && !svg.contains("nan"), "\(name)")
            let content = try #require(XMLContent(svg))
            #expect(content.count("style") == 1 && svg.contains("prefers-color-scheme: dark"))
        }
        // A drawing stands by itself too, so it says so as well.
        #expect(drawings[0].svg.contains("(synthetic)") && !drawings[1].svg.contains("(synthetic)"))
        #expect(try report.markdown().contains("](re-id-r-supervised.svg)"))
        #expect(try Report(sources: [], sections: []).markdown() == "# What transfer is worth\n")
    }

    @Test func whatCannotBeShownIsReportedAtOnce() {
        var report = report()
        report.sections[0].comparison.rows[0].values["MAE"] = [.infinity]
        report.sections[1].comparison.rows[1].seconds = -1
        let error = ReportError([
            "Re-id <r>, supervised (synthetic), joint <&>: MAE of seed 1 is inf, not a number that can be drawn",
            "Re-id <r>, supervised, weights: it took -1.0 seconds",
        ])
        #expect(throws: error) { try report.html() }
        #expect(throws: error) { try report.markdown() }
        #expect(throws: error) { try report.drawings() }
    }
}
