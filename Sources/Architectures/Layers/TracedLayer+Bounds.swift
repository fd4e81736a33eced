extension TracedLayer {
    /// The most values that a layer may take in or give for one image: 4 GiB of them.
    static let mostValues = 1 << 30
    /// The most learned numbers of a supernet, all candidates together: 64 GiB of them.
    static let mostParameters = 1 << 34
    /// The most multiply-adds of a supernet for one image, all candidates together: a quarter of an hour on a processor.
    static let mostMultiplyAdds = 1 << 46

    /// Refuses what can be counted and no machine would ever be done with: layers that each are within their bounds, such as
    /// padding by the hundred.
    ///
    /// - Parameters:
    ///   - layers: of a supernet, for images of one size.
    ///   - space: its name, for the error.
    /// - Throws: `SpaceError.layer` at the first layer that has too much, or `SpaceError.invalid` for their sum.
    static func refuseBeyondMachines(_ layers: [TracedLayer], space: String) throws {
        for layer in layers {
            // What pads or pools away is no layer of the trace by itself, but what follows takes it in.
            for shape in [layer.input, layer.output] where shape.count > mostValues {
                throw SpaceError.layer(
                    path: layer.path, "there are \(shape) values for one image here, which is more than 2^30")
            }
        }
        let sum = layers.reduce(into: Cost()) { $0 += $1.cost }
        var problems: [String] = []
        if sum.parameters > mostParameters {
            problems.append("its candidates have \(sum.parameters) parameters together, which is more than 2^34")
        }
        if sum.multiplyAdds > mostMultiplyAdds {
            problems.append(
                "its candidates take \(sum.multiplyAdds) multiply-adds together for one image, which is more than 2^46")
        }
        if !problems.isEmpty { throw SpaceError.invalid(space: space, problems) }
    }
}
