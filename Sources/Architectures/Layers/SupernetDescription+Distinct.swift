extension SupernetDescription {
    /// The number of distinct networks that the architectures of the space are. A choice that lies within a candidate
    /// counts only where that candidate is taken: of a stage that runs its first two blocks, it does not matter what
    /// the third one is. Where no choice lies within a candidate this is the size of the space.
    ///
    /// It is exact up to the precision of `Double`. Only where choices lie within those of others in such a tangle that
    /// it would take long to tell all cases apart, choices of that tangle count whether they matter or not.
    public var distinctPaths: Double {
        var places: [Int: Set<Set<CandidateReference>>] = [:]
        let positions = positions
        backbone.visitPlaces(of: positions) { point, conditions in
            // Two candidates of one choice point are never taken together.
            guard Set(conditions.map(\.point)).count == conditions.count else { return }
            places[point, default: []].insert(conditions)
        }
        return ChoiceTangle(counts: space.points.map(\.candidates.count)).count(places).value
    }
}

/// Choices that matter only where certain candidates of other choices are taken.
private struct ChoiceTangle {
    /// For each choice point that may matter, the places where it stands: the candidates that must all be taken for an
    /// architecture to have the place.
    typealias Places = [Int: Set<Set<CandidateReference>>]

    /// The number of candidates of each choice point.
    let counts: [Int]

    /// The most work for one tangle: cases that are told apart, times the choices that are left in each.
    private static let mostWork = 100_000
    /// The most choices that are made one within another; each takes a part of the stack.
    private static let deepest = 256

    /// The number of ways in which the choices can be made that matter.
    func count(_ places: Places) -> PathCount {
        tangles(in: places).reduce(PathCount(1)) { product, tangle in
            var patience = Self.mostWork
            return product * (count(tangle, &patience, depth: 0) ?? .product(tangle.keys.map { counts[$0] }))
        }
    }

    /// The number of ways for choices that depend on each other; nil if patience ends before.
    private func count(_ tangle: Places, _ patience: inout Int, depth: Int) -> PathCount? {
        guard tangle.count > 1 else { return .product(tangle.keys.map { counts[$0] }) }
        guard depth < Self.deepest else { return nil }
        let references = Set(tangle.values.joined().joined())
        // A choice that matters in any case and decides of others: the outermost around any of them does.
        let deciding = Dictionary(grouping: references, by: \.point).filter { tangle[$0.key]?.contains([]) ?? false }
        guard let (point, named) = deciding.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else {
            return nil
        }
        var rest = tangle
        rest[point] = nil
        var sum = PathCount(0)
        // All candidates within which nothing is chosen leave the same.
        let others = counts[point] - named.count
        for (taken, times) in named.map({ (Optional($0), 1) }) + (others > 0 ? [(nil, others)] : []) {
            patience -= tangle.count
            guard patience > 0 else { return nil }
            var product = PathCount(times)
            for part in tangles(in: Self.places(rest, afterTaking: taken, at: point)) {
                guard let count = count(part, &patience, depth: depth + 1) else { return nil }
                product = product * count
            }
            sum = sum + product
        }
        return sum
    }

    /// What matters, and where, once a candidate of a choice point is taken; nil for one that nothing depends on.
    private static func places(_ places: Places, afterTaking taken: CandidateReference?, at point: Int) -> Places {
        places.compactMapValues { conditions in
            let left = conditions.compactMap { all -> Set<CandidateReference>? in
                guard let own = all.first(where: { $0.point == point }) else { return all }
                return own == taken ? all.subtracting([own]) : nil
            }
            return left.isEmpty ? nil : left.contains([]) ? [[]] : Set(left)
        }
    }

    /// The choice points in groups that do not depend on each other.
    private func tangles(in places: Places) -> [Places] {
        var parents = Dictionary(uniqueKeysWithValues: places.keys.map { ($0, $0) })
        func root(_ point: Int) -> Int {
            var point = point
            while let parent = parents[point], parent != point {
                parents[point] = parents[parent]
                point = parent
            }
            return point
        }
        for (point, conditions) in places where !conditions.contains([]) {
            for reference in conditions.joined() where parents[reference.point] != nil {
                let (outer, own) = (root(reference.point), root(point))
                parents[outer] = own
            }
        }
        var groups: [Int: Places] = [:]
        for (point, conditions) in places {
            groups[root(point), default: [:]][point] = conditions.contains([]) ? [[]] : conditions
        }
        return Array(groups.values)
    }
}

extension Layer {
    /// Calls `body` for every place where a choice stands, with its choice point and the candidates that an
    /// architecture must take to have the place.
    fileprivate func visitPlaces(
        of points: [String: Int], within conditions: Set<CandidateReference> = [],
        _ body: (_ point: Int, _ conditions: Set<CandidateReference>) -> Void
    ) {
        switch self {
        case .choice(let choice):
            guard let point = points[choice.point] else { return }
            body(point, conditions.filter { $0.point != point })
            for (position, candidate) in choice.candidates.enumerated() {
                candidate.layer.visitPlaces(
                    of: points,
                    within: conditions.union([CandidateReference(point: point, candidate: position)]), body)
            }
        case .sequence(let parts), .join(let parts):
            for part in parts { part.layer.visitPlaces(of: points, within: conditions, body) }
        case .residual(let inner, let shortcut, _):
            inner.visitPlaces(of: points, within: conditions, body)
            shortcut?.layer.visitPlaces(of: points, within: conditions, body)
        case .gate(let inner), .global(let inner): inner.visitPlaces(of: points, within: conditions, body)
        case .cell(let edges):
            for edge in edges { edge.part.layer.visitPlaces(of: points, within: conditions, body) }
        case .convolution, .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze,
            .resize, .dropout, .tap, .linear, .splitAttention, .identity, .zero:
            return
        }
    }
}
