import Support
import Torch

/// A closure that takes a map [N, C, H, W] that a pass hands out, with its name. It is passed to the pass and not stored; the
/// tensors are the network's own and must not be changed. Gradients flow through them.
public typealias MapReceiver = (_ name: String, _ map: Tensor) throws -> Void

/// What a network gives and the maps that it hands out on the way (`Layer.tap`), of one pass.
public struct FeatureMaps {
    /// The result of the last layer.
    public let output: Tensor
    /// The maps with their names, in the order of the computation.
    public let maps: [(name: String, map: Tensor)]
    /// The size of each image without the padding of its batch; empty where all fill the batch.
    public var sizes: [ImageSize] = []

    /// Puts together the result of a pass and its maps.
    public init(output: Tensor, maps: [(name: String, map: Tensor)]) { (self.output, self.maps) = (output, maps) }

    /// Collects the maps of a pass that hands them to a closure and returns its result.
    init(_ pass: (_ receive: @escaping MapReceiver) throws -> Tensor) throws {
        var maps: [(name: String, map: Tensor)] = []
        output = try pass { maps.append(($0, $1)) }
        self.maps = maps
    }

    /// The map of a name, the last one of several; nil where none was handed out.
    public subscript(name: String) -> Tensor? { maps.last { $0.name == name }?.map }

    /// Finds the map of a name.
    ///
    /// - Throws: `TorchError` that tells the names that there are.
    public func map(_ name: String) throws -> Tensor {
        guard let map = self[name] else {
            let names = maps.map(\.name).joined(separator: ", ")
            throw TorchError(
                .invalidArgument, operation: "FeatureMaps",
                message: "no map '\(name)' was handed out, only \(names.isEmpty ? "the result" : names)")
        }
        return map
    }
}
