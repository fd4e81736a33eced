import Architectures
import Experiments
import Foundation
import Networks
import Results
import Tasks
import Workflows

/// What an adaptation will do, as names and values that are printed before it starts.
struct AdaptationPlan {
    let adaptation: Adaptation
    let estimate: AdaptationEstimate

    private var options: AdaptationConfiguration { adaptation.options }
    private var isElastic: Bool { adaptation.supernet.isElastic }

    /// The rows of the plan.
    ///
    /// - Throws: what computing costs throws.
    func rows() throws -> [(String, String)] {
        let data = adaptation.task.data
        func count(_ images: Int?) -> String { Console.grouped(images ?? 0) }
        let name = SourceNetwork.name(of: options.source) + (isElastic ? ", elastic" : "")
        let target =
            "\(options.task.name) on \(options.data.sourceWords): \(count(data.train.count)) images to learn from, "
            + "\(count(data.validation?.count)) to choose by, \(count(data.test?.count)) to test"
        let time =
            "about \(Quantity.duration(estimate.total)), of which the method itself takes "
            + Quantity.duration(estimate.method)
        var rows = [("adaptation", adaptation.path), ("source", "\(name), best path \(adaptation.sourcePath)")]
        if isElastic { rows.append(("space", try space())) }
        rows += [("target", target), ("supernet", supernet)]
        if !options.search.budgets.isEmpty { rows.append(("budgets", try budgets())) }
        return rows + [("search", search), ("network", network), ("controls", controls), ("time", time)]
    }

    /// The number of networks, and what they cost.
    private func space() throws -> String {
        let costs = try adaptation.costs()
        func text(_ architecture: Architecture) -> String {
            let cost = costs.cost(of: architecture)
            return
                "\(Console.grouped(cost.multiplyAdds)) multiply-adds and \(Console.grouped(cost.parameters)) parameters"
        }
        let count = adaptation.supernet.distinctPaths
        let number = count < 1e6 ? Console.grouped(Int(count)) : String(format: "%.2g", count)
        return "\(number) paths, from \(text(costs.cheapest { Double($0.multiplyAdds) })) to "
            + text(costs.cheapest { -Double($0.multiplyAdds) })
    }

    private var supernet: String {
        if adaptation.isUnsupervised { return "stays as it is" }
        let epochs = "\(options.supernet.epochs) \(options.supernet.epochs == 1 ? "epoch" : "epochs")"
        guard isElastic else {
            return options.departure < 1
                ? "\(epochs) on paths around the source's own, of whose choices each departs with a probability of "
                    + String(format: "%g", options.departure)
                : "\(epochs) on random paths"
        }
        func paths(_ count: Int) -> String { "\(count) random \(count == 1 ? "path" : "paths")" }
        let others =
            options.search.isLimited
            ? paths(options.randomPaths + 1) + " within the budget" + (options.search.budgets.count > 1 ? "s" : "")
            : "the smallest" + (options.randomPaths == 0 ? "" : " and " + paths(options.randomPaths))
        let alone = options.teacherEpochs == 0 ? "" : ", after \(options.teacherEpochs) more in which it learns alone"
        return "\(epochs) by the sandwich rule: in each step the largest path learns from the labels, \(others) "
            + "from its outputs\(alone)"
    }

    /// The budgets with their limits, where these are known before latencies are measured.
    private func budgets() throws -> String {
        let costs = try adaptation.costs()
        let requests = options.search.budgetRequests
        let groups = try BudgetRequest.Quantity.allCases.compactMap { quantity -> String? in
            let limits = try requests.filter { $0.quantity == quantity }.map { request in
                guard quantity != .latency else { return request.text }
                let budget = try request.budget(costs: costs, latencies: nil)
                return "\(Console.grouped(budget.parameters ?? budget.multiplyAdds ?? 0)) (\(request.text))"
            }
            guard !limits.isEmpty else { return nil }
            let name =
                switch quantity {
                case .parameters: "parameters"
                case .multiplyAdds: "multiply-adds"
                case .latency: "for one image with one thread"
                }
            return "at most \(limits.joined(separator: ", ")) \(name)"
        }
        return groups.joined(separator: "; ")
    }

    private var search: String {
        "\(Console.grouped(options.search.evaluations)) paths"
            + (options.search.budgets.count > 1 ? " for each budget" : "")
            + " by \(options.search.strategy.rawValue) and "
            + (adaptation.isUnsupervised ? "linear evaluation" : "a shared head")
            + " on \(Console.grouped(adaptation.rankedImages)) images"
    }

    private var network: String {
        let epochs = "\(options.finetune.epochs) \(options.finetune.epochs == 1 ? "epoch" : "epochs")"
        let best =
            (options.caution > 0
                ? "the \(isElastic ? "largest" : "closest to the source's path") within \(options.margin) of the best"
                : "the best")
            + (options.search.budgets.count > 1 ? " within each budget" : "")
        return "\(best): \(epochs) from the weights that it was ranked with" + lesson
    }

    /// What a network of an elastic source learns from.
    private var lesson: String {
        guard isElastic, !adaptation.isUnsupervised else { return "" }
        let share = options.distillation
        if share == 0 { return ", from the labels" }
        let outputs = "the outputs of the supernet's largest path"
        if share == 1 { return ", from \(outputs) in place of the labels" }
        func percent(_ share: Double) -> String { String(format: "%g%%", 100 * share) }
        return ", by \(percent(share)) from \(outputs) and by \(percent(1 - share)) from the labels"
    }

    private var controls: String {
        let rows = adaptation.rows
        guard !options.search.budgets.isEmpty else {
            return rows.count == 1 ? "none" : rows.dropFirst().joined(separator: ", ")
        }
        let kept = options.controls.filter(\.keepsBudget).map(\.rawValue)
        let others = rows.filter { row in !options.search.budgetRequests.contains { row.hasPrefix($0.name + "/") } }
        let parts = [
            kept.isEmpty ? nil : "\(kept.joined(separator: ", ")) for each budget",
            others.isEmpty ? nil : "\(others.joined(separator: ", ")) once",
        ].compactMap(\.self)
        return parts.isEmpty ? "none" : parts.joined(separator: "; ")
    }
}
