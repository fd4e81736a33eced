import Datasets
import Support

/// Nuclei of cells under a fluorescence microscope and what lies between them: the example image of the Python package stardist
/// 0.9.2 (BSD 3-clause; Schmidt, Weigert, Broaddus and Myers, "Cell detection with star-convex polygons", MICCAI 2018), 512x512
/// pixels with 125 nuclei that were outlined by hand. It is cut here into 16 tiles of 128x128 pixels; the four in the lower
/// right corner are for validation. Grey of 16 bits becomes 8 bits between the darkest and the brightest pixels of the whole
/// image, of which one in a hundred and two in a thousand are cut off.
enum Nuclei {
    static let prepared = PreparedSource(
        name: "nuclei", digest: "bfde87fe27e8140bc6b950e85767498c93b875de29f7133b60f7e535e93f47dc",
        neededBytes: 20_000_000
    ) { fetcher, folder throws(FetchFailure) in
        let wheel = Wheel(
            project: "stardist", version: "0.9.2",
            file: "stardist-0.9.2-cp312-cp312-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
            sha256: "46b0a4e8827a7418d93b8d5527aa22367ec6285af9d41c21a701a4f470c45215")
        let members = ["stardist/data/images/img2d.tif", "stardist/data/images/mask2d.tif"]
        let content = try fetcher.files(members, of: wheel)
        let (image, mask) = (FilePath.join(content, members[0]), FilePath.join(content, members[1]))
        fetcher.progress("cutting the image into tiles")
        try FetchFailure.guarded { () throws(DatasetError) in
            try write(
                image: GreyTIFF(FileBytes.read(image), name: image), nuclei: GreyTIFF(FileBytes.read(mask), name: mask),
                into: folder)
        }
    }

    /// The side of a tile in pixels.
    static let tile = 128

    /// Cuts an image and the map of its nuclei, 0 between them, into tiles; those of the lower right quarter are for validation.
    ///
    /// - Throws: `DatasetError` for two of different sizes, or smaller than two tiles.
    static func write(image: GreyTIFF, nuclei: GreyTIFF, into folder: String) throws(DatasetError) {
        let (rows, columns) = (image.height / tile, image.width / tile)
        guard (image.width, image.height) == (nuclei.width, nuclei.height), rows > 1, columns > 1 else {
            throw DatasetError(
                .malformed, "an image of \(image.width)x\(image.height) and a map of \(nuclei.width)x\(nuclei.height)",
                advice: "Fetch the package again.")
        }
        let grey = eightBits(image.values)
        let classes = nuclei.values.map { $0 > 0 ? UInt8(1) : 0 }
        for row in 0..<rows {
            for column in 0..<columns {
                let part = row >= rows / 2 && column >= columns / 2 ? "val" : "train"
                for (kind, values) in [("images", grey), ("masks", classes)] {
                    let place = FilePath.join(folder, "\(kind)/\(part)")
                    try Folder.make(place)
                    var pixels: [UInt8] = []
                    for y in row * tile..<(row + 1) * tile {
                        let first = y * image.width + column * tile
                        pixels += values[first..<first + tile]
                    }
                    try FileBytes.create(
                        FilePath.join(place, "row\(row)-column\(column).png"),
                        UncompressedPNG.encoded(width: tile, height: tile, pixels))
                }
            }
        }
        try FileBytes.create(FilePath.join(folder, "classes.txt"), Array("background\nnucleus\n".utf8))
    }

    /// Values of 16 bits as 8: from the hundredth part of the pixels that are darkest to the five hundredth that are brightest.
    static func eightBits(_ values: [UInt16]) -> [UInt8] {
        guard !values.isEmpty else { return [] }
        let sorted = values.sorted()
        let low = Int(sorted[values.count / 100])
        let high = max(low + 1, Int(sorted[values.count - 1 - values.count / 500]))
        return values.map { value in
            let part = max(0, Int(value) - low) * 255 + (high - low) / 2
            return UInt8(clamping: part / (high - low))
        }
    }
}
