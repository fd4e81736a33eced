import Foundation
import Metrics

/// Title, main figure and facts: the top of any report.
struct ReportHeader {
    let title: String
    let subtitle: String
    let score: TrainingReport.Score?
    let facts: [TrainingReport.Fact]
    /// What was found, in a sentence or two; empty for none.
    var statement = ""
    /// What a reader should know before believing the statement.
    var warnings: [String] = []
    /// Whether the statement stands in a box.
    var isBoxed = false

    var markup: Markup {
        var content = [Markup("h1", text: title)]
        if !subtitle.isEmpty { content.append(Markup("p", ["class": "subtitle"], text: subtitle)) }
        if let score, let figure = Self.figure(score) { content.append(figure) }
        if !statement.isEmpty {
            content.append(Markup("p", ["class": isBoxed ? "statement boxed" : "statement"], text: statement))
        }
        if !warnings.isEmpty {
            content.append(Markup("ul", ["class": "warnings"], warnings.map { Markup("li", text: $0) }))
        }
        if !facts.isEmpty {
            let entries = facts.map { Markup("div", [:], [Markup("dt", text: $0.name), Markup("dd", text: $0.value)]) }
            content.append(Markup("dl", ["class": "facts"], entries))
        }
        return Markup("header", [:], content)
    }

    /// The same as blocks of text for GitHub, without the score.
    var markdown: [String] {
        var blocks = ["# \(MarkdownText.escaped(title))"]
        if !subtitle.isEmpty { blocks.append(MarkdownText.escaped(subtitle)) }
        if !statement.isEmpty { blocks.append("**\(MarkdownText.escaped(statement))**") }
        if !warnings.isEmpty {
            blocks.append(warnings.map { "- \(MarkdownText.escaped($0))" }.joined(separator: "\n"))
        }
        if !facts.isEmpty {
            let lines = facts.map { "- \(MarkdownText.escaped($0.name)): \(MarkdownText.escaped($0.value))" }
            blocks.append(lines.joined(separator: "\n"))
        }
        return blocks
    }

    /// What in it cannot be shown.
    var problems: [String] {
        guard let score, score.count < 0 || !(0...max(0, score.count)).contains(score.correct) else { return [] }
        return ["the score is \(score.correct) right of \(score.count)"]
    }

    /// With as many decimals as the interval allows; nil if nothing was scored.
    private static func figure(_ score: TrainingReport.Score) -> Markup? {
        guard let interval = WilsonInterval(successes: score.correct, of: score.count) else { return nil }
        let half = (interval.upper - interval.lower) / 2 * 100
        let decimals = half > 5 ? 0 : Int(min(3, max(1, (-log10(half)).rounded(.up))))
        let share = Double(score.correct) / Double(score.count)
        func text(_ share: Double) -> String { NumberText.percent(share, decimals: decimals) }
        let range = "95\(NumberText.space)% Wilson interval \(text(interval.lower)) to \(text(interval.upper))"
        return Markup(
            "div", ["class": "score"],
            [
                Markup("div", ["class": "figure"], text: text(share)),
                Markup(
                    "div", [:],
                    [
                        Markup("div", ["class": "name"], text: score.name),
                        Markup("div", ["class": "interval"], text: range),
                        Markup(
                            "div", ["class": "interval"],
                            text: "\(NumberText.grouped(score.correct)) of \(NumberText.grouped(score.count))"),
                    ]),
            ])
    }
}
