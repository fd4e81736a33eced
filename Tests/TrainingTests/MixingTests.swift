import Foundation
import Support
import Testing
import Torch
import Training

@testable import Datasets

@Suite struct MixingTests {
    /// Every element by itself.
    private func reference(_ mix: MixParameters, images: [Float], shape: [Int]) -> [Float] {
        let sample = shape[1...].reduce(1, *)
        return images.indices.map { position in
            let (n, rest) = (position / sample, position % sample)
            let (y, x) = (rest / shape[3] % shape[2], rest % shape[3])
            let other = images[mix.permutation[n] * sample + rest]
            switch mix.kind {
            case .mixup: return Float(mix.lambda) * images[position] + Float(1 - mix.lambda) * other
            case .cutmix(let box):
                let isCut =
                    (box.top..<box.top + box.height).contains(y) && (box.left..<box.left + box.width).contains(x)
                return isCut ? other : images[position]
            }
        }
    }

    @Test(arguments: devices) func aLoopGivesTheSame(device: Device) throws {
        let shape = [6, 3, 7, 9]
        let images = try Tensor.uniform(shape, using: Generator(seed: 1)).to(device)
        let before = try images.array(Float.self)
        let labels: [Int] = [0, 3, 1, 1, 2, 0]
        let targets = try Tensor(labels, device: device).oneHot(4).to(.float32)
        for draw in 0..<40 {
            var generator = SeededGenerator(seed: 2, UInt64(draw))
            let mix =
                draw % 2 == 0
                ? try MixParameters.mixup(alpha: 0.7, count: 6, using: &generator)
                : try MixParameters.cutmix(alpha: 1, count: 6, width: 9, height: 7, using: &generator)
            let mixed = try mix.mixed(images: images)
            #expect(mixed.shape == shape && mixed.device == device)
            let expected = reference(mix, images: before, shape: shape)
            #expect(Difference(try mixed.array(Float.self), expected).worst <= 1e-6, "\(mix)")
            #expect(try images.array(Float.self) == before, "the images stay")

            let soft = try mix.mixed(targets: targets)
            let rows = try soft.array(Float.self)
            for n in 0..<6 {
                for k in 0..<4 {
                    let own = labels[n] == k ? Float(mix.lambda) : 0
                    let other = labels[mix.permutation[n]] == k ? Float(1 - mix.lambda) : 0
                    #expect(abs(rows[n * 4 + k] - own - other) <= 1e-6)
                }
            }
            #expect(try soft.sum([1]).isClose(to: .ones([6], device: device), relative: 0, absolute: 1e-6))
        }
    }

    @Test func channelsLastStaysSo() throws {
        let images = try Tensor.uniform([4, 3, 5, 5], using: Generator(seed: 1))
        var generator = SeededGenerator(seed: 3)
        for mix in try [
            MixParameters.mixup(alpha: 1, count: 4, using: &generator),
            .cutmix(alpha: 1, count: 4, width: 5, height: 5, using: &generator),
        ] {
            let last = try mix.mixed(images: images.contiguous(.channelsLast))
            #expect(last.isContiguous(.channelsLast))
            #expect(try last.array(Float.self) == mix.mixed(images: images).array(Float.self))
        }
    }

    @Test func anEmptyBoxLeavesTheImages() throws {
        let box = AppliedTransform.Box(top: 2, left: 2, height: 0, width: 3)
        let mix = MixParameters(kind: .cutmix(box), lambda: 1, permutation: [1, 0])
        let images = try Tensor.uniform([2, 1, 4, 4], using: Generator(seed: 1))
        #expect(try mix.mixed(images: images).array(Float.self) == images.array(Float.self))
        let targets = try Tensor([Float(1), 0, 0, 1], shape: [2, 2])
        #expect(try mix.mixed(targets: targets).array(Float.self) == [1, 0, 0, 1])
    }

    @Test func anotherNumberOfSamplesAnotherRankAndSmallerImagesAreRefused() throws {
        var generator = SeededGenerator(seed: 4)
        let mixup = try MixParameters.mixup(alpha: 1, count: 3, using: &generator)
        for count in [0, 2, 4] {
            let error = #expect(throws: TorchError.self) { try mixup.mixed(images: .zeros([count, 1, 2, 2])) }
            #expect(error?.message == "the pairing is for 3 samples" && error?.shapes == [[count, 1, 2, 2]])
            #expect(throws: TorchError.self) { try mixup.mixed(targets: .zeros([count, 5])) }
        }
        #expect(throws: TorchError.self) { try mixup.mixed(images: .zeros([3, 2, 2])) }
        #expect(throws: TorchError.self) { try mixup.mixed(targets: .zeros([3])) }
        #expect(throws: TorchError.self) { try mixup.mixed(targets: Tensor(Float(1))) }
        let box = AppliedTransform.Box(top: 0, left: 2, height: 4, width: 3)
        let cutmix = MixParameters(kind: .cutmix(box), lambda: 0.5, permutation: [1, 0])
        #expect(throws: TorchError.self) { try cutmix.mixed(images: .zeros([2, 1, 4, 4])) }
        #expect(throws: TorchError.self) { try cutmix.mixed(images: .zeros([2, 1, 3, 5])) }
        #expect(try cutmix.mixed(images: .zeros([2, 1, 4, 5])).shape == [2, 1, 4, 5])
    }

    /// One case of Tests/Goldens/mixing.safetensors.
    private struct Golden: Decodable {
        struct Config: Decodable {
            let lam: Double
            let box: String?
        }
        let name: String
        let kind: String
        let config: Config
    }

    @Test func torchvisionsMixUpAndCutMixGiveTheSame() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/mixing.safetensors").standardizedFileURL
        let checkpoint = try Checkpoint.read(file.path)
        let tensors = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.key, $0.tensor) })
        let cases = try JSONDecoder().decode([Golden].self, from: Data(#require(checkpoint.metadata["cases"]).utf8))
        #expect(cases.count == 7)
        for golden in cases {
            func tensor(_ name: String) throws -> Tensor { try #require(tensors["\(golden.name)/\(name)"]) }
            let images = try tensor("input.images")
            let count = images.size(0)
            let kind: MixParameters.Kind
            if let box = golden.config.box?.split(separator: " ").compactMap({ Int($0) }), box.count == 4 {
                kind = .cutmix(.init(top: box[1], left: box[0], height: box[3] - box[1], width: box[2] - box[0]))
            } else {
                kind = .mixup
            }
            #expect((golden.kind == "mixup") == (kind == .mixup))
            // torchvision pairs each sample with the one before it.
            let mix = MixParameters(
                kind: kind, lambda: golden.config.lam, permutation: (0..<count).map { ($0 + count - 1) % count })
            let outputs = try tensor("output.images")
            #expect(try mix.mixed(images: images).isClose(to: outputs, relative: 0, absolute: 1e-6), "\(golden.name)")
            let soft = try tensor("output.targets")
            let targets = try tensor("input.labels").oneHot(soft.size(1)).to(.float32)
            #expect(try mix.mixed(targets: targets).isClose(to: soft, relative: 0, absolute: 1e-6), "\(golden.name)")
        }
    }
}
