import Datasets
import Torch

/// A batch on its way through the transforms: where each image stands, and what it still waits for.
struct StepQueue {
    private let device: Device
    /// What each image still waits for.
    private var steps: [ArraySlice<AppliedTransform>]
    /// Each image as it stands; nil until it is loaded.
    private var rows: [ImageRow?]

    private let elementLimit: Int

    /// - Parameter elementLimit: images that do the same step together have at most this many elements, the matrices
    ///   that the step needs counted in; more are taken in several goes. The default is 256 MiB.
    init(_ transforms: [[AppliedTransform]], device: Device, elementLimit: Int = 1 << 26) {
        self.device = device
        self.elementLimit = elementLimit
        steps = transforms.map { $0[...] }
        rows = Array(repeating: nil, count: transforms.count)
    }

    /// Begins with images [N, C, H, W] on the device.
    mutating func load(_ images: Tensor) throws {
        for index in rows.indices {
            rows[index] = ImageRow(stack: images, index: index)
            skipIdleSteps(index)
        }
    }

    /// Begins with images in memory. Crops and resizes that come first are done on the way.
    mutating func load(_ images: [Image]) throws {
        var groups: [ImagePacking: [Int]] = [:]
        for (index, image) in images.enumerated() {
            if let first = steps[index].first { try check(first, index, image.channels, image.height, image.width) }
            groups[ImagePacking(image, first: steps[index].first), default: []].append(index)
        }
        // In the order of the images, so that the same batch takes the same way.
        for (packing, members) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
            for part in members.parts(elementLimit / packing.elementCount) {
                let result = try packing.load(part.map { images[$0] }, first: part.map { steps[$0].first }, on: device)
                for (position, index) in part.enumerated() {
                    rows[index] = ImageRow(stack: result, index: position)
                    if packing.doesFirstStep { steps[index].removeFirst() }
                    skipIdleSteps(index)
                }
            }
        }
    }

    /// Does one kind of step for all images of one shape that wait for it. Returns false when everything is done.
    mutating func advance() throws -> Bool {
        guard let (kind, members) = next(), let row = rows[members[0]] else { return false }
        for index in members {
            if let step = steps[index].first { try check(step, index, row.channels, row.height, row.width) }
        }
        let size = kind.elementCount(channels: row.channels, height: row.height, width: row.width)
        for part in members.parts(elementLimit / size) {
            let images = try ImageRow.gathered(part.compactMap { rows[$0] })
            let result = try kind.perform(part.compactMap { steps[$0].first }, on: images)
            for (position, index) in part.enumerated() {
                rows[index] = ImageRow(stack: result, index: position)
                steps[index].removeFirst()
                skipIdleSteps(index)
            }
        }
        return true
    }

    /// Does every step that is waited for, and returns the images in their order.
    mutating func finish() throws -> Tensor {
        while try advance() {}
        let done = rows.compactMap { $0 }
        if let first = done.first, let other = done.firstIndex(where: { $0.shape != first.shape }) {
            throw AugmentationError(problems: [
                "after augmentation image 0 is \(Self.words(first.shape)) (channels x height x width), image \(other) "
                    + "is \(Self.words(done[other].shape)); end the augmentation with a crop, or convert the channels"
            ])
        }
        return try ImageRow.gathered(done)
    }

    /// The kind of step to do next, and all images that wait for it. Nil when everything is done.
    ///
    /// The image with the most steps left decides: whoever is ahead waits, so that what all images share at the end, a
    /// normalisation mostly, is done for all at once.
    private func next() -> (StepKind, [Int])? {
        var leader: Int?
        for index in steps.indices where steps[index].count > (leader.map { steps[$0].count } ?? 0) { leader = index }
        guard let leader, let first = steps[leader].first, let shape = rows[leader]?.shape else { return nil }
        let kind = StepKind(first)
        let members = steps.indices.filter { index in
            guard let step = steps[index].first else { return false }
            return StepKind(step) == kind && rows[index]?.shape == shape
        }
        // Neighbours in a stack are gathered as one.
        var order: [ObjectIdentifier: Int] = [:]
        for index in members {
            if let stack = rows[index]?.identity, order[stack] == nil { order[stack] = order.count }
        }
        func place(_ index: Int) -> (Int, Int) {
            guard let row = rows[index] else { return (0, 0) }
            return (order[row.identity] ?? 0, row.index)
        }
        return (kind, members.sorted { place($0) < place($1) })
    }

    /// Passes over the steps that leave this image as it is.
    private mutating func skipIdleSteps(_ index: Int) {
        guard let row = rows[index] else { return }
        while let step = steps[index].first {
            switch step {
            case .saturation, .hue, .grayscale:
                guard row.channels == 1 else { return }
            case .sharpness(let factor):
                guard row.height < 3 || row.width < 3, Float(factor).isFinite else { return }
            default: return
            }
            steps[index].removeFirst()
        }
    }

    private func check(_ step: AppliedTransform, _ index: Int, _ channels: Int, _ height: Int, _ width: Int) throws {
        if let problem = step.problem(channels: channels, height: height, width: width) {
            throw AugmentationError(problems: ["image \(index): \(problem)"])
        }
    }

    private static func words(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }
}

extension Array {
    /// The elements in order, at most `size` (but one at least) at a time.
    func parts(_ size: Int) -> [ArraySlice<Element>] {
        let step = Swift.max(size, 1)
        return stride(from: 0, to: count, by: step).map { self[$0..<Swift.min($0 + step, count)] }
    }
}
