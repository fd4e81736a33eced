import Support

/// A budget as a person writes it: `25%` of what the most expensive architecture has, or an amount such as `48M` or
/// `3.5`.
public struct BudgetRequest: Hashable, Sendable, CustomStringConvertible {
    /// What is limited.
    public enum Quantity: String, Hashable, Sendable, Codable, CaseIterable {
        /// The learned parameters.
        case parameters = "params"
        /// The multiply-adds for one image.
        case multiplyAdds = "macs"
        /// The milliseconds for one image or batch, as the latency table predicts them.
        case latency
    }

    /// The limit.
    public enum Limit: Hashable, Sendable {
        /// A share of what the most expensive architecture has, above 0 and at most 1.
        case share(Double)
        /// An amount: parameters, multiply-adds or milliseconds.
        case amount(Double)
    }

    /// What is limited.
    public let quantity: Quantity
    /// The limit.
    public let limit: Limit
    /// The budget as it was written.
    public let text: String

    /// Reads a budget; nil for a text that is none, a share that is not above 0 and at most 100 %, or an amount that is
    /// not above 0.
    ///
    /// - Parameters:
    ///   - text: a percentage such as `25%`, or a number, with `k`, `M` or `G` behind it for thousands, millions and
    ///     thousands of millions, or `ms` for milliseconds; behind it may stand what is limited: `30% latency`.
    ///   - usual: what is limited where the text does not say so.
    public init?(_ text: String, of usual: Quantity) {
        let words = text.split(separator: " ")
        let named = words.count > 1 ? words.last.flatMap { Quantity(rawValue: String($0)) } : nil
        let quantity = named ?? usual
        let bare = words.dropLast(named == nil ? 0 : 1).joined()
        func number(_ digits: Substring) -> Double? {
            Double(digits).flatMap { $0.isFinite && $0 > 0 && !digits.contains { "xXpPnN".contains($0) } ? $0 : nil }
        }
        if bare.hasSuffix("%") {
            guard let percent = number(bare.dropLast()), percent <= 100 else { return nil }
            limit = .share(percent / 100)
        } else if quantity == .latency {
            guard let amount = number(bare.hasSuffix("ms") ? bare.dropLast(2) : bare[...]) else { return nil }
            limit = .amount(amount)
        } else {
            let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "g": 1e9]
            let unit = bare.last.flatMap { units[$0] }
            guard let amount = number(unit == nil ? bare[...] : bare.dropLast()), amount * (unit ?? 1) < 0x1p53 else {
                return nil
            }
            limit = .amount((amount * (unit ?? 1)).rounded())
        }
        self.text = named.map { "\(bare) \($0.rawValue)" } ?? bare
        self.quantity = quantity
    }

    /// The budget as it was written.
    public var description: String { text }

    /// The name of the budget's folder.
    public var name: String {
        let amount = String(text.prefix { $0 != " " }).replacing("%", with: "-percent")
        return quantity == .latency || text.contains(" ") ? "\(amount)-\(quantity.rawValue)" : amount
    }

    /// The limits that the budget sets.
    ///
    /// - Parameters:
    ///   - costs: the costs of the space.
    ///   - latencies: the predicted times of the space; needed where the latency is limited.
    /// - Throws: `SpaceError.impossibleBudget` if latencies are needed and missing.
    public func budget(costs: CostTable, latencies: LatencyTable?) throws -> Budget {
        var budget = Budget()
        switch quantity {
        case .parameters: budget.parameters = Int(amount(of: costs.sum.map { Double($0.parameters) }))
        case .multiplyAdds: budget.multiplyAdds = Int(amount(of: costs.sum.map { Double($0.multiplyAdds) }))
        case .latency:
            guard let latencies else {
                throw SpaceError.impossibleBudget(["a limit on the latency needs latencies that were measured"])
            }
            budget.latency = amount(of: latencies.sum)
        }
        return budget
    }

    private func amount(of sum: ChoiceSum<Double>) -> Double {
        switch limit {
        case .share(let share): share * sum.value(of: sum.map { -$0 }.least())
        case .amount(let amount): amount
        }
    }
}
