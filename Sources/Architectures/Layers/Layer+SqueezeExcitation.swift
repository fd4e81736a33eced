extension Layer {
    /// Squeeze-and-excitation: each channel times a number that a small network finds from the means of all channels
    /// (Hu et al., "Squeeze-and-Excitation Networks", 2018; with a hard sigmoid, as in Howard et al., "Searching for
    /// MobileNetV3", 2019). Its two 1x1 convolutions have biases. [C, H, W] in and out.
    ///
    /// - Parameters:
    ///   - reduced: channels between the two convolutions.
    ///   - outputs: C, the channels that come in and go out.
    ///   - reduce: the key of the first convolution, from C channels to `reduced`.
    ///   - expand: the key of the second convolution, from `reduced` channels to C.
    ///   - activation: the layer between the convolutions.
    ///   - gate: the layer that makes factors of what the second convolution gives.
    ///   - start: the distribution that the weights of both convolutions start from.
    public static func squeezeExcitation(
        reduced: Int, outputs: Int, reduce: String = "fc1", expand: String = "fc2", activation: Layer = .relu,
        gate: Layer = .hardSigmoid, start: Convolution.Start = .fanOut
    ) -> Layer {
        .gate(
            .sequence([
                Part("", .squeeze),
                Part(reduce, .convolution(Convolution(reduced, kernel: 1, bias: true, start: start))),
                Part("", activation),
                Part(expand, .convolution(Convolution(outputs, kernel: 1, bias: true, start: start))),
                Part("", gate),
            ]))
    }
}
