import Architectures
import Reports
import Support

extension ArchitectureDiagram {
    /// A path of a supernet, block by block.
    ///
    /// - Parameters:
    ///   - architecture: the path.
    ///   - description: its supernet.
    ///   - imageSize: of the images, in pixels.
    ///   - head: outputs of the head; nil to leave it out.
    ///   - cost: of the whole network; what the blocks do not have is the head's.
    /// - Throws: `SpaceError` for a path of another space.
    init(
        of architecture: Architecture, in description: SupernetDescription, imageSize: ImageSize, head: Int? = nil,
        cost: Cost
    ) throws {
        var stages: [Stage] = []
        let points = description.space.points
        for block in try description.blocks(of: architecture, imageSize: imageSize) {
            let point = block.points.count == 1 ? points[block.points[0]] : nil
            let drawn = Block(
                name: block.name, chosen: point.map { $0.candidates[architecture[block.points[0]]] },
                candidates: point?.candidates ?? [], output: block.output.description,
                parameters: block.cost.parameters, multiplyAdds: block.cost.multiplyAdds)
            let stage = block.name.split(separator: ".").first.map(String.init) ?? block.name
            if stages.last?.name == stage {
                stages[stages.count - 1].blocks.append(drawn)
            } else {
                stages.append(.init(stage, [drawn]))
            }
        }
        if let head {
            let rest = stages.flatMap(\.blocks)
            stages.append(
                .init(
                    "fc",
                    [
                        .init(
                            name: "fc", output: "\(head)",
                            parameters: cost.parameters - rest.reduce(0) { $0 + $1.parameters },
                            multiplyAdds: cost.multiplyAdds - rest.reduce(0) { $0 + $1.multiplyAdds })
                    ]))
        }
        self.init(title: "Architecture \(architecture)", stages: stages)
    }
}
