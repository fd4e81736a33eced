import Torch

/// What an observer of one pass through a network is shown, in the order of the computation.
public enum PassEvent {
    /// What a ReLU gave, [N, C, H, W] or [N, features]; those within a split attention included. Where the ReLU is part
    /// of a kernel, it is that kernel's result.
    case rectified(Tensor)
    /// What goes into a global pooling, [N, C, H, W].
    case pooling(Tensor)
}

/// Looks on in one pass: it is handed to the pass and kept nowhere. The tensors are the network's own, to be read only.
public typealias PassObserver = (PassEvent) throws -> Void
