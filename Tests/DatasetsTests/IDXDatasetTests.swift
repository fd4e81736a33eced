import Foundation
import TestImages
import Testing

@testable import Datasets

@Suite struct IDXDatasetTests {
    private func golden(_ name: String) throws -> [UInt8] {
        Array(try #require(try ReaderGoldens.shared.get().idx[name]))
    }

    /// A header and that many elements.
    private func idx(_ shape: [UInt32], type: UInt8 = 8, elements: [UInt8]) -> [UInt8] {
        [0, 0, type, UInt8(shape.count)]
            + shape.flatMap { size in (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } }
            + elements
    }

    @Test(arguments: ["", ".gz"], ["", ".gz"])
    func plainAndGzippedFilesGiveTheSameSamples(images: String, labels: String) throws {
        let folder = try TemporaryFolder()
        let dataset = try IDXDataset(
            images: folder.write(golden("images" + images), to: "i"),
            labels: folder.write(golden("labels" + labels), to: "l"))
        #expect((dataset.count, dataset.height, dataset.width) == (6, 4, 3))
        #expect(dataset.classNames == ["0", "1", "2"])
        #expect((0..<6).map(dataset.label) == [2, 0, 1, 2, 0, 1])
        let pixels = try golden("pixels")
        for index in 0..<6 {
            let grey = try dataset.image(at: index, decoding: ImageDecoding())
            #expect(grey.channels == 1 && grey.width == 3 && grey.height == 4)
            #expect(grey.pixels == Array(pixels[index * 12..<index * 12 + 12]))
            #expect(try dataset.image(at: index, decoding: .init(channels: .grey)) == grey)
            let colour = try dataset.image(at: index, decoding: .init(channels: .rgb))
            #expect(colour.pixels == grey.pixels.flatMap { [$0, $0, $0] })
            #expect(dataset.source(at: index).contains("image \(index)"))
        }
        for index in [-1, 6, Int.max, Int.min] {
            expectError(.invalidArgument, "\(index)") { _ = try dataset.image(at: index, decoding: ImageDecoding()) }
        }
    }

    @Test func contradictionsInHeadersAreNamed() throws {
        func read(_ bytes: [UInt8]) throws { _ = try IDXArray(bytes: bytes, name: "x-idx3-ubyte", dimensions: 3) }
        try read(idx([2, 1, 3], elements: [1, 2, 3, 4, 5, 6]))
        for bytes: [UInt8] in [[], [0], [0, 0, 8], [1, 0, 8, 3], [0, 1, 8, 3], Array("P5 28 28".utf8)] {
            expectError(.unsupported, "x-idx3-ubyte", "not an IDX file") { try read(bytes) }
        }
        expectError(.unsupported, "32-bit float") { try read(idx([1, 1, 1], type: 0x0D, elements: [1])) }
        expectError(.unsupported, "unknown type 7") { try read(idx([1, 1, 1], type: 7, elements: [1])) }
        expectError(.unsupported, "1 dimensions where 3") { try read(idx([1], elements: [1])) }
        expectError(.corrupt, "within its header, after 12 of 16") {
            try read(Array(idx([1, 1, 1], elements: [])[..<12]))
        }
        expectError(.corrupt, "5 bytes", "2 x 1 x 3 = 6") { try read(idx([2, 1, 3], elements: [1, 2, 3, 4, 5])) }
        expectError(.corrupt, "7 bytes") { try read(idx([2, 1, 3], elements: [1, 2, 3, 4, 5, 6, 7])) }
        let most = UInt32.max
        expectError(.tooLarge, "4294967295") { try read(idx([most, most, most], elements: [])) }
        expectError(.tooLarge) { try read(idx([1 << 16, 1 << 15, 2], elements: [])) }
        // A zero does not hide an overflow behind it, nor one before it.
        expectError(.corrupt) { try read(idx([0, most, 1], elements: [1])) }
    }

    @Test func imagesAndLabelsMustAgree() throws {
        let folder = try TemporaryFolder()
        let images = try folder.write(golden("images"), to: "i")
        let labels = try folder.write(golden("labels"), to: "l")
        let short = try folder.write(idx([5], elements: [0, 0, 0, 0, 0]), to: "short")
        expectError(.malformed, "6 images", "5 labels", "short") { _ = try IDXDataset(images: images, labels: short) }
        expectError(.unsupported, "l") { _ = try IDXDataset(images: labels, labels: images) }
        expectError(.malformed, "label 2 at 0", "2 class names", "from 0 to 2") {
            _ = try IDXDataset(images: images, labels: labels, classNames: ["a", "b"])
        }
        #expect(try IDXDataset(images: images, labels: labels, classNames: ["a", "b", "c", "d"]).classNames.count == 4)
        expectError(.unreadable, "missing") { _ = try IDXDataset(images: folder.path + "/missing", labels: labels) }
        let none = try folder.write(idx([0, 4, 3], elements: []), to: "none")
        let noLabels = try folder.write(idx([0], elements: []), to: "no-labels")
        expectError(.empty, "none") { _ = try IDXDataset(images: none, labels: noLabels) }
        let flat = try folder.write(idx([6, 0, 3], elements: []), to: "flat")
        expectError(.empty, "flat") { _ = try IDXDataset(images: flat, labels: labels) }
    }

    @Test func gzipMembersAndZeroPaddingAreRead() throws {
        let goldens = try ReaderGoldens.shared.get().gzip
        let content = Array(try #require(goldens["content"]))
        for name in ["single", "members", "padded"] {
            let bytes = Array(try #require(goldens[name]))
            // The limit is the last size that is allowed.
            for limit in [content.count, content.count + 1, 1 << 30] {
                #expect(try Gzip.inflate(bytes, name: name, limit: limit) == content)
            }
            for limit in [-1, 0, 1, content.count - 1] {
                expectError(.tooLarge, name) { _ = try Gzip.inflate(bytes, name: name, limit: limit) }
            }
        }
        let zeros = Array(try #require(goldens["zeros"]))
        #expect(try Gzip.inflate(zeros, name: "", limit: 1 << 20) == [UInt8](repeating: 0, count: 1 << 20))
        expectError(.tooLarge, "1048575") { _ = try Gzip.inflate(zeros, name: "", limit: (1 << 20) - 1) }
    }

    @Test func damagedGzipIsAnError() throws {
        let goldens = try ReaderGoldens.shared.get().gzip
        let bytes = Array(try #require(goldens["single"]))
        func inflate(_ bytes: [UInt8]) throws { _ = try Gzip.inflate(bytes, name: "x.gz", limit: 1 << 20) }
        for count in 0..<bytes.count {
            expectError(count < 2 ? .unsupported : .corrupt, "x.gz") { try inflate(Array(bytes[..<count])) }
        }
        // The last eight bytes are the CRC-32 and the length.
        for place in bytes.count - 8..<bytes.count {
            var damaged = bytes
            damaged[place] ^= 1
            expectError(.corrupt, "x.gz", "incorrect") { try inflate(damaged) }
        }
        expectError(.corrupt) { try inflate(Array(try #require(goldens["trailed"]))) }
        expectError(.unsupported) { try inflate(Array("no gzip".utf8)) }
    }
}
