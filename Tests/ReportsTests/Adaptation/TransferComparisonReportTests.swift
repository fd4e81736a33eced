import Testing

@testable import Reports

struct TransferComparisonReportTests {
    private typealias Report = TransferComparisonReport
    private typealias Row = AdaptationReport.Row

    private func report() -> Report {
        let accuracy = [AdaptationReport.Metric("accuracy", unit: .percent)]
        let rows = [
            Row("joint", kind: .joint, values: ["accuracy": [0.5]]),
            Row("weights", kind: .weightsOnly, values: ["accuracy": [0.4]]),
        ]
        return Report(
            title: "Study <&>", verdict: "Joint *wins*.", warnings: ["Few <runs>."], facts: [.init("Tasks", "4")],
            sections: [
                .init(
                    "Re-id <r>", variant: "supervised", isSynthetic: true, note: "Layout <l>.",
                    metrics: AdaptationSamples.metrics, rows: AdaptationSamples.rows, correctedP: 0.02),
                .init("Re-id <r>", variant: "supervised", metrics: accuracy, rows: rows),
                .init("Gender", metrics: accuracy, rows: [Row("joint", kind: .joint)]),
                .init("None", metrics: [], rows: []),
            ], command: "supernet transfer", configuration: "seed: 1 # <&>")
    }

    @Test func aTaskIsALineOfTheSummary() {
        let rows = TransferSummary(sections: report().sections).rows
        let space = NumberText.space
        #expect(
            rows.map(\.cells) == [
                [
                    "Re-id <r>, supervised (synthetic)", "rank-1 <r>", "91.2 ± 0.2\(space)%", "88.0 ± 1.0\(space)%",
                    "+3.2 points", "0.004", "0.020", "better beyond noise",
                ],
                [
                    "Re-id <r>, supervised", "accuracy", "50.0\(space)%", "40.0\(space)%", "–", "–", "–",
                    "too few seeds to say",
                ], ["Gender", "accuracy", "–", "–", "–", "–", "–", "not compared"],
                ["None", "–", "–", "–", "–", "–", "–", "–"],
            ])
    }

    @Test func verdictsFollowFromSeedsPAndDirection() {
        func verdict(
            _ mean: Double, _ p: Double?, corrected: Double? = nil, seeds: Int = 3, isHigherBetter: Bool = true
        ) -> TransferVerdict {
            let metric = AdaptationReport.Metric("m", unit: .plain, isHigherBetter: isHigherBetter)
            let values = ["m": [Double](repeating: 1, count: seeds)]
            return TransferVerdict(
                joint: .init("j", kind: .joint, values: values, difference: .init(mean, p: p)),
                weightsOnly: .init("w", kind: .weightsOnly, values: ["m": [1, 2, 3]]), metric: metric,
                correctedP: corrected)
        }
        #expect(verdict(1, 0.049) == .better && verdict(-1, 0.049) == .worse)
        #expect(verdict(1, 0.049, isHigherBetter: false) == .worse)
        #expect(verdict(-1, 0.049, isHigherBetter: false) == .better)
        #expect(verdict(1, 0.01, corrected: 0.049) == .better && verdict(-1, 0.01, corrected: 0.05) == .worseAlone)
        #expect(verdict(1, 0.01, corrected: 0.2) == .betterAlone && verdict(1, 0.06, corrected: 0.2) == .undecided)
        #expect(verdict(1, 0.05) == .undecided && verdict(-1, 0.9) == .undecided && verdict(0, 0) == .undecided)
        #expect(verdict(1, 0.001, seeds: 2) == .tooFewSeeds && verdict(1, nil, seeds: 1) == .tooFewSeeds)
        #expect(verdict(1, nil) == .untested && verdict(1, 0.001, seeds: 0) == .incomparable)
        let metric = AdaptationReport.Metric("m")
        #expect(TransferVerdict(joint: nil, weightsOnly: nil, metric: metric) == .incomparable)
        #expect(Set(TransferVerdict.allCases.map(\.rawValue)).count == TransferVerdict.allCases.count)
    }

    @Test func aPageIsWellFormedAndHasASectionForEachTask() throws {
        let content = try #require(XMLContent(page: report().html()))
        for text in [
            "Study <&>", "Joint *wins*.", "Few <runs>.", "Re-id <r>, supervised (synthetic)", "Layout <l>.",
            "joint <&>",
            "weights|only", "not *run*", "one seed", "both \"together\" & more", "better beyond noise",
            "supernet transfer", "seed: 1 # <&>",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        #expect(content.count("section") == 5 && content.count("table") == 4 && content.count("svg") == 2)
        let none = try #require(XMLContent(page: Report(title: "", sections: []).html()))
        for name in ["section", "footer", "svg", "table"] { #expect(none.count(name) == 0, "\(name)") }
    }

    @Test func theTextHasTheSameTablesAndLinksToEveryDrawing() throws {
        let report = report()
        let text = try report.markdown(drawingsIn: "results")
        for part in [
            "# Study &lt;&amp;&gt;", "**Joint \\*wins\\*.**", "## Re-id &lt;r&gt;, supervised (synthetic)",
            "| Re-id &lt;r&gt;, supervised (synthetic) | rank-1 &lt;r&gt; | 91.2 ± 0.2", "Layout &lt;l&gt;.",
            "- weights\\|only: the source's &lt;path&gt;", "```sh\nsupernet transfer\n```",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        for section in report.sections where !section.rows.isEmpty {
            let table = AdaptationTable(metrics: section.metrics, rows: section.rows, hasSizes: false).markdown
            #expect(table.split(separator: "\n").count == section.rows.count + 2 && text.contains(table))
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
        #expect(try Report(title: "t", sections: []).markdown() == "# t\n")
    }

    @Test func whatCannotBeShownIsReportedAtOnce() {
        var report = report()
        report.sections[0].rows[0].values["MAE"] = [.infinity]
        report.sections[1].rows[1].difference = .init(0, p: -1)
        let error = ReportError([
            "Re-id <r>, supervised (synthetic), joint <&>: MAE of seed 1 is inf, not a number of years",
            "Re-id <r>, supervised, weights: its p value is -1.0, beyond 0 to 1",
        ])
        #expect(throws: error) { try report.html() }
        #expect(throws: error) { try report.markdown() }
        #expect(throws: error) { try report.drawings() }
    }
}
