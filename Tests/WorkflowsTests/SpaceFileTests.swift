import Architectures
import TestFolders
import Testing
import Workflows

/// Spaces that files declare, whoever made them.
@Suite struct SpaceFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let yaml = """
        name: small
        channels: 3
        blocks:
          norm: &norm {type: batch-norm}
          conv: &conv {type: convolution, outputs: 8, kernel: 3}
        backbone:
          type: sequence
          parts:
            - {key: stem, layer: *conv}
            - {layer: *norm}
            - key:
              layer: {type: pad, before: 1, after: 0}
            - key: first
              layer:
                type: choice
                point: first
                candidates:
                  - {name: 3x3, layer: {<<: *conv, groups: 8}}
                  - name: two
                    layer:
                      type: residual
                      body: {type: sequence, parts: [{key: a, layer: *conv}, {key: b, layer: *norm}]}
                      shortcut: {key: s, layer: {type: convolution, outputs: 8, kernel: 1}}
                  - {name: pool, layer: {type: pool, kind: average, kernel: 3, stride: 1, padding: 1}}
            - {key: "", layer: {type: global-pool}}
        """

    private func description(_ bytes: some Sequence<UInt8>) throws -> SupernetDescription {
        try SpaceConfiguration(named: folder.write(bytes, to: "space.yaml")).description(channels: 3)
    }

    private func complaint(_ yaml: String) throws -> String {
        let error = #expect(throws: SpaceError.self) { _ = try description(yaml.utf8) }
        return try #require(error).description.replacing(folder.path + "/", with: "")
    }

    @Test func partsMayBeWrittenOnceAndTakenInAgain() throws {
        let space = try description([0xEF, 0xBB, 0xBF] + Array(Self.yaml.utf8))
        #expect(space.space.points == [ChoicePoint("first", ["3x3", "two", "pool"])])
        let costs = try CostTable(space, imageSize: 16, classes: 0)
        // 3 to 8 channels and a norm; 8 windows of one channel each; 8 to 8 channels, a norm and a shortcut; nothing.
        #expect(costs.fixed.parameters == 3 * 9 * 8 + 16)
        #expect(costs.candidates[0].map(\.parameters) == [9 * 8, 8 * 9 * 8 + 16 + 64, 0])
    }

    @Test func gatesAndHardActivationsStandInFiles() throws {
        let yaml = """
            name: gated
            channels: 3
            backbone:
              type: sequence
              parts:
                - {key: stem, layer: {type: convolution, outputs: 8, kernel: 3, stride: 2}}
                - {layer: {type: hard-swish}}
                - key: block
                  layer:
                    type: choice
                    point: block
                    candidates:
                      - name: gated
                        layer:
                          type: gate
                          body:
                            type: sequence
                            parts:
                              - {layer: {type: squeeze}}
                              - {key: fc1, layer: {type: convolution, outputs: 2, kernel: 1, bias: true}}
                              - {layer: {type: relu}}
                              - {key: fc2, layer: {type: convolution, outputs: 8, kernel: 1, bias: true}}
                              - {layer: {type: hard-sigmoid}}
                      - {name: plain, layer: {type: identity}}
                - {layer: {type: resize, height: 4, width: 6}}
                - {layer: {type: global-pool}}
            """
        let space = try description(yaml.utf8)
        guard case .sequence(let parts) = space.backbone, case .choice(let choice) = parts[2].layer else {
            Issue.record("the backbone has no choice at its place")
            return
        }
        #expect(choice.candidates[0].layer == .squeezeExcitation(reduced: 2, outputs: 8))
        #expect(parts[3].layer == .resize(height: 4, width: 6))
        let costs = try CostTable(space, imageSize: 16, classes: 0)
        #expect(
            costs.candidates[0] == [
                Cost(parameters: 42, multiplyAdds: 32, paperOperations: 32 + 2 + 8 + 2 + 8), Cost(),
            ])
        #expect(
            try complaint(yaml.replacing("height: 4", with: "heigth: 4"))
                .contains("unknown key `backbone.parts[3].layer.heigth`"))
    }

    /// Candidates that share their tensors, a depth with blocks of their own choices among them.
    @Test func candidatesMayShareTheirTensors() throws {
        let yaml = """
            name: shared
            channels: 3
            parts:
              small: &small {type: sequence, parts: [
                {key: expand, layer: {type: convolution, outputs: 4, kernel: 1}},
                {key: project, layer: {type: convolution, outputs: 8, kernel: 3}}]}
              large: &large {type: sequence, parts: [
                {key: expand, layer: {type: convolution, outputs: 16, kernel: 1}},
                {key: project, layer: {type: convolution, outputs: 8, kernel: 5}}]}
              block: &block
                type: choice
                point: block
                sharing: matrices
                candidates: [{name: small, layer: *small}, {name: large, layer: *large}]
            backbone:
              type: sequence
              parts:
                - {key: stem, layer: {type: convolution, outputs: 8, kernel: 3}}
                - key: block
                  layer:
                    type: choice
                    point: depth
                    sharing: slices
                    candidates: [{name: none, layer: {type: identity}}, {name: one, layer: *block}]
                - {layer: {type: global-pool}}
            """
        let space = try description(yaml.utf8)
        #expect(space.space.points.map(\.name) == ["depth", "block"])
        #expect(space.distinctPaths == 3)
        guard case .sequence(let parts) = space.backbone, case .choice(let depth) = parts[1].layer,
            case .choice(let block) = depth.candidates[1].layer
        else {
            Issue.record("the backbone has no choice at its place")
            return
        }
        #expect(depth.sharing == .slices && block.sharing == .matrices)
        let costs = try CostTable(space, imageSize: 8, classes: 0)
        let (stem, small, large) = (3 * 9 * 8, 8 * 4 + 4 * 9 * 8, 8 * 16 + 16 * 25 * 8)
        #expect(
            [[0, 0], [0, 1], [1, 0], [1, 1]].map { costs.cost(of: Architecture($0)).parameters }
                == [stem, stem, stem + small, stem + large])
        #expect(costs.supernetParameters == stem + large)
        #expect(
            try complaint(yaml.replacing("sharing: slices", with: "sharing: slice"))
                .contains("`backbone.parts[1].layer.sharing`"))
        let unfit = try description(yaml.replacing("outputs: 4, kernel: 1", with: "outputs: 4, kernel: 2").utf8)
        let error = #expect(throws: SpaceError.self) { try CostTable(unfit, imageSize: 8, classes: 0) }
        #expect(error?.description.contains("candidate 'small' is no part of 'large'") ?? false)
    }

    @Test func whatUnfoldsWithoutEndIsRefused() throws {
        let levels = (1...8).map { level in
            "l\(level): &l\(level) {type: sequence, parts: ["
                + Array(repeating: "{layer: *l\(level - 1)}", count: 9).joined(separator: ", ") + "]}\n"
        }
        let bomb = "name: b\nchannels: 3\nl0: &l0 {type: relu}\n" + levels.joined() + "backbone: *l8\n"
        #expect(try complaint(bomb).contains("unfolds to more than 100000 values (space.yaml:"))
    }

    @Test func everyProblemHasItsLine() throws {
        let yaml = Self.yaml.replacing("kernel: 1}", with: "kernel: wide}")
            .replacing("before: 1", with: "befroe: 1").replacing("channels: 3", with: "channels: 1e400")
        let words = try complaint(yaml)
        for place in ["space.yaml:2", "space.yaml:12", "space.yaml:23"] {
            #expect(words.contains("(\(place))"), "\(place) in \(words)")
        }
        #expect(words.contains("unknown key `backbone.parts[2].layer.befroe`"))
        #expect(try complaint("name: é".unicodeScalars.count > 0 ? "[" : "").contains("space.yaml:"))
    }

    @Test func whateverIsInAFileItIsReadOrRefused() throws {
        var read = 0
        for bytes in Mutations(
            of: Self.yaml, count: 400, seed: 7,
            words: ["*conv", "*norm", "&conv ", "<<: *norm", "type: ", "parts: ", "- "])
        {
            do {
                let space = try description(bytes)
                let costs = try CostTable(space, imageSize: 16, classes: 10)
                _ = try space.blocks(of: costs.cheapest { Double($0.multiplyAdds) }, imageSize: 16)
                read += 1
            } catch is SpaceError {}
        }
        #expect((1..<400).contains(read), "neither all nor none of them are spaces")
    }
}
