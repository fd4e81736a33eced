import Datasets
import Torch

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
