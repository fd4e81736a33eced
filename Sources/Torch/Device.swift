/// The device whose memory holds a tensor, and which computes with it.
public struct Device: Sendable, Hashable, CustomStringConvertible, LosslessStringConvertible {
    /// The kind of device. Raw values are libtorch's own numbers.
    public enum Kind: Int32, Sendable {
        /// The processor of the host.
        case cpu = 0
        /// An NVIDIA GPU.
        case cuda = 1
    }

    /// The kind of the device: host or GPU.
    public let kind: Kind
    /// The device's number among those of its kind; -1 for the CPU.
    public let index: Int

    /// The host's processor and memory.
    public static let cpu = Device(kind: .cpu, index: -1)

    /// The CUDA device of the given number. Whether it exists is checked when it is first used.
    public static func cuda(_ index: Int = 0) -> Device { Device(kind: .cuda, index: index) }

    private init(kind: Kind, index: Int) {
        self.kind = kind
        self.index = index
    }

    /// Reads `cpu`, `cuda` or `cuda:1`; nil for anything else.
    public init?(_ description: String) {
        switch description {
        case "cpu": self = .cpu
        case "cuda": self = .cuda(0)
        default:
            guard description.hasPrefix("cuda:"), let index = Int(description.dropFirst(5)), (0..<128).contains(index)
            else { return nil }
            self = .cuda(index)
        }
    }

    /// The device as PyTorch writes it, `cpu` or `cuda:0`; `init(_:)` reads it back.
    public var description: String { kind == .cpu ? "cpu" : "cuda:\(index)" }

    /// Checks that the device exists, so that the error comes early and says what there is.
    ///
    /// - Throws: `TorchError` of kind `.noSuchDevice`.
    public func validate() throws {
        guard kind == .cuda else { return }
        let count = try Runtime.cudaDeviceCount()
        guard (0..<count).contains(index) else {
            let version = try Runtime.version()
            let found =
                count == 0
                ? "libtorch \(version) sees no CUDA device here (a CPU build, or no driver)"
                : "there are \(count) CUDA devices, cuda:0 to cuda:\(count - 1)"
            throw TorchError(
                .noSuchDevice, operation: "use \(self)", message: "\(found); use `cpu`, or see docs/devices.md")
        }
    }

    var packed: Int64 { Int64(kind.rawValue) << 8 | Int64(index + 1) }

    init?(packed: Int64) {
        guard let kind = Kind(rawValue: Int32(packed >> 8)) else { return nil }
        self.init(kind: kind, index: Int(packed & 255) - 1)
    }
}
