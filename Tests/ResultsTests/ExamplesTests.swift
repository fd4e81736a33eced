import Foundation
import Results
import Testing

/// Examples as they are written, and as version 0.8 wrote them.
@Suite struct ExamplesTests {
    private static let query = Examples.Query(
        image: 3, identity: 7, camera: 1, found: [.init(image: 9, camera: 2, isMatch: true)])
    private static let all = [
        Examples(
            images: [4, 0], .classes(names: ["a", "b"], actual: [1, 0], predicted: [1, 1], confidence: [0.75, 0.5])),
        Examples(images: [2], .numbers(quantity: "count", unit: "objects", actual: [3], predicted: [2.5])),
        Examples(images: [3, 9], .galleries([query])),
    ]

    private func read(_ text: String) throws -> Examples {
        try JSONDecoder().decode(Examples.self, from: Data(text.utf8))
    }

    @Test(arguments: all) func examplesComeBackFromTheirText(examples: Examples) throws {
        let data = try JSONEncoder().encode(examples)
        #expect(try JSONDecoder().decode(Examples.self, from: data) == examples && examples.isWhole)
    }

    /// Version 0.8 named no images: every image of the part was there, in its order.
    @Test func examplesOfVersion08AreRead() throws {
        let classes = try read(
            #"{"classes":{"actual":[0,1,1],"confidence":[0.5,0.75,1],"names":["a","b"],"predicted":[0,0,1]}}"#)
        #expect(
            classes
                == Examples(
                    images: [0, 1, 2],
                    .classes(names: ["a", "b"], actual: [0, 1, 1], predicted: [0, 0, 1], confidence: [0.5, 0.75, 1])))
        let ages = try read(#"{"ages":{"actual":[30,41],"predicted":[28.5,44]}}"#)
        #expect(
            ages
                == Examples(
                    images: [0, 1], .numbers(quantity: "age", unit: "years", actual: [30, 41], predicted: [28.5, 44])))
        let galleries = try read(
            #"""
            {"galleries":{"_0":[{"camera":1,"found":[{"camera":2,"image":9,"isMatch":true}],"identity":7,"image":3}]}}
            """#)
        #expect(galleries.content == .galleries([Self.query]) && galleries.isWhole)
        #expect(throws: DecodingError.self) { try read(#"{"poses":{"actual":[1]}}"#) }
        #expect(throws: DecodingError.self) { try read(#"{"content":{"ages":{"actual":[1],"predicted":[1]}}}"#) }
    }

    @Test func whatSomebodyCutShortIsNotWhole() {
        func classes(_ images: [Int], _ actual: [Int], _ predicted: [Int], _ confidence: [Double]) -> Bool {
            Examples(
                images: images,
                .classes(names: ["a", "b"], actual: actual, predicted: predicted, confidence: confidence)
            ).isWhole
        }
        #expect(classes([0], [0], [1], [1]))
        #expect(!classes([], [0], [1], [1]) && !classes([0], [], [1], [1]))
        #expect(!classes([0], [0], [], [1]) && !classes([0], [0], [1], []))
        #expect(!classes([0], [2], [1], [1]) && !classes([0], [0], [-1], [1]), "there is no such class")
        func numbers(_ images: [Int], _ actual: [Double], _ predicted: [Double]) -> Bool {
            Examples(images: images, .numbers(quantity: "n", unit: "u", actual: actual, predicted: predicted)).isWhole
        }
        #expect(numbers([0], [1], [2]) && !numbers([], [1], [2]) && !numbers([0], [1], []) && !numbers([0], [], [1]))
    }

    @Test func confusionsCountRowsByTheTruth() {
        let examples = Examples(
            images: [0, 1, 2, 3],
            .classes(
                names: ["a", "b"], actual: [0, 0, 1, 5], predicted: [0, 1, 1, 0], confidence: [1, 1, 1, 1]))
        #expect(examples.confusion == [[1, 1], [0, 1]], "a label that is none is not counted")
        #expect(Self.all[1].confusion == nil && Self.all[2].confusion == nil)
    }
}
