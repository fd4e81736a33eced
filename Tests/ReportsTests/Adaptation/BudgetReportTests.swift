import Architectures
import Results
import Testing

@testable import Reports

struct BudgetReportTests {
    private typealias Samples = BudgetSamples

    private func rows(_ results: [AdaptationResult], names: [String] = Samples.names) -> AdaptationRows {
        AdaptationRows(results, metrics: Samples.metrics, names: names)
    }

    @Test func rowsKnowTheirBudgetAndTheirPart() {
        let rows = rows([Samples.result()])
        #expect(rows.isElastic && rows.budgets.map(\.budget) == ["25%", "50%", "100%"])
        #expect(rows.rows.map(\.name) == Samples.names)
        #expect(rows.rows.prefix(4).map(\.shortName) == ["joint", "narrowing", "scaling", "random-path"])
        #expect(rows.rows.prefix(4).map(\.kind) == [.joint, .control, .control, .control])
        #expect(rows.rows.map(\.budget) == ["25%", "50%", "100%"].flatMap { [$0, $0, $0, $0] } + [nil])
        #expect(rows.weightsOnly?.name == "weights-only" && rows.joint("50%")?.name == "50-percent/joint")
        #expect(rows.controls("100%").map(\.shortName) == ["narrowing", "scaling", "random-path"])
        #expect(rows.rows[0].weights == "25-percent/joint/" && rows.rows[0].latency != nil)
        // Of several seeds, what they cost is a mean, and there is no one file.
        let seeds = self.rows([1, 2, 3].map { Samples.result(seed: $0) })
        #expect(seeds.rows[0].weights.isEmpty && seeds.rows[0].multiplyAdds == rows.rows[0].multiplyAdds)
    }

    @Test func thePageShowsEveryRowOverItsCost() throws {
        let report = Samples.report()
        let content = try #require(XMLContent(page: report.html()))
        for text in [
            "accuracy on test images, read once: at 25%, joint 76.80 %, scaling 74.30 %; at 50%, joint",
            "; the whole network, weights-only, 88.10 %. One seed says little", "budgets of multiply-adds",
            "25%, 50%, 100%", "accuracy over multiply-adds", "accuracy over measured latency",
            "multiply-adds for one image", "milliseconds for one image, with one thread",
            "weights-only, the source's own network", "narrowing", "random-path",
            "50-percent/scaling/",
            "51,234,567", "latency, ms", "validation accuracy, %", "test accuracy, %", "4.18", "43.5",
            "a random path of the adapted supernet", "joint at 50%",
        ] {
            #expect(content.text.contains(text), "\(text)")
        }
        // The drawings per metric have too many rows, and stay away.
        #expect(content.count("svg") == 2 && content.count("table") == 1)
    }

    @Test func pathsOfEveryBudgetAreDrawn() throws {
        var report = Samples.report()
        report.paths = ["25%", "50%"].map { budget in
            var path = AdaptationSamples.path
            path.budget = budget
            return path
        }
        report.networks[0].network.examples = [SampleResults.classes([0, 1, 2], [0, 2, 2], [0.5, 0.75, 1])]
        let html = try report.html()
        #expect(html.contains("What the network 25-percent/joint says of the images."))
        #expect(html.contains("<h2>Architecture at 25%</h2>") && html.contains("<h2>Architecture at 50%</h2>"))
    }

    @Test(arguments: BudgetRequest.Quantity.allCases)
    func theDrawingIsOverWhatTheBudgetsLimit(_ quantity: BudgetRequest.Quantity) throws {
        let plots = CostPlot.all(rows([Samples.result(quantity: quantity)]), budget: Budget())
        #expect(plots.map(\.quantity) == (quantity == .latency ? [.latency] : [quantity, .latency]))
        #expect(plots.map(\.limits.count) == (quantity == .latency ? [3] : [3, 0]))
        for plot in plots {
            #expect(partsOutside(plot.svg) == [])
            let content = try #require(XMLContent(plot.svg.document()))
            // Each row, and a name for the method, three controls and the whole network.
            #expect(content.count("circle") == 13 + 5)
            // The front, and a line for each control.
            #expect(content.count("path") == 4)
            #expect(content.attributes.count { $0["class"]?.hasPrefix("limit") ?? false } == plot.limits.count)
            #expect(content.attributes.count { $0["class"] == "curve tone-accent" } == 1, "the front stands out")
        }
    }

    @Test func namesOfNearLimitsStandSideBySide() throws {
        let point = GroupScatter.Point(PlotPoint(3, 0.5), name: "a")
        let plot = GroupScatter(
            title: "t", horizontal: Axis("cost"), vertical: Axis("accuracy"),
            groups: [.init(name: "a", style: Tone.accent.className, points: [point])],
            limits: [9.0, 9.1, 9.2].map { .init(x: $0, name: "limit \($0)") } + [.init(x: .nan, name: "none")])
        let svg = plot.svg()
        #expect(partsOutside(svg) == [])
        let content = try #require(XMLContent(svg.document()))
        #expect(content.attributes.count { $0["class"]?.hasPrefix("limit") ?? false } == 3)
        let places = zip(content.elements, content.attributes).compactMap { name, attributes -> Double? in
            guard name == "text", attributes["class"]?.hasPrefix("name") ?? false else { return nil }
            return attributes["x"].flatMap { Double($0) }
        }
        let width = TextMeasure.width("limit 9.0", size: 13)
        #expect(places.count == 3 && zip(places, places.dropFirst()).allSatisfy { $1 - $0 > width })
        // Without points there is nothing to limit.
        let empty = GroupScatter(
            title: "t", horizontal: Axis("cost"), vertical: Axis("accuracy"), groups: [],
            limits: [.init(x: 1, name: "limit")]
        ).svg()
        #expect(try #require(XMLContent(empty.document())).text.contains("no values recorded"))
    }

    @Test func oneBudgetOfAnElasticSourceHasBothKindsOfDrawings() throws {
        var report = Samples.report(Samples.single(), names: ["joint", "narrowing", "scaling", "weights-only"])
        report.budget.multiplyAdds = 26_000_000
        let content = try #require(XMLContent(page: report.html()))
        #expect(content.count("svg") == 3 && content.text.contains("budget"))
        #expect(content.text.contains("read once: joint 82.80 %, scaling 80.30 %, weights-only 88.10 %."))
        #expect(content.text.contains("narrowing/") && content.text.contains("latency, ms"))
        let table = AdaptationTable(report.comparison)
        #expect(!table.heads.contains("budget") && table.heads.contains("validation accuracy, %"))
    }

    @Test func theTableHasAColumnForEachFigure() throws {
        let table = AdaptationTable(rows([Samples.result()]))
        #expect(
            table.heads == [
                "row", "budget", "parameters", "multiply-adds", "latency, ms", "validation accuracy, %",
                "test accuracy, %", "epochs", "time",
            ])
        #expect(
            table.cells[1].map(\.text) == [
                "narrowing", "25%", "325,000", "12,808,641", "4.20", "75.0", "74.0", "43.5", "2m30s",
            ])
        #expect(table.cells[12][0] == .init(text: "weights-only", detail: "weights-only/"))
        #expect(table.cells[12][1].text == "–" && table.cells.allSatisfy { $0.count == table.heads.count })
        // Over seeds, with their number.
        let seeds = AdaptationTable(rows([1, 2, 3].map { Samples.result(seed: $0) }), hasSizes: false)
        #expect(seeds.heads[2] == "seeds" && seeds.cells[0][2].text == "3" && seeds.cells[0][6].text.contains("±"))
        #expect(seeds.markdown.split(separator: "\n").count == 2 + 13)
    }

    @Test func theTerminalGroupsRowsByBudget() {
        let result = Samples.result()
        let names = ["25-percent/joint", "25-percent/narrowing", "50-percent/joint", "weights-only"]
        #expect(
            AdaptationText.lines(result, names: names, metrics: Samples.metrics) == [
                "              multiply-adds  parameters  ms    epochs  validation accuracy  test accuracy  ",
                "25%: at most 12,808,641 multiply-adds",
                "  joint       12,616,512     321,278     4.18  43.5    0.7780               0.7680         ",
                "  narrowing   12,808,641     325,000     4.20  43.5    0.7500               0.7400         ",
                "50%: at most 25,617,283 multiply-adds",
                "  joint       25,233,024     685,112     5.41  43.5    0.8380               0.8280         ",
                "weights-only  51,234,567     2,200,000   7.20  43.5    0.8910               0.8810         ",
            ])
        #expect(AdaptationText.rows(result).map(\.0).prefix(2) == ["best path on the source", "path for 25%"])
        #expect(AdaptationText.rows(result)[1].1 == "0 0 2, 2 of 3 choices changed")
        let parameters = AdaptationText.lines(
            Samples.result(quantity: .parameters), names: names, metrics: Samples.metrics)
        #expect(parameters[1] == "25%: at most 550,000 parameters")
        let latency = AdaptationText.lines(Samples.result(quantity: .latency), names: names, metrics: Samples.metrics)
        #expect(latency[1] == "25%: at most 2.00 ms")
    }

    @Test func comparisonsAreMadeWithinEachBudget() throws {
        func section(_ lead: Double, _ seeds: ClosedRange<Int> = 1...4) throws -> TransferComparisonReport.Section {
            let outcomes = seeds.map { seed in
                TransferOutcome(
                    task: "flowers", source: "mobilenet", seed: UInt64(seed), isUnsupervised: false,
                    result: Samples.result(seed: seed, lead: lead + Double(seed % 3) / 500))
            }
            return try #require(.init(outcomes, metrics: Samples.metrics, rows: Samples.names))
        }
        let own = try section(0.03)
        let summary = TransferSummary(sections: [own])
        #expect(summary.rows.count == 9 && summary.rows.allSatisfy { $0.cells.count == summary.heads.count })
        #expect(Array(summary.rows[0].cells.prefix(3)) == ["flowers, supervised", "accuracy", "narrowing at 25%"])
        #expect(summary.rows.allSatisfy { $0.verdict == .better })
        // Each p is that of its pair, corrected for all nine.
        let pair = summary.pairs[0]
        let metric = try #require(Samples.metrics.first)
        let joint = try #require(pair.joint).values(of: metric)
        let other = try #require(pair.other).values(of: metric)
        #expect(pair.difference?.mean == zip(joint, other).map { $0 - $1 }.reduce(0, +) / 4)
        let p = try summary.pairs.map { try #require($0.test?.p) }
        #expect(summary.rows.indices.allSatisfy { summary.rows[$0].cells[6] == MetricFigures.p(p[$0]) })
        #expect(summary.rows[p.firstIndex(of: p.min() ?? 0) ?? 0].cells[7] == MetricFigures.p(9 * (p.min() ?? 0)))
        #expect(own.test == nil && own.isAhead == nil)

        let report = TransferComparisonReport(sources: ["mobilenet"], sections: [own])
        #expect(
            report.verdict
                == "From the source mobilenet, within the same budget, joint is ahead of narrowing in 3 of 3 "
                + "comparisons (3 beyond noise), of scaling in 3 of 3 comparisons (3 beyond noise), of random-path in 3 "
                + "of 3 comparisons (3 beyond noise). In the mean over tasks and budgets, tested over seeds, its lead is "
                + "+3.2 points (p < 0.001) over narrowing, +2.8 points (p < 0.001) over scaling, +5.2 points (p < 0.001) "
                + "over random-path, +2.8 points (p < 0.001) over the better of narrowing and scaling each time.")
        let behind = TransferComparisonReport(sources: ["mobilenet"], sections: [try section(-0.1)])
        #expect(behind.verdict.contains("of scaling in 0 of 3 comparisons (0 beyond noise, behind beyond noise in 3)"))
        let content = try #require(XMLContent(page: report.html()))
        #expect(content.text.contains("Joint against its controls") && content.count("svg") == 1)
        let text = try report.markdown(drawingsIn: "results")
        #expect(text.contains("| flowers, supervised | accuracy | narrowing at 25% |"))
        #expect(try report.drawings().map(\.name) == ["flowers-supervised.svg"])

        let few = TransferSummary(sections: [try section(0.03, 1...2)])
        #expect(few.rows.allSatisfy { $0.verdict == .tooFewSeeds })
        #expect(few.verdict("mobilenet")?.contains("mean") == false)
        // Several tasks are one mean, seed by seed.
        var second = try section(-0.01)
        second.task = "birds"
        let two = try #require(TransferSummary(sections: [own, second]).verdict("mobilenet"))
        #expect(two.contains("its lead is +1.2 points") && two.contains("+0.8 points") && two.contains("3 of 6"))
        // Beside a task without budgets, which is held against weights only.
        let plain = try #require(
            TransferComparisonReport.Section(
                (1...3).map { seed in
                    TransferOutcome(
                        task: "age", source: "mobilenet", seed: seed, isUnsupervised: false,
                        result: AdaptationSamples.result(["joint": [0.8], "weights-only": [0.7]]))
                }, metrics: AdaptationSamples.metrics, rows: ["joint", "weights-only"]))
        let both = TransferSummary(sections: [own, plain])
        #expect(both.rows.count == 10 && both.rows[9].cells[2] == "weights-only")
    }
}
