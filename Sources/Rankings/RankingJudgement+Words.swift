import Foundation
import Metrics

extension RankingJudgement {
    /// The comparison in one or two sentences.
    ///
    /// - Parameters:
    ///   - supernet: nil where only trivial rankings were judged.
    ///   - best: the best trivial ranking.
    ///   - margin: tau of the supernet less that of the best trivial one.
    static func verdict(supernet: JudgedRanker?, best: JudgedRanker, margin: Interval?) -> String {
        let rival = best.kind == .random ? "a random order" : best.name
        guard let supernet else {
            return "No supernet was judged: the best trivial ranking is \(rival) (tau \(number(best.tau)))."
        }
        guard let margin else {
            return "The supernet cannot be compared with \(rival): too few values differ to rank by in most resamples."
        }
        let ranking = supernet.name == "supernet" ? "The supernet's ranking" : "The ranking by \(supernet.name)"
        let subject = "\(ranking) (tau \(number(supernet.tau)))"
        let object = "the best trivial one, \(rival) (\(number(best.tau)))"
        let difference =
            "the difference is \(number(margin.value)) (\(number(margin.low)) to \(number(margin.high)))."
        if margin.low > 0 { return "\(subject) is better than \(object), beyond noise: \(difference)" }
        if margin.high < 0 {
            return "\(subject) is worse than \(object), beyond noise: \(difference) "
                + (best.kind == .random ? "A random order does better." : "Ranking by \(rival) does better.")
        }
        return "\(subject) is not better than \(object) beyond noise: \(difference) "
            + (best.kind == .random ? "A random order would do as well." : "Ranking by \(rival) would do as well.")
    }

    /// What a reader should know before believing the verdict.
    static func warnings(predictors: [JudgedRanker], truth: SeededTruth) -> [String] {
        var warnings: [String] = []
        if truth.count < fewArchitectures {
            warnings.append("from \(truth.count) architectures only: read the interval")
        }
        if truth.commonSeeds < 2 {
            warnings.append("the truth has one seed for some architectures: there is no noise ceiling to compare with")
        }
        for predictor in predictors where predictor.quality.regret == nil {
            warnings.append("\(predictor.name) is the same for all architectures and ranks nothing")
        }
        return warnings
    }

    /// Two decimals, without a sign before zero.
    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text == "-0.00" ? "0.00" : text
    }
}
