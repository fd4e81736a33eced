import Architectures
import Datasets
import Experiments
import Foundation
import Metrics

/// A small fact for the header of a page, such as the number of parameters.
struct Fact: Equatable {
    /// The name of the fact, such as `parameters`.
    let name: String
    /// The value as it is to be read, with its unit.
    let value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

    /// What a network costs.
    static func cost(_ cost: Cost) -> [Fact] {
        [
            Fact("parameters", NumberText.grouped(cost.parameters)),
            Fact("multiply-adds", NumberText.grouped(cost.multiplyAdds)),
        ]
    }

    /// The fact of the images that could not be read; empty if all could.
    static func leftOut(_ images: [UnreadableImages.Entry]?) -> [Fact] {
        guard let images, !images.isEmpty else { return [] }
        return [Fact("left out", images.words)]
    }
}

extension [UnreadableImages.Entry] {
    /// The number of images that could not be read, in words.
    public var words: String { count == 1 ? "1 unreadable image" : "\(NumberText.grouped(count)) unreadable images" }
}

/// The duration of a part of a run.
struct Timing: Equatable {
    /// The name of the part, such as `Search`.
    let name: String
    /// Seconds on the clock.
    let seconds: Double

    init(_ name: String, seconds: Double) { (self.name, self.seconds) = (name, seconds) }
}

/// Title, main figure and facts: the top of any report.
struct ReportHeader {
    /// The main figure: a share of right answers.
    struct Score: Equatable {
        /// The name of the score, such as `Test accuracy`.
        let name: String
        /// The number of right answers.
        let correct: Int
        /// The number of answers.
        let count: Int
    }

    let title: String
    var subtitle = ""
    var score: Score?
    var facts: [Fact] = []
    /// The finding in a sentence or two; empty for none.
    var statement = ""
    /// Reservations that a reader should know before believing the statement.
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

    /// Title, subtitle and statement as blocks of text for GitHub.
    var markdown: [String] {
        var blocks = ["# \(MarkdownText.escaped(title))"]
        if !subtitle.isEmpty { blocks.append(MarkdownText.escaped(subtitle)) }
        if !statement.isEmpty { blocks.append("**\(MarkdownText.escaped(statement))**") }
        return blocks
    }

    /// Everything in the score that cannot be shown.
    var problems: [String] {
        guard let score, score.count < 0 || !(0...max(0, score.count)).contains(score.correct) else { return [] }
        return ["the score is \(score.correct) right of \(score.count)"]
    }

    /// The score with as many decimals as its interval allows; nil if nothing was scored.
    private static func figure(_ score: Score) -> Markup? {
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

/// The end of any report: how it came to be.
struct ReportFooter {
    /// The command line that made the report; empty if it is not known.
    let command: String
    /// The resolved configuration; empty if it is not known.
    var configuration = ""

    /// The footer; nil if neither is known.
    var markup: Markup? {
        var content: [Markup] = []
        if !command.isEmpty {
            content.append(Markup("h3", text: "Made by"))
            content.append(Markup("pre", ["class": "command"], [Markup("code", text: command)]))
        }
        if !configuration.isEmpty {
            let text = Markup("pre", [:], [Markup("code", text: configuration)])
            content.append(Markup("details", [:], [Markup("summary", text: "Resolved configuration"), text]))
        }
        return content.isEmpty ? nil : Markup("footer", [:], content)
    }
}

/// The time that each part of a run took, as one bar in parts.
struct TimingSection {
    let timings: [Timing]

    /// More than a thousand years.
    static let mostSeconds = 1e11

    /// Every duration that cannot be shown.
    var problems: [String] {
        timings.filter { !(0...Self.mostSeconds).contains($0.seconds) }.map { "\($0.name) took \($0.seconds) seconds" }
    }

    /// The section; nil if nothing took time.
    var markup: Markup? {
        let total = timings.reduce(0) { $0 + $1.seconds }
        guard total > 0 else { return nil }
        let parts = timings.enumerated().filter { $0.element.seconds > 0 }
        let words = timings.map { "\($0.name) \(Quantity.duration($0.seconds))" }
        let bar = Markup(
            "div", ["class": "stacked", "role": "img", "aria-label": words.joined(separator: ", ")],
            parts.map { index, timing in
                let style = "flex-grow:\(NumberText.coordinate(timing.seconds / total * 1000))"
                let hint = "\(timing.name): \(Quantity.duration(timing.seconds))"
                return Markup("span", ["class": ChoiceColour.className(index), "style": style, "title": hint])
            })
        let legend = timings.enumerated().map { index, timing in
            let share = Markup("span", ["class": "share"], text: Self.percent(timing.seconds / total))
            return Markup(
                "div", ["class": ChoiceColour.className(index)],
                [
                    Markup("dt", text: timing.name),
                    Markup("dd", [:], [.text(Quantity.duration(timing.seconds)), share]),
                ])
        }
        let lead = "\(Quantity.duration(total)) in all."
        return Page.section("Time", lead: lead, [bar, Markup("dl", ["class": "parts"], legend)])
    }

    /// A share in whole percents; what took any time is never rounded to none.
    private static func percent(_ share: Double) -> String {
        share > 0 && share < 0.005
            ? "< \(NumberText.percent(0.01, decimals: 0))" : NumberText.percent(share, decimals: 0)
    }
}
