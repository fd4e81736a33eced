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
