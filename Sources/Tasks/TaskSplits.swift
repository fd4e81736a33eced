import Datasets
import Support
import Training

extension OpenedDataset {
    /// With a validation part that is drawn image by image, without regard to labels.
    func drawingValidation(_ configuration: DataConfiguration, stream: UInt64) throws -> OpenedDataset {
        let (held, rest) = try draw(configuration.validationFraction, of: train, stream: stream, "validation")
        return OpenedDataset(layout: layout, train: rest, validation: held, test: test)
    }

    /// A target whose labels are for the final score alone: where there is no test part, a fifth of the images becomes it,
    /// which adaptation never sees.
    func forUnlabelledUse(_ configuration: DataConfiguration) throws -> OpenedDataset {
        var whole = self
        if test == nil {
            let (held, rest) = try draw(0.2, of: train, stream: RandomStream.unlabelledTest, "test")
            whole = OpenedDataset(layout: layout, train: rest, test: held)
        }
        return try whole.drawingValidation(configuration, stream: RandomStream.unlabelledValidation)
    }

    func relabelled(_ classNames: [String], name: String) throws -> OpenedDataset {
        guard classNames != self.classNames else { return self }
        func part(_ set: any ImageDataset) throws -> any ImageDataset {
            try RelabelledDataset(set, classNames: classNames, name: name)
        }
        return OpenedDataset(
            layout: layout, train: try part(train), validation: try validation.map(part), test: try test.map(part))
    }

    private func draw(
        _ fraction: Double, of set: any ImageDataset, stream: UInt64, _ name: String
    ) throws -> (held: Subset, rest: Subset) {
        let held = Int((DataConfiguration.share(fraction, of: set.count) * Double(set.count)).rounded())
        guard held > 0, held < set.count else {
            throw DatasetError(
                .invalidArgument, "a \(name) part of \(fraction) of \(set.count) images leaves one part empty",
                advice: "Give more images, or another data.validation-fraction.")
        }
        var generator = SeededGenerator(seed: 0, stream)
        let order = generator.permutation(set.count)
        return (
            try Subset(of: set, indices: order.prefix(held).sorted()),
            try Subset(of: set, indices: order.dropFirst(held).sorted())
        )
    }
}
