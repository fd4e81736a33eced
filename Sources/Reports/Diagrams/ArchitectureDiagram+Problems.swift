extension ArchitectureDiagram {
    /// Everything in the data that does not fit together, with its place.
    var problems: [String] {
        var problems = blocks.flatMap(Self.problems)
        let choices = blocks.filter(\.isChoice)
        if let compared {
            if compared.choices.count != choices.count {
                problems.append(
                    "the path \(compared.name) has \(compared.choices.count) choices, "
                        + "but the diagram has \(choices.count) blocks with candidates")
            }
            for (block, choice) in zip(choices, compared.choices) where !block.candidates.indices.contains(choice) {
                problems.append(
                    "block \(block.name): the path \(compared.name) takes candidate \(choice) "
                        + "of \(block.candidates.count)")
            }
        }
        return problems
    }

    private static func problems(of block: Block) -> [String] {
        var problems: [String] = []
        if let chosen = block.chosen {
            if !block.isChoice {
                problems.append("block \(block.name): its choice is \(chosen), but it has no candidates")
            } else if !block.candidates.contains(chosen) {
                problems.append(
                    "block \(block.name): its choice is \(chosen), which is none of its candidates "
                        + block.candidates.joined(separator: "; "))
            }
        } else if block.isChoice {
            problems.append("block \(block.name): none of its \(block.candidates.count) candidates is chosen")
        }
        if Set(block.candidates).count != block.candidates.count {
            problems.append("block \(block.name): two of its candidates have the same name")
        }
        for (what, count) in [("parameters", block.parameters), ("multiply-adds", block.multiplyAdds)]
        where !(0...mostCount).contains(count) {
            problems.append("block \(block.name): it has \(count) \(what)")
        }
        return problems
    }

    /// Sums of so many over thousands of blocks still fit into an `Int`.
    private static let mostCount = 1 << 50
}
