/// A backbone for dense work, such as the segmentation or detection of what is in an image: it gives a map of features in
/// place of one vector, and hands out the maps of earlier resolutions on the way.
public struct DenseLayer: Hashable, Sendable {
    /// A map that the backbone hands out.
    public struct Map: Hashable, Sendable, Codable {
        /// The name of the tap, `C5` for the last map.
        public var name: String
        /// The number of channels.
        public var channels: Int
        /// The number of pixels of the image along a side of one position. Where strides became dilation it is less than
        /// that of the network as it was.
        public var stride: Int

        /// A map of this name, number of channels and stride.
        public init(name: String, channels: Int, stride: Int) {
            (self.name, self.channels, self.stride) = (name, channels, stride)
        }
    }

    /// The layers from [channels, H, W] to the last map, [C, H / stride, W / stride], without the pooling to a vector.
    /// Keys are those of the network that it was made from, so that the same checkpoint loads but for what stood behind
    /// the pooling.
    public var layer: Layer
    /// The maps that are handed out, in the order of the computation; the last is also what the layers give. There is at
    /// least one.
    public var maps: [Map]

    /// Layers that hand out these maps; `Layer.dense` makes both of a network.
    public init(layer: Layer, maps: [Map]) { (self.layer, self.maps) = (layer, maps) }

    /// The map of a name; nil where there is none.
    public func map(_ name: String) -> Map? { maps.first { $0.name == name } }
}

extension Layer {
    /// The number of maps that a dense network hands out at most.
    static let mostMaps = 4

    /// Makes a backbone for dense work of one that ends in pooled features: a network, a space with its choices, or an
    /// elastic network, under the same keys.
    ///
    /// What pools the last map, and all that follows, is left out. The last result of each resolution is handed out. The
    /// last one is `C5`, those before it are `C4`, `C3` and `C2`; still earlier ones are not handed out. In a network of
    /// five strides of two, such as ResNets for photographs, these are the strides 4, 8, 16 and 32; where it has others,
    /// the names count from its end, and `DenseLayer.Map.stride` says what they mean. A block is one piece: what a block
    /// with a stride makes before it takes the stride is not looked at.
    ///
    /// From `outputStride` on no layer has a stride any more. What would have taken one of s leaves that to the layers
    /// behind it, whose windows spread by s, so that each sees the positions that it saw before (Chen et al., "DeepLab",
    /// 2016). So the first convolution of a stage keeps the dilation of the stage before, as in torchvision's ResNets
    /// (`replace_stride_with_dilation`) and in ResNeSt, in timm's EfficientNets, and in TensorFlow's MobileNetV2; torchvision's dilated
    /// MobileNetV3 spreads it as well. Of convolutions alone, every position of the dense map that the network itself has
    /// keeps its values.
    /// Pooling behaves as it does in dense ResNeSts (Zhang et al., 2020): windows that overlap keep their size and lose
    /// the stride, windows that lie side by side, as those on shortcuts, disappear, and none spreads. Zeros before a stride
    /// that is dropped surround the image evenly, as TensorFlow has them before a convolution without stride.
    ///
    /// A network whose last stride is at most `outputStride` stays as it is.
    ///
    /// - Parameters:
    ///   - inputs: the number of channels of the images.
    ///   - outputStride: the number of pixels along a side of one position of the last map: 8, 16 or 32; smaller powers of
    ///     two for networks of small images.
    /// - Throws: `SpaceError.layer` for a network that cannot be made dense, with the reason: one whose images are resized
    ///   or that hands out maps already, that pools to a vector amid its blocks or at once, whose strides do not meet the
    ///   output stride, or whose windows cannot keep the size without their stride.
    public func dense(inputs: Int = 3, outputStride: Int) throws -> DenseLayer {
        guard [1, 2, 4, 8, 16, 32].contains(outputStride) else {
            throw SpaceError.layer(
                path: "network", "an output stride (=\(outputStride)) must be one of 1, 2, 4, 8, 16 and 32")
        }
        guard !hasTaps else {
            throw SpaceError.layer(path: "network", "it hands out maps already, so that it cannot be made dense")
        }
        // Checks every number and all channels.
        _ = try TensorLayout(of: self, inputs: inputs)
        let parts: [Part] = if case .sequence(let parts) = self { parts } else { [Part("", self)] }
        return try DenseWalk(outputStride: outputStride).dense(parts, inputs: inputs)
    }
}
