import Support

extension SearchSpace {
    /// An architecture whose choices are all uniform and independent (Guo et al., "Single Path One-Shot", 2020).
    public func random(using generator: inout SeededGenerator) -> Architecture {
        Architecture(points.map { generator.below($0.candidates.count) })
    }

    /// Two architectures, each uniform by itself, that differ at every choice point (Peng et al., "Pi-NAS", 2021,
    /// section 3.2). A point with a single candidate leaves no choice and is the same in both.
    public func disjointPair(using generator: inout SeededGenerator) -> (Architecture, Architecture) {
        let first = random(using: &generator)
        let second = zip(points, first.choices).map { point, taken in
            let others = point.candidates.count - 1
            return others == 0 ? taken : (taken + 1 + generator.below(others)) % point.candidates.count
        }
        return (first, Architecture(second))
    }

    /// A round of as many architectures as the widest choice point has candidates, in which every candidate of such a
    /// point stands exactly once (strict fairness: Chu et al., "FairNAS", 2021, algorithm 1). Narrower points go
    /// through their candidates as evenly as they can.
    public func fairRound(using generator: inout SeededGenerator) -> [Architecture] {
        let rows = points.map(\.candidates.count).max() ?? 0
        let columns = points.map { point -> [Int] in
            var column: [Int] = []
            while column.count < rows { column += generator.permutation(point.candidates.count) }
            return Array(column.prefix(rows))
        }
        return (0..<rows).map { row in Architecture(columns.map { $0[row] }) }
    }

    /// The architecture with one choice point, drawn uniformly among those that leave a choice, changed to another
    /// candidate (Real et al., "Regularized Evolution", 2019). A space without any choice gives back what came in.
    public func mutated(_ parent: Architecture, using generator: inout SeededGenerator) -> Architecture {
        let open = points.indices.filter { points[$0].candidates.count > 1 }
        guard !open.isEmpty else { return parent }
        let point = open[generator.below(open.count)]
        let count = points[point].candidates.count
        return parent.replacing(point, with: (parent[point] + 1 + generator.below(count - 1)) % count)
    }

    /// The architecture with each choice point redrawn with the given probability (Guo et al., 2020, section 3.4); the
    /// new candidate may be the old one.
    public func mutated(
        _ parent: Architecture, probability: Double, using generator: inout SeededGenerator
    ) -> Architecture {
        Architecture(
            zip(points, parent.choices).map { point, choice in
                generator.chance(probability) ? generator.below(point.candidates.count) : choice
            })
    }

    /// An architecture that takes every choice from one of two parents, each as likely (uniform crossover).
    public func crossed(
        _ a: Architecture, _ b: Architecture, using generator: inout SeededGenerator
    ) -> Architecture {
        Architecture(zip(a.choices, b.choices).map { generator.chance(0.5) ? $0 : $1 })
    }
}
