import Testing

@testable import Datasets

@Suite struct TaskSheetTests {
    /// A grey picture of one shade.
    private func picture(_ shade: Int) throws -> [UInt8] {
        try Image(width: 8, height: 8, channels: 1, pixels: [UInt8](repeating: UInt8(shade), count: 64)).pngData()
    }

    /// Identities 1 to `people` with an image of its own shade under each camera, the later camera's written first.
    private func part(_ folder: TemporaryFolder, people: Int, cameras: Int) throws -> ReidentificationPart {
        var images: [(file: String, name: MarketName)] = []
        for camera in (1...cameras).reversed() {
            for person in 1...people {
                let file = "\(ReidentificationPart.text(person))_c\(camera)s1_0_0.png"
                try folder.write(picture(10 * person + camera), to: file)
                images.append((file, try #require(MarketName(file))))
            }
        }
        return ReidentificationPart(root: folder.path, images: images, classes: Array(1...people))
    }

    private func shades(_ row: ContactSheet.Row) -> [Int] { row.images.map { Int($0.pixels[0]) } }

    @Test func aRowIsAnIdentityOrderedByCamera() throws {
        let folder = try TemporaryFolder()
        let part = try part(folder, people: 5, cameras: 4)
        let sheet = ContactSheet(ofIdentities: part, title: "T", perIdentity: 4, cell: 20)
        #expect(sheet.subtitle == "20 images, 5 identities under 4 cameras")
        #expect(sheet.rows.map(\.name) == ["0001", "0002", "0003", "0004", "0005"])
        #expect(sheet.rows.map(\.note) == Array(repeating: "4 images", count: 5))
        #expect(sheet.rows.map(shades) == (1...5).map { person in (1...4).map { 10 * person + $0 } })
        let few = ContactSheet(ofIdentities: part, perIdentity: 3, maximumRows: 2)
        #expect(few.subtitle.hasSuffix("of which 2 are here") && few.rows.map(\.images.count) == [3, 3])
        for row in few.rows {
            #expect(shades(row) == shades(row).sorted() && Set(shades(row).map { $0 / 10 }).count == 1)
        }
        #expect(ContactSheet(ofIdentities: part, maximumRows: 0).rows.isEmpty)
    }

    @Test func identitiesOfFewImagesShareARow() throws {
        let folder = try TemporaryFolder()
        let part = try part(folder, people: 7, cameras: 2)
        let sheet = ContactSheet(ofIdentities: part, perIdentity: 6, cell: 80)
        #expect(sheet.rows.map(\.name) == ["0001 to 0003", "0004 to 0006", "0007"])
        #expect(sheet.rows.map(\.note) == ["3 identities", "3 identities", "2 images"])
        #expect(sheet.rows.map(shades) == [[11, 12, 21, 22, 31, 32], [41, 42, 51, 52, 61, 62], [71, 72]])
        #expect(sheet.rows[0].groupStarts == [0, 2, 4])
        // Two gaps within a row make the sheet wider; all pictures are there.
        var plain = sheet
        for row in plain.rows.indices { plain.rows[row].groupStarts = [] }
        let (wide, narrow) = (sheet.render(), plain.render())
        #expect(wide.width > narrow.width && wide.height == narrow.height)
        for shade: UInt8 in [11, 22, 31, 72] {
            let pixels = stride(from: 0, to: wide.pixels.count, by: 3)
                .count { wide.pixels[$0..<$0 + 3].allSatisfy { $0 == shade } }
            #expect(pixels == 80 * 80)
        }
        let gallery = ReidentificationPart(
            root: folder.path, images: [("0002_c1s1_0_0.png", try #require(MarketName("0002_c1s1_0_0.png")))],
            classes: [1, 2, 3])
        #expect(ContactSheet(ofIdentities: gallery).rows.map(\.name) == ["0002"])
    }

    @Test func facesStandInRowsOfTenYears() throws {
        let folder = try TemporaryFolder()
        let ages = [9, 0, 31, 35, 30, 39, 116]
        let records = try ages.map { age in
            let path = try folder.write(picture(age), to: "\(age)_1_0_\(age).png")
            return try FaceRecord(named: "\(age)_1_0_\(age).png", path: path)
        }
        let sheet = ContactSheet(ofFaces: FaceDataset(records, target: .age), perRow: 3)
        #expect(sheet.subtitle == "7 faces of 0 to 116 years")
        #expect(sheet.rows.map(\.name) == ["0 to 9", "30 to 39", "110 to 119"])
        #expect(sheet.rows.map(\.note) == ["2 faces", "4 faces", "1 face"])
        #expect(shades(sheet.rows[0]) == [0, 9] && shades(sheet.rows[2]) == [116])
        let thirties = shades(sheet.rows[1])
        #expect(thirties.count == 3 && thirties == thirties.sorted() && Set(thirties).isSubset(of: [30, 31, 35, 39]))
        #expect(ContactSheet(ofFaces: FaceDataset([], target: .age)).render().width > 0)
    }
}
