import Datasets
import Support
import Testing

@testable import Catalogue

@Suite struct PretrainedWeightsTests {
    @Test func eachIsAFolderOfTheCache() {
        #expect(
            PretrainedWeights.allCases.map(\.source.name)
                == ["weights-efficientnet-lite0", "weights-efficientnet-lite2", "weights-mobilenet-v2"])
        #expect(Set(PretrainedWeights.allCases.map(\.source.digest)).count == 3)
    }

    /// What the authors' own programs do with images before they evaluate these networks.
    @Test(arguments: zip(PretrainedWeights.allCases, [(256, 224), (292, 260), (256, 224)]))
    func imagesArePreparedAsTheAuthorsDo(weights: PretrainedWeights, sides: (resize: Int, crop: Int)) {
        #expect(weights.resize == sides.resize)
        #expect(weights.imageSize == ImageSize(sides.crop))
        #expect(weights.mean == [0.485, 0.456, 0.406])
        #expect(weights.std == [0.229, 0.224, 0.225])
        #expect(weights.normEpsilon == (weights == .mobileNetV2 ? 1e-5 : 1e-3))
    }
}
