import Foundation
import Support
import Testing

@Suite struct ImageSizeTests {
    @Test(arguments: [
        ("64", ImageSize(64)), ("256x128", .init(height: 256, width: 128)), ("8x8", 8), ("0", 0),
        ("-3x5", .init(height: -3, width: 5)),
    ]) func itIsReadFromText(text: String, size: ImageSize) { #expect(ImageSize(text) == size) }

    @Test(arguments: ["", "x", "64x", "x64", "64 x 64", "6.4", "1x2x3", "64,32", "wide"])
    func otherTextIsNone(text: String) { #expect(ImageSize(text) == nil) }

    @Test(arguments: [("64", ImageSize(64)), ("[256,128]", .init(height: 256, width: 128))])
    func itIsANumberOrAPairInFiles(json: String, size: ImageSize) throws {
        #expect(try JSONDecoder().decode(ImageSize.self, from: Data(json.utf8)) == size)
        #expect(String(decoding: try JSONEncoder().encode(size), as: UTF8.self) == json)
    }

    @Test func aPairOfEqualSidesIsTheSquare() throws {
        #expect(try JSONDecoder().decode(ImageSize.self, from: Data("[8, 8]".utf8)) == 8)
    }

    @Test(arguments: ["[]", "[1]", "[1,2,3]", "\"64\"", "6.5", "[1.5,2]", "null", "{}"])
    func anythingElseIsRefused(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ImageSize.self, from: Data(json.utf8)) }
    }

    @Test func sidesAreNamed() {
        let tall = ImageSize(height: 256, width: 128)
        #expect((tall.longer, tall.shorter, tall.pixels) == (256, 128, 32_768))
        #expect(tall.aspect == 0.5 && ImageSize(7).aspect == 1 && ImageSize(height: 0, width: 3).aspect == 1)
        #expect(tall.side == nil && ImageSize(7).side == 7)
        #expect("\(tall)" == "256 x 128" && "\(ImageSize(7))" == "7 x 7")
        #expect(ImageSize(height: .max, width: 2).pixels == .max)
    }

    @Test func scalingKeepsTheAspect() {
        #expect(ImageSize(height: 300, width: 200).scaled(shorter: 100, limit: 1000) == .init(height: 150, width: 100))
        #expect(ImageSize(height: 200, width: 301).scaled(shorter: 100, limit: 1000) == .init(height: 100, width: 150))
        #expect(ImageSize(height: 1, width: 900).scaled(shorter: 10, limit: 500) == .init(height: 10, width: 500))
        #expect(ImageSize(5).scaled(shorter: 9, limit: 20) == 9)
    }

    @Test(arguments: [ImageSize(0), .init(height: -4, width: 9), .init(height: .max, width: 3), .init(.min)])
    func scalingWhatCannotBeDoesNotTrap(size: ImageSize) {
        let scaled = size.scaled(shorter: 10, limit: 100)
        #expect(scaled.shorter == 10 && (10...100).contains(scaled.longer))
    }
}
