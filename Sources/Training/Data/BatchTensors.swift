import Datasets
import Torch

extension Batch {
    /// The images of one view of the batch, [N, C, H, W], float32, in the memory format of the loader's layout.
    ///
    /// On the CPU nothing is copied: the tensor keeps the batch alive and reads its memory.
    public func images(view: Int = 0, on device: Device = .cpu) throws -> Tensor {
        let values = values(view: view)
        guard let memory = values.baseAddress else {
            return try .zeros([0, channels, height, width], device: device)
        }
        let strides: [Int]
        switch layout {
        case .nchw: strides = [channels * height * width, height * width, width, 1]
        case .nhwc: strides = [height * width * channels, 1, width * channels, channels]
        }
        let tensor = try Tensor.borrowing(
            UnsafeMutableRawPointer(memory), shape: [count, channels, height, width], strides: strides,
            dtype: .float32
        ) { withExtendedLifetime(self) {} }
        return try tensor.to(device)
    }

    /// The class of each pixel of one view as [N, H, W] uint8, `LabelMap.ignored` where there is none; nil for a batch
    /// without label maps.
    ///
    /// On the CPU nothing is copied: the tensor keeps the batch alive and reads its memory.
    public func labelMaps(view: Int = 0, on device: Device = .cpu) throws -> Tensor? {
        guard annotationKind == .map else { return nil }
        let values = maps(view: view)
        guard let memory = values.baseAddress else {
            return try .zeros([0, height, width], dtype: .uint8, device: device)
        }
        return try Tensor.borrowing(
            UnsafeMutableRawPointer(memory), shape: [count, height, width], strides: [height * width, width, 1],
            dtype: .uint8
        ) { withExtendedLifetime(self) {} }.to(device)
    }

    /// The labels of the batch, [N], int64.
    public func targets(on device: Device = .cpu) throws -> Tensor {
        try Tensor(labels, device: device)
    }
}

extension MixParameters {
    /// Mixes images [N, C, H, W] with one another.
    ///
    /// - Throws: `TorchError` if there are not as many images as the pairing has, or a box does not lie within them.
    public func mixed(images: Tensor) throws -> Tensor {
        guard images.rank == 4 else { throw refusal(images, "needs images [N, C, H, W]") }
        let others = try images.indexed(by: partners(images))
        switch kind {
        case .mixup:
            return try images * lambda + others * (1 - lambda)
        case .cutmix(let box):
            guard box.height > 0, box.width > 0 else { return images }
            guard box.top + box.height <= images.size(2), box.left + box.width <= images.size(3) else {
                throw refusal(images, "the box was drawn for larger images, so lambda is not that of these")
            }
            let mixed = try images.cloned()
            func part(_ tensor: Tensor) throws -> Tensor {
                try tensor.slice(box.top..<box.top + box.height, dimension: 2)
                    .slice(box.left..<box.left + box.width, dimension: 3)
            }
            try part(mixed).copyInPlace(from: part(others))
            return mixed
        }
    }

    /// Mixes class probabilities [N, K] as the images were.
    ///
    /// - Throws: `TorchError` if there are not as many rows as the pairing has.
    public func mixed(targets: Tensor) throws -> Tensor {
        guard targets.rank == 2 else {
            throw refusal(targets, "needs class probabilities [N, K]; `oneHot` makes them of labels")
        }
        return try targets * lambda + targets.indexed(by: partners(targets)) * (1 - lambda)
    }

    private func partners(_ tensor: Tensor) throws -> Tensor {
        guard tensor.size(0) == permutation.count else {
            throw refusal(tensor, "the pairing is for \(permutation.count) samples")
        }
        return try Tensor(permutation, device: tensor.device)
    }

    private func refusal(_ tensor: Tensor, _ message: String) -> TorchError {
        TorchError(.invalidArgument, operation: "mix", shapes: [tensor.shape], message: message)
    }
}
