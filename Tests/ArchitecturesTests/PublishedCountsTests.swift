import Architectures
import Testing

/// Figures that the authors published, or that their own code gives.
@Suite struct PublishedCountsTests {
    @Test func thePublishedNetworksOfPiNASCostWhatTheirPaperSays() throws {
        let space = ResNeStSpace.resnest50
        let cls = try space.network(code: ResNeStSpace.classificationCode, classes: 1000).cost(imageSize: 224)
        #expect(cls.parameters == 27_046_278)
        #expect(cls.multiplyAdds == 5_332_293_584)
        #expect(cls.paperOperations == 5_377_512_288)
        let code = try #require(Architecture("3 3 3 3 1 1 3 3 3 0 0 1 1 0 2 1"))
        let trans = try space.network(code: code, classes: 1000).cost(imageSize: 224)
        #expect(trans.parameters == 27_039_016)
        #expect((Double(trans.paperOperations) / 1e6).rounded() == 5301)
    }

    @Test func theSupernetOfPiNASHoldsWhatTheirSupernetHolds() throws {
        let description = try ResNeStSpace.resnest50.description()
        #expect(description.space.size == 4_294_967_296)
        let table = try CostTable(description, imageSize: 224, classes: 0)
        #expect(table.supernetParameters == 91_522_388)
        let cls = table.cost(of: ResNeStSpace.classificationCode)
        #expect(cls.paperOperations == 5_377_512_288 - 2_048_000)
    }
}
