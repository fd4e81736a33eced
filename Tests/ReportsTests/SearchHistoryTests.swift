import Archives
import Support
import Testing

@testable import Reports

struct SearchHistoryTests {
    static func entry(
        _ architecture: String, _ score: Double, parameters: Int, multiplyAdds: Int, round: Int = 0
    ) -> ArchiveEntry {
        ArchiveEntry(
            architecture: architecture, score: score,
            costs: ["parameters": Double(parameters), "multiplyAdds": Double(multiplyAdds)], policy: "none", seed: 1,
            round: round, seconds: 1)
    }

    private func history(_ scores: [Double], chosen: Int? = nil) -> SearchHistory {
        SearchHistory(
            entries: scores.enumerated().map {
                Self.entry("\($0)", $1, parameters: 100 + $0, multiplyAdds: 1000 + 10 * $0)
            }, chosen: chosen.map(String.init))
    }

    @Test func theRankingHasEachArchitectureOnceWithItsBestScore() {
        var history = history([0.5, 0.9, .nan, 0.7, 0.9])
        history.entries[3].architecture = "1"
        history.entries[4].architecture = "0"
        #expect(history.ranking() == [1, 4])
        #expect(self.history([0.1, 0.3, 0.2]).ranking() == [1, 2, 0])
        #expect(SearchHistory().ranking().isEmpty)
    }

    /// The line's corners, from its path.
    private func corners(_ content: XMLContent) -> [PlotPoint] {
        let path = content.attributes.compactMap { $0["d"] }.last ?? ""
        return path.split { "ML".contains($0) }.map { pair in
            let values = pair.split(separator: " ").compactMap { Double($0) }
            return PlotPoint(values[0], values[1])
        }
    }

    @Test func theBestSoFarNeverFallsAndNoDotLiesAboveIt() throws {
        var generator = SeededGenerator(seed: 5)
        let history = history((0..<60).map { _ in generator.uniform() })
        let svg = SearchProgressChart(history: history, width: 470, height: 400).svg()
        let content = try #require(XMLContent(svg.document()))
        let corners = corners(content)
        for (first, second) in zip(corners, corners.dropFirst()) {
            #expect(first.x == second.x || first.y == second.y)
            #expect(second.x >= first.x && second.y <= first.y)
        }
        let dots = content.attributes.compactMap { attributes -> PlotPoint? in
            guard let x = attributes["cx"].flatMap(Double.init), let y = attributes["cy"].flatMap(Double.init) else {
                return nil
            }
            return PlotPoint(x, y)
        }
        #expect(dots.count == 60)
        for dot in dots {
            let height = try #require(corners.last { $0.x <= dot.x + 1e-6 }).y
            #expect(dot.y >= height - 1e-6)
        }
        #expect(content.text.contains("best"))
    }

    @Test func phasesHaveTheirNamesAndEverySecondABand() throws {
        var history = history((0..<60).map { Double($0) / 60 }, chosen: 59)
        history.strategy = "evo<l>ution"
        for place in 20..<60 { history.entries[place].round = 1 + place / 10 }
        #expect(history.phases == [.init(name: "random", count: 20), .init(name: "evo<l>ution", count: 40)])
        let svg = SearchProgressChart(history: history, width: 470, height: 400).svg()
        let content = try #require(XMLContent(svg.document()))
        #expect(content.count("rect") == 1)
        #expect(content.text.contains("evo<l>ution") && content.text.contains("Bands: random, evo<l>ution."))
        #expect(content.attributes.count { $0["class"] == "ring \(Tone.alert.className)" } == 1)
    }

    @Test func scoresWithoutAPlaceAreLeftOutWithANote() throws {
        for (scores, note) in [
            ([Double.nan], "1 value is left out"), ([0.5, .infinity, .nan], "2 values are left out"),
        ] {
            let svg = SearchProgressChart(history: history(scores, chosen: 0), width: 470, height: 400).svg()
            let content = try #require(XMLContent(svg.document()))
            #expect(content.text.contains(note))
            #expect(!content.attributes.contains { $0["cy"] == "nan" || $0["cx"] == "nan" })
        }
    }

    @Test func sharesEndAtOneAndOtherScoresDoNot() {
        #expect(history([0.99, .nan]).scoreAxis.limits == 0...1)
        #expect(history([1.5]).scoreAxis.limits == nil)
        var rewards = history([0.5])
        rewards.scoreFormat = .number
        #expect(rewards.scoreAxis.limits == nil)
    }

    @Test func costsFarApartStandOnALogarithmicAxis() {
        var history = history([0.1, 0.2])
        #expect(SearchSection(history: history).scatter.horizontal.kind == .linear)
        history.entries[1].costs["multiplyAdds"] = 20_000
        #expect(SearchSection(history: history).scatter.horizontal.kind == .logarithmic)
        history.entries[0].costs["multiplyAdds"] = 0
        #expect(SearchSection(history: history).scatter.horizontal.kind == .linear)
    }

    @Test(arguments: [
        (0.0, "0", "none"), (0.183, "0.18", "weak"), (-0.412, "−0.41", "moderate, reversed"), (0.5, "0.50", "strong"),
        (1, "1.00", "very strong"), (-0.001, "0", "none"),
    ]) func correlationsAreFiguresAndWords(_ tau: Double, _ figure: String, _ words: String) {
        let correlation = RankCorrelation(name: "Parameters", tau: tau)
        #expect(correlation.figure == figure && correlation.words == words)
    }
}
