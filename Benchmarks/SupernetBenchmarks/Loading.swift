import ArgumentParser
import CPixels
import Datasets
import Foundation
import Support

/// Contrastive loading against torchvision on Pillow, per core.
struct Loading: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Decode once, four contrastive views: images per processor second against torchvision on Pillow.")

    func run() throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        print("\nLoading with the full contrastive augmentation, one core")
        print(try Peer.run("loader.py", [program.path]))
    }
}

/// The half of it that the peer's script calls: it makes the photos that both sides read.
struct LoadingWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loading-worker", abstract: "This library's half of the loading benchmark.", shouldDisplay: false)

    @Argument(help: "A folder of JPEG files.") var folder: String
    @Option(help: "Threads; 0 counts processor seconds, which a busy machine does not spoil.") var threads = 0
    @Option(help: "Instruction set: 0 portable, 1 AVX2, 2 AVX-512.") var level: UInt32?

    func run() throws {
        if let level { px_use_level(px_level(rawValue: level)) }
        var pattern: UInt32 = 1
        let small = (0..<2048).map { _ in
            Image(
                width: 32, height: 32, channels: 3,
                pixels: (0..<3072).map { _ in
                    pattern = pattern &* 1_664_525 &+ 1_013_904_223
                    return UInt8(pattern >> 24)
                })
        }
        print("memory-32", try imagesPerSecond(SmallImages(images: small), size: 32))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jpg") }.sorted()
        let files = try names.map {
            (name: $0, bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)"))))
        }
        print("jpeg-224", try imagesPerSecond(JPEGBytes(files: files, repeats: 256 / max(files.count, 1)), size: 224))
    }

    private func seconds() -> Double {
        threads == 0
            ? Double(clock()) / Double(CLOCKS_PER_SEC) : Double(DispatchTime.now().uptimeNanoseconds) / 1e9
    }

    private func imagesPerSecond(_ dataset: any ImageDataset, size: Int) throws -> Double {
        let loader = try BatchLoader(
            dataset: dataset, augmentation: .contrastive(size: ImageSize(size)),
            options: BatchLoaderOptions(batchSize: 64, views: 4, threads: threads, shuffle: true, cacheLimit: 0))
        var best = 0.0
        for epoch in 0..<5 {
            let batches = try loader.batches(epoch: epoch)
            let start = seconds()
            var images = 0
            while let batch = try batches.next() { images += batch.count }
            best = max(best, Double(images) / (seconds() - start))
        }
        return best
    }
}

/// JPEG files in memory, decoded at each access.
private struct JPEGBytes: ImageDataset {
    let files: [(name: String, bytes: [UInt8])]
    let repeats: Int

    var count: Int { files.count * repeats }
    var classNames: [String] { ["photo"] }
    func label(at index: Int) -> Int { 0 }
    func source(at index: Int) -> String { files[index % files.count].name }
    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        let file = files[index % files.count]
        return try Image.decode(bytes: file.bytes, name: file.name, decoding: decoding)
    }
}

/// Small colour images in memory.
private struct SmallImages: ImageDataset {
    let images: [Image]

    var count: Int { images.count }
    var classNames: [String] { ["noise"] }
    func label(at index: Int) -> Int { 0 }
    func source(at index: Int) -> String { "image \(index)" }
    func image(at index: Int, decoding: ImageDecoding) throws -> Image { images[index] }
}
