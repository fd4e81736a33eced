import Architectures
import Results

@testable import Reports

/// The result of an adaptation from an elastic source within several budgets, as it may be.
enum BudgetSamples {
    static let metrics = [Metric.accuracy]
    static let whole = 51_234_567.0

    static var names: [String] {
        ["25-percent", "50-percent", "100-percent"].flatMap { folder in
            ["joint", "narrowing", "scaling", "random-path"].map { "\(folder)/\($0)" }
        } + ["weights-only"]
    }

    /// The result of a seed, of which accuracies depend a little.
    ///
    /// - Parameters:
    ///   - seed: the seed.
    ///   - quantity: what the budgets limit.
    ///   - lead: how far the method is ahead of its controls.
    static func result(
        seed: Int = 1, quantity: BudgetRequest.Quantity = .multiplyAdds, lead: Double = 0.03
    ) -> AdaptationResult {
        var outcomes: [String: NetworkResult] = [:]
        var latencies: [String: Double] = [:]
        var budgets: [AdaptationResult.FoundForBudget] = []
        func add(_ name: String, _ share: Double, _ accuracy: Double) {
            let noise = Double((seed * 7 + name.count * 3) % 5 - 2) / 1000
            func score(_ value: Double) -> Score { Score(value, standardError: nil, metrics: ["accuracy": value]) }
            outcomes[name] = NetworkResult(
                architecture: name.hasSuffix("joint") ? Architecture([0, 2, 2]) : nil,
                cost: Cost(
                    parameters: Int(200_000 + 2_000_000 * share * share), multiplyAdds: Int(whole * share)),
                steps: 100, epochs: 43.5, seconds: 100 + 200 * share, validation: score(accuracy + noise + 0.01),
                test: score(accuracy + noise))
            latencies[name] = 1.2 + 6 * share.squareRoot()
        }
        for (index, percent) in [25, 50, 100].enumerated() {
            let (share, folder) = (Double(percent) / 100, "\(percent)-percent")
            let base = 0.74 + 0.06 * Double(index)
            add("\(folder)/joint", share * 0.985, base + lead)
            add("\(folder)/narrowing", share, base)
            add("\(folder)/scaling", share * 0.96, base + 0.004)
            add("\(folder)/random-path", share * 0.93, base - 0.02)
            let limit: Double =
                switch quantity {
                case .multiplyAdds: whole * share
                case .parameters: 2_200_000 * share
                case .latency: 8 * share
                }
            budgets.append(
                .init(
                    budget: "\(percent)%", folder: folder, quantity: quantity.rawValue, limit: limit.rounded(.down),
                    path: Architecture([0, index, 2])))
        }
        add("weights-only", 1, 0.88)
        return AdaptationResult(
            sourcePath: Architecture([3, 1, 2]), sourceCandidates: [], path: Architecture([0, 0, 2]), candidates: [],
            evaluations: 300, outcomes: outcomes, leftOut: nil, budgets: budgets, latencies: latencies)
    }

    /// What the same gives where there is one budget.
    static func single() -> AdaptationResult {
        var result = result()
        let prefix = "50-percent/"
        func renamed<Value>(_ values: [String: Value]) -> [String: Value] {
            Dictionary(
                uniqueKeysWithValues: values.filter { $0.key.hasPrefix(prefix) || !$0.key.contains("/") }.map {
                    ($0.key.replacing(prefix, with: ""), $0.value)
                })
        }
        (result.outcomes, result.budgets) = (renamed(result.outcomes), nil)
        result.latencies = result.latencies.map(renamed)
        return result
    }

    static func report(_ result: AdaptationResult = result(), names: [String] = names) -> AdaptationReport {
        let networks = names.compactMap { name in
            result.outcomes[name].map { (name: name, network: TrainedNetwork($0, metrics: metrics)) }
        }
        return AdaptationReport(
            result, networks: networks, title: "classification on flowers",
            subtitle: "from mobilenet-v2, 2,040 images to learn from", isUnsupervised: false,
            command: "supernet adapt --source mobilenet-v2 --data flowers --budgets 25%,50%,100%",
            configuration: "seed: 1\n")
    }
}
