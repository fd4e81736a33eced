/// The operations that detectors need beside those of other networks.
extension Tensor {
    /// RoIAlign: the parts of maps [N, C, H, W] under boxes, brought to one size by bilinear samples that are averaged in
    /// each bin (He et al., "Mask R-CNN", ICCV 2017). The result is [K, C, height, width], channels last; gradients flow to
    /// the maps alone.
    ///
    /// - Parameters:
    ///   - boxes: [K, 5], for each box the place of its image in the batch, x0, y0, x1 and y1 in pixels.
    ///   - scale: positions of the map a pixel, such as 1/16.
    ///   - size: the height and width of the result.
    ///   - samples: samples a bin along each axis; 0 for as many as the size of each box asks for.
    ///   - aligned: whether positions lie in the middle of pixels, as they should.
    /// - Throws: `TorchError` for other shapes, or a box of an image that is not there.
    public func roiAligned(
        _ boxes: Tensor, scale: Double, size: (Int, Int), samples: Int = 0, aligned: Bool = true
    ) throws -> Tensor {
        try Op.roiAlign(
            .tensor(self), .tensor(boxes), .double(scale), .int(size.0), .int(size.1), .int(samples), .bool(aligned))
    }

    /// The sum of the binary cross-entropies of logits with targets from 0 to 1, of the same shape.
    public func binaryCrossEntropySum(_ target: Tensor) throws -> Tensor {
        try Op.binaryCrossEntropy(.tensor(self), .tensor(target), .optional(nil), .optional(nil), .int(2))
    }

    /// The sum of the absolute differences, below `beta` of their squares over 2 beta, less half of beta above (Girshick,
    /// "Fast R-CNN", ICCV 2015).
    public func smoothL1Sum(_ target: Tensor, beta: Double) throws -> Tensor {
        try Op.smoothL1(.tensor(self), .tensor(target), .int(2), .double(beta))
    }

    /// The transpose of a convolution, which makes maps larger: with a weight [in, out, kh, kw] and an optional bias [out].
    public func transposedConvolved(_ weight: Tensor, bias: Tensor? = nil, stride: Int) throws -> Tensor {
        let maps = try Op.transposedConvolution(
            .tensor(self), .tensor(weight), .optional(nil), .ints([stride, stride]), .ints([0, 0]), .ints([0, 0]),
            .int(1), .ints([1, 1]))
        // By itself, as oneDNN finds the gradient of such a bias element by element: an eighth of a step of Mask R-CNN.
        return try bias.map { try maps + $0.to(maps.dtype).reshaped([1, -1, 1, 1]) } ?? maps
    }

    /// The places of the boxes, [N, 4] as x0, y0, x1 and y1, that no box of a higher score overlaps by more than a threshold:
    /// int64, the highest score first, of equal scores the first.
    ///
    /// - Parameters:
    ///   - scores: [N].
    ///   - groups: [N], int64; boxes of different groups, such as classes, leave each other alone. Nil: one group.
    ///   - threshold: the largest intersection over union at which both stay.
    /// - Throws: `TorchError` for other shapes.
    public func suppressed(scores: Tensor, groups: Tensor? = nil, threshold: Double) throws -> Tensor {
        try Op.nms(.tensor(self), .tensor(scores), .optional(groups), .double(threshold))
    }
}
