/// A network that cannot be quantized.
public enum QuantizationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The graph has an operator that only runtimes know.
    case unknownOperator(String)
    /// An operator lacks the input at this place.
    case missingInput(String, Int)
    /// There are no images to see the ranges of values by.
    case noImages
    /// A value of the network is not a number, for these images.
    case notFinite(String)

    /// The problem and its remedy as one message.
    public var description: String {
        switch self {
        case .unknownOperator(let name):
            "the network has an operator of the type \(name), whose values cannot be seen; export it in floating point"
        case .missingInput(let name, let place): "the operator '\(name)' lacks its input \(place)"
        case .noImages: "there are no images to see the ranges of the network's values by; name some"
        case .notFinite(let name):
            "the value '\(name)' of the network is not a number for these images; its weights may be damaged"
        }
    }
}
