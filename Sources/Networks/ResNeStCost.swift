import NN

extension ResNeStDescription {
    /// Multiply-adds of convolutions and linear layers for one image of `size` x `size` pixels. Normalisation,
    /// activations and pooling are not counted. ResNeSt-50 of code `cls` takes 5,332,293,584 at 224.
    ///
    /// - Throws: `TorchError` if the description makes no network.
    public func multiplyAdds(imageSize size: Int) throws -> Int {
        try validate()
        var total = 0
        /// A convolution of `groups` groups with `side` x `side` outputs.
        func convolve(_ inputs: Int, _ outputs: Int, kernel: Int, groups: Int = 1, side: Int) {
            total += outputs * (inputs / groups) * kernel * kernel * side * side
        }
        var side = size
        switch stem {
        case .deep:
            side = (side - 1) / 2 + 1
            convolve(channels, firstChannels, kernel: 3, side: side)
            convolve(firstChannels, firstChannels, kernel: 3, side: side)
            convolve(firstChannels, stemChannels, kernel: 3, side: side)
            side = (side - 1) / 2 + 1
        case .small:
            convolve(channels, stemChannels, kernel: 3, side: side)
        }
        var inputs = stemChannels
        var block = 0
        for (stage, (planes, depth)) in zip(planes, depths).enumerated() {
            for index in 0..<depth {
                let choice = SplitAttentionChoice.all[code[block]]
                let width = choice.innerWidth(planes: planes)
                let outputs = planes * expansion
                let strided = index == 0 && stage > 0
                // Strides are taken after the 3x3, so that it and what comes before run at full size.
                let small = strided ? (side - 1) / 2 + 1 : side
                convolve(inputs, width, kernel: 1, side: side)
                convolve(
                    width, width * choice.radix, kernel: 3, groups: choice.cardinality * choice.radix, side: side)
                let reduced = SplitAttention.reducedWidth(
                    width, radix: choice.radix, cardinality: choice.cardinality)
                convolve(width, reduced, kernel: 1, groups: choice.cardinality, side: 1)
                convolve(reduced, width * choice.radix, kernel: 1, groups: choice.cardinality, side: 1)
                convolve(width, outputs, kernel: 1, side: small)
                if index == 0 { convolve(inputs, outputs, kernel: 1, side: small) }
                (inputs, side, block) = (outputs, small, block + 1)
            }
        }
        return total + inputs * classes
    }
}
