import Datasets
import Foundation
import Support

/// Crowns of trees in aerial photographs: two scenes of the example data of the Python package deepforest 2.1.0 (MIT; Weinstein
/// et al., "Individual tree-crown detection in RGB imagery using semi-supervised deep learning neural networks", Remote Sensing
/// 2019), of the National Ecological Observatory Network's site in Yellowstone, with a box around each crown. The larger scene,
/// 2299x2472 pixels with 574 boxes, is learned from, the other one, 1249x1035 with 279, is the test. Both are cut into tiles of
/// about 400 pixels a side; a crown that a tile shows less than half of is a group there, which counts neither way.
enum Trees {
    static let prepared = PreparedSource(
        name: "trees", digest: "c60920f9843b85e482f707f9a7b932281362adcfc9fe9f5161d07bbae45a89a6",
        neededBytes: 100_000_000
    ) { fetcher, folder throws(FetchFailure) in
        let wheel = Wheel(
            project: "deepforest", version: "2.1.0", file: "deepforest-2.1.0-py3-none-any.whl",
            sha256: "8c2798d8e9be7f0004b194fe207b76c1d9fff6e711b3db67b9508dcd5d00ae54")
        let scenes = [
            "train": "2019_YELL_2_528000_4978000_image_crop2", "test": "2019_YELL_2_541000_4977000_image_crop",
        ]
        let members = scenes.values.sorted().flatMap { scene in
            ["png", "xml"].map { "deepforest/data/\(scene).\($0)" }
        }
        let content = try fetcher.files(members, of: wheel)
        fetcher.progress("cutting the scenes into tiles")
        try FetchFailure.guarded { () throws(DatasetError) in
            let found = try DetectionParts.open(FilePath.join(content, "deepforest/data")).train.images
            for (part, scene) in scenes.sorted(by: { $0.key < $1.key }) {
                guard let image = found.first(where: { FilePath.name(of: $0.path) == "\(scene).png" }) else {
                    throw DatasetError(
                        .malformed, file: content, "has no scene \(scene)", advice: "Fetch the package again.")
                }
                let pixels = try Image.decode(contentsOf: image.path, decoding: ImageDecoding(channels: .rgb))
                try write(pixels, image.objects, part: part, into: folder)
            }
        }
    }

    /// The side of a tile in pixels, about.
    static let tile = 400

    /// Cuts a scene into tiles, and writes them with their boxes in COCO's layout.
    ///
    /// - Parameters:
    ///   - scene: the scene, in colours.
    ///   - crowns: the boxes in it.
    ///   - part: the name of the part, `train` or `test`.
    ///   - folder: the folder of the data set.
    /// - Throws: `DatasetError` of kind `.unwritable`.
    static func write(
        _ scene: Image, _ crowns: [DetectionObject], part: String, into folder: String
    ) throws(DatasetError) {
        func count(_ side: Int) -> Int { max(1, (side + tile / 2) / tile) }
        let (rows, columns) = (count(scene.height), count(scene.width))
        try Folder.make(FilePath.join(folder, part))
        try Folder.make(FilePath.join(folder, "annotations"))
        var (images, annotations): ([String], [String]) = ([], [])
        for row in 0..<rows {
            for column in 0..<columns {
                let top = row * scene.height / rows, left = column * scene.width / columns
                let height = (row + 1) * scene.height / rows - top, width = (column + 1) * scene.width / columns - left
                var pixels: [UInt8] = []
                pixels.reserveCapacity(3 * height * width)
                for y in top..<top + height {
                    let first = 3 * (y * scene.width + left)
                    pixels += scene.pixels[first..<first + 3 * width]
                }
                let name = "row\(row)-column\(column).png"
                try FileBytes.create(
                    FilePath.join(folder, "\(part)/\(name)"),
                    UncompressedPNG.encoded(width: width, height: height, channels: 3, pixels))
                let number = images.count + 1
                images.append(
                    "{\"id\": \(number), \"file_name\": \"\(name)\", \"height\": \(height), \"width\": \(width)}")
                for crown in crowns {
                    let place = crown.place
                    let (x0, y0) = (max(place[0] - Double(left), 0), max(place[1] - Double(top), 0))
                    let x1 = min(place[0] + place[2] - Double(left), Double(width))
                    let y1 = min(place[1] + place[3] - Double(top), Double(height))
                    guard x1 > x0, y1 > y0 else { continue }
                    let area = (x1 - x0) * (y1 - y0)
                    let isCrowd = area < 0.5 * place[2] * place[3] ? 1 : 0
                    func text(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
                    annotations.append(
                        "{\"id\": \(annotations.count + 1), \"image_id\": \(number), \"category_id\": 1, \"bbox\": ["
                            + [x0, y0, x1 - x0, y1 - y0].map(text).joined(separator: ", ")
                            + "], \"area\": \(text(area)), \"iscrowd\": \(isCrowd)}")
                }
            }
        }
        let text =
            "{\"images\": [\n" + images.joined(separator: ",\n") + "\n],\n\"annotations\": [\n"
            + annotations.joined(separator: ",\n")
            + "\n],\n\"categories\": [{\"id\": 1, \"name\": \"tree\"}]}\n"
        try FileBytes.create(FilePath.join(folder, "annotations/instances_\(part).json"), Array(text.utf8))
    }
}
