import Architectures
import Support
import TestSpaces
import Testing

@Suite struct CostTableTests {
    @Test(arguments: SmallSpace.allCases, [28, 33, .init(height: 28, width: 45)] as [ImageSize])
    func costsAddUpToThoseOfTheStandAloneNetwork(kind: SmallSpace, imageSize: ImageSize) throws {
        let description = try kind.description()
        for classes in [7, 0] {
            let table = try CostTable(description, imageSize: imageSize, classes: classes)
            for architecture in try kind.architectures(12) {
                let network = NetworkDescription(
                    channels: description.channels, classes: classes, backbone: try description.fixed(to: architecture))
                #expect(try table.cost(of: architecture) == network.cost(imageSize: imageSize))
            }
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func withoutClassesTheClassifierIsLeftOut(kind: SmallSpace) throws {
        let description = try kind.description()
        let features = try description.features(imageSize: 16)
        let bare = try CostTable(description, imageSize: 16, classes: 0)
        let whole = try CostTable(description, imageSize: 16, classes: 5)
        let classifier = Cost(
            parameters: 5 * features + 5, multiplyAdds: 5 * features, paperOperations: 5 * features)
        #expect(whole.fixed == bare.fixed + classifier)
        #expect(whole.candidates == bare.candidates)
        #expect(whole.supernetParameters == bare.supernetParameters + classifier.parameters)
        for classes in [-1, 65_537, Int.max, Int.min] {
            #expect(throws: SpaceError.self) { try CostTable(description, imageSize: 16, classes: classes) }
        }
    }

    @Test(arguments: SmallSpace.allCases)
    func theCheapestIsTheCheapestOfAll(kind: SmallSpace) throws {
        let description = try kind.description()
        let table = try CostTable(description, imageSize: 16, classes: 3)
        let all = description.space.everything.map(table.cost)
        for weight: (Cost) -> Double in [
            { Double($0.parameters) }, { Double($0.multiplyAdds) },
            { Double($0.multiplyAdds) - 3 * Double($0.parameters) },
        ] {
            #expect(weight(table.cost(of: table.cheapest(by: weight))) == all.map(weight).min())
        }
    }

    /// A point that stands at several places costs at each.
    @Test func cellsShareChoicesNotWeights() throws {
        let one = try CostTable(NASBench201Space(width: 8, cells: 1).description(), imageSize: 16, classes: 0)
        let three = try CostTable(NASBench201Space(width: 8, cells: 3).description(), imageSize: 16, classes: 0)
        for (few, many) in zip(one.candidates.joined(), three.candidates.joined()) {
            #expect(many.parameters == 3 * few.parameters && many.multiplyAdds == 3 * few.multiplyAdds)
        }
    }

    @Test func sumsBeyond64BitsStayAtTheLargestInteger() {
        let huge = Cost(parameters: .max - 1, multiplyAdds: 1, paperOperations: .max)
        let sum = huge + Cost(parameters: 2, multiplyAdds: 2, paperOperations: 2)
        #expect(sum == Cost(parameters: .max, multiplyAdds: 3, paperOperations: .max))
    }
}
