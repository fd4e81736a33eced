import Datasets
import Torch

extension MixParameters {
    /// Mixes images [N, C, H, W] with one another.
    ///
    /// - Throws: `TorchError` if the batch has not as many images as the pairing.
    public func mixed(images: Tensor) throws -> Tensor {
        let others = try images.indexed(by: partners(images))
        switch kind {
        case .mixup:
            return try images * lambda + others * (1 - lambda)
        case .cutmix(let box):
            guard box.height > 0, box.width > 0 else { return images }
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
    public func mixed(targets: Tensor) throws -> Tensor {
        try targets * lambda + targets.indexed(by: partners(targets)) * (1 - lambda)
    }

    private func partners(_ tensor: Tensor) throws -> Tensor {
        guard tensor.size(0) == permutation.count else {
            throw TorchError(
                .invalidArgument, operation: "mix", shapes: [tensor.shape],
                message: "the pairing is for \(permutation.count) samples")
        }
        return try Tensor(permutation, device: tensor.device)
    }
}
