import Datasets
import Support
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct DigitTableTests {
    /// Rows of 2x2 pixels, of which the first two are the row's number.
    static func text(_ count: Int) -> String {
        var generator = SeededGenerator(seed: 3)
        return (0..<count).map { "\($0 / 16),\($0 % 16),0,16,\(generator.below(3))\n" }.joined()
    }

    @Test func shadesAreSpreadOver0To255() throws {
        let table = try DigitTable(Array("0,1,8,16,9\n16,15,2,3,0\n".utf8), name: "t", side: 2, white: 16)
        // 255/16 = 15.94, 255/2 = 127.5, 15 * 255/16 = 239.06, 31.875, 47.8.
        #expect(table.pixels == [0, 16, 128, 255, 255, 239, 32, 48])
        #expect(table.labels == [9, 0])
        let whole = try DigitTable(Array("0,1,254,255,4".utf8), name: "t", side: 2, white: 255)
        #expect(whole.pixels == [0, 1, 254, 255])
    }

    @Test(
        arguments: [
            "1,2,3,4", "1,2,3,4,5,6", "1,2,3,17,5", "1,2,3,4,10", "1,2,,4,5", "1,2,-3,4,5", "1,2,x,4,5", "1,2,3,4,",
        ])
    func malformedRowsAreNamed(row: String) {
        expectError(.malformed, "table: line 2:", "0 to 16 and a digit") {
            _ = try DigitTable(Array("1,2,3,4,5\n\(row)\n".utf8), name: "table", side: 2, white: 16)
        }
    }

    @Test func partsHoldEveryImageOnceStratified() throws {
        let table = try DigitTable(Array(Self.text(230).utf8), name: "t", side: 2, white: 16)
        let folder = try TemporaryFolder()
        let names = try ["a", "b"].map { try folder.makeFolder($0) }
        for name in names { try table.write(into: name) }
        for part in ["train", "test"] {
            for file in ["\(part)-images-idx3-ubyte", "\(part)-labels-idx1-ubyte"] {
                #expect(try FileBytes.read("\(names[0])/\(file)") == FileBytes.read("\(names[1])/\(file)"))
            }
        }
        let opened = try openDataset(at: names[0])
        #expect(opened.layout == .idx && opened.validation == nil)
        let test = try #require(opened.test)
        var seen: [[UInt8]: Int] = [:]
        for part in [opened.train, test] {
            for index in 0..<part.count {
                let pixels = try part.image(at: index, decoding: ImageDecoding()).pixels
                #expect(seen.updateValue(part.label(at: index), forKey: pixels) == nil)
            }
        }
        let expected = table.labels.indices.map { (Array(table.pixels[$0 * 4..<$0 * 4 + 4]), Int(table.labels[$0])) }
        #expect(seen == Dictionary(uniqueKeysWithValues: expected))
        for label in 0..<3 {
            let (all, held) = (
                table.labels.count { $0 == label }, (0..<test.count).count { test.label(at: $0) == label }
            )
            #expect(abs(Double(held) - 0.2 * Double(all)) < 1)
        }
    }
}
