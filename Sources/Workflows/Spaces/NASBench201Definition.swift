import Architectures
import Experiments

/// The sizes of the space `nas-bench-201`.
public struct NASBench201Options: Configuration {
    /// The number of channels of the first stage; the second and third have twice and four times as many.
    public var width = 16
    /// The number of cells of each stage.
    public var cells = 5
    /// The reduction between stages: `residual`, as in the benchmark, or `pool`.
    public var reduction = NASBench201Space.Reduction.residual
    /// The stride of the stem.
    public var stemStride = 1

    /// Creates the sizes of the benchmark.
    public init() {}

    /// A help text for each key.
    public static let keyHelp = [
        "width": "Channels of the first stage; the second and third have twice and four times as many.",
        "cells": "Cells of each stage.",
        "reduction": "What stands between stages: residual, as in the benchmark, or pool.",
        "stem-stride": "Stride of the stem.",
    ]

    /// Checks that sizes are in range.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require("width", [width], in: 1...8192)
        check.require("cells", [cells], in: 1...256)
        check.require("stem-stride", [stemStride], in: 1...8)
        try check.finish()
    }
}

/// The space `nas-bench-201`: the cells of NAS-Bench-201.
struct NASBench201Definition: SpaceDefinition {
    let name = "nas-bench-201"
    let summary = "The cell space of NAS-Bench-201: five operations on each of six edges."
    let defaults = NASBench201Options()

    func description(_ options: NASBench201Options, channels: Int) throws -> SupernetDescription {
        try NASBench201Space(
            channels: channels, width: options.width, cells: options.cells, stemStride: options.stemStride,
            reduction: options.reduction
        ).description(name: name)
    }
}
