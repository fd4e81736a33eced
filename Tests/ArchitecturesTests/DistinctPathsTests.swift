import Architectures
import TestSpaces
import Testing

/// The number of networks, where choices may matter only within candidates of others.
@Suite struct DistinctPathsTests {
    /// The networks themselves, of which no two candidates of these spaces give the same.
    @Test(arguments: SmallSpace.allCases) func distinctNetworksAreCounted(kind: SmallSpace) throws {
        let description = try kind.description()
        let networks = Set(try description.space.everything.map(description.fixed))
        #expect(description.distinctPaths == Double(networks.count))
        #expect((description.distinctPaths == description.space.size) == (kind != .depths))
    }

    private func leaf(_ name: String, _ count: Int) -> Layer {
        .choice(.init(name, (0..<count).map { .init("\($0)", .pad(before: $0, after: $0)) }, sharing: .slices))
    }

    private func choice(_ name: String, _ candidates: [[Layer]]) -> Layer {
        .choice(
            .init(
                name,
                candidates.enumerated().map { number, layers in
                    .init(
                        "\(number)",
                        .sequence([.init("", .pad(before: number, after: 0))] + layers.map { .init("", $0) }))
                }, sharing: .slices))
    }

    private func description(_ layers: [Layer]) throws -> SupernetDescription {
        try SupernetDescription("s", channels: 1, backbone: .sequence(layers.map { .init("", $0) }))
    }

    @Test func whateverLiesWithinWhatIsCounted() throws {
        let (a, b, c) = (leaf("a", 2), leaf("b", 3), leaf("c", 5))
        let spaces: [(layers: [Layer], count: Double)] = [
            ([a, b], 6),
            // b matters with one of three candidates.
            ([choice("x", [[], [b], []])], 2 + 3),
            // b also stands where it always matters.
            ([choice("x", [[], [b], []]), b], 3 * 3),
            // One within another within another.
            ([choice("x", [[], [choice("y", [[], [a, b]])]])], 1 + (1 + 6)),
            // A point at two places within candidates of two others: it matters if either is taken.
            ([choice("x", [[], [c]]), choice("y", [[], [c]])], 1 + 3 * 5),
            // The same point within its own candidate is the same choice; within another it is never met.
            ([choice("x", [[choice("x", [[a], [b]])], [c]])], 2 + 5),
            ([choice("x", [[choice("y", [[], [choice("x", [[], [b]])]])], [c]])], 2 + 5),
        ]
        for (layers, count) in spaces {
            #expect(try description(layers).distinctPaths == count)
        }
    }

    /// Choices that all hang together are told apart one by one as long as there are not too many.
    @Test(arguments: [6, 200, 1500]) func tanglesOfAnySizeComeToAnEnd(count: Int) throws {
        // Each inner point stands within two of the outer ones, in a ring.
        let layers = (0..<count).map { outer in
            choice("outer \(outer)", [[], [leaf("inner \(outer)", 2), leaf("inner \((outer + 1) % count)", 2)]])
        }
        let description = try description(layers)
        guard count == 6 else {
            #expect(description.distinctPaths == description.space.size)
            return
        }
        let names = description.space.points.map(\.name)
        func matters(_ choices: Architecture, _ inner: Int) -> Bool {
            [inner, (inner + count - 1) % count].contains { outer in
                names.firstIndex(of: "outer \(outer)").map { choices[$0] == 1 } ?? false
            }
        }
        let distinct = Set(
            description.space.everything.map { choices in
                names.enumerated().map { position, name in
                    name.hasPrefix("inner") && !matters(choices, Int(name.dropFirst(6)) ?? 0) ? -1 : choices[position]
                }
            })
        #expect(description.distinctPaths == Double(distinct.count))
    }

    /// What no integer holds is not exact, but a number.
    @Test func spacesBeyondIntegersHaveASize() throws {
        let layers = (0..<300).map { leaf("\($0)", 7) }
        let description = try description(layers)
        #expect(description.distinctPaths == description.space.size)
        #expect(abs(description.distinctPaths / 3.38e253 - 1) < 1e-2)
    }
}
