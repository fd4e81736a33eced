import Support

/// Divides a data set into a training and a validation part with the same mixture of classes.
///
/// The number of validation samples of each class is that of the largest-remainder method (Hamilton's): every class
/// gets its quota `n * validationFraction` rounded down, and the seats that are then missing from the rounded total go
/// to the classes with the largest remainders, the lower class first among equals. No class is moved as a whole: a
/// class keeps at least one training sample, even where the total then falls short.
///
/// Which samples they are depends on the seed, the class and its samples alone. Under one seed the validation part of
/// a smaller fraction lies within that of a larger one wherever the counts do.
///
/// - Parameters:
///   - dataset: what to divide.
///   - validationFraction: between 0 and 1, both excluded.
///   - seed: of the choice.
/// - Returns: two disjoint parts that together hold every sample, each in the order of `dataset`.
/// - Throws: `DatasetError` of kind `.invalidArgument` for a fraction out of range, or one that leaves a part empty.
public func stratifiedSplit(
    of dataset: any ImageDataset, validationFraction: Double, seed: UInt64
) throws(DatasetError) -> (train: Subset, validation: Subset) {
    guard validationFraction > 0, validationFraction < 1 else {
        throw DatasetError(
            .invalidArgument, "a validation fraction of \(validationFraction)",
            advice: "Give a fraction between 0 and 1, such as 0.1.")
    }
    let isHeldOut = stratifiedChoice(of: dataset, fraction: validationFraction, seed: seed)
    let train = isHeldOut.indices.filter { !isHeldOut[$0] }
    let validation = isHeldOut.indices.filter { isHeldOut[$0] }
    guard !train.isEmpty, !validation.isEmpty else { throw emptyPart(of: dataset, validationFraction) }
    return (try Subset(of: dataset, indices: train), try Subset(of: dataset, indices: validation))
}

/// Why a split leaves a part empty, and what would not.
private func emptyPart(of dataset: any ImageDataset, _ fraction: Double) -> DatasetError {
    let labels = (0..<dataset.count).map(dataset.label)
    let classes = Set(labels).count
    let isOneEach = dataset.count > 0 && classes == dataset.count
    let what =
        "a validation fraction of \(fraction) of \(dataset.count) images in \(classes) classes leaves one part empty"
    return DatasetError(
        .invalidArgument, isOneEach ? "\(what): each class has one image alone" : what,
        advice: isOneEach
            ? "Give each class several images; if the labels are numbers of something, such as prices, they are no classes."
            : dataset.count < 2
                ? "Give more images: one to learn from and one to choose by at least."
                : "Give more images, images to choose by (val beside train), or a larger data.validation-fraction: "
                    + "\(String(1 / Double(dataset.count))) takes one image.")
}

/// A part of a data set with the same mixture of classes.
///
/// Each class gives as many samples as `stratifiedSplit` would hold out; a class too small for its share gives none. Which
/// they are depends on the seed, the class and its samples alone, and has nothing to do with what `stratifiedSplit`
/// chooses under the same seed. A larger fraction holds the smaller one's samples wherever the counts do.
///
/// - Parameters:
///   - dataset: what to choose from.
///   - fraction: above 0 and at most 1, which gives every sample.
///   - seed: of the choice.
/// - Returns: the samples chosen, in the order of `dataset`.
/// - Throws: `DatasetError` of kind `.invalidArgument` for a fraction out of range, or one that chooses nothing.
public func subset(of dataset: any ImageDataset, fraction: Double, seed: UInt64) throws(DatasetError) -> Subset {
    guard fraction > 0, fraction <= 1 else {
        throw DatasetError(
            .invalidArgument, "a fraction of \(fraction)", advice: "Give a fraction above 0 and at most 1, such as 0.1."
        )
    }
    guard fraction < 1 else { return try Subset(of: dataset, indices: Array(0..<dataset.count)) }
    // Not the samples that a validation split of the same seed would hold out.
    let isChosen = stratifiedChoice(of: dataset, fraction: fraction, seed: seed, stream: [RandomStream.subset])
    let indices = isChosen.indices.filter { isChosen[$0] }
    guard !indices.isEmpty else {
        throw DatasetError(
            .invalidArgument, "a fraction of \(fraction) of \(dataset.count) samples chooses none",
            advice: "Give more samples or a larger fraction.")
    }
    return try Subset(of: dataset, indices: indices)
}

// MARK: - Choosing class by class

/// Which samples to choose, so that each class gives its share, as `stratifiedSplit` says. `fraction` lies between 0
/// and 1; `stream` keeps one purpose's choices apart from another's under the same seed.
func stratifiedChoice(
    of dataset: any ImageDataset, fraction: Double, seed: UInt64, stream: [UInt64] = []
) -> [Bool] {
    stratifiedChoice(
        of: (0..<dataset.count).map(dataset.label), classes: dataset.classNames.count, fraction: fraction, seed: seed,
        stream: stream)
}

/// Which of the samples with these labels, each in 0..<`classes`, to choose, so that each class gives its share, as
/// `stratifiedSplit` says.
package func stratifiedChoice(
    of labels: [Int], classes: Int, fraction: Double, seed: UInt64, stream: [UInt64]
) -> [Bool] {
    var members = [[Int]](repeating: [], count: classes)
    for (index, label) in labels.enumerated() { members[label].append(index) }
    let seats = seatsByLargestRemainder(sizes: members.map(\.count), fraction: fraction)
    var isChosen = [Bool](repeating: false, count: labels.count)
    for (label, indices) in members.enumerated() {
        var generator = SeededGenerator(seed: seed, stream: stream + [UInt64(label)])
        for position in generator.permutation(indices.count).prefix(seats[label]) {
            isChosen[indices[position]] = true
        }
    }
    return isChosen
}

/// The number of images to choose of each class, as `stratifiedSplit` says. `fraction` lies between 0 and 1.
func seatsByLargestRemainder(sizes: [Int], fraction: Double) -> [Int] {
    // A quota that should be whole may miss it by a rounding error of the product (0.29 * 100 is below 29), and two
    // that should be equal may differ by one. So remainders count in billionths.
    let unit = 1e9
    let quotas = sizes.map { size -> (whole: Int, remainder: Int) in
        let quota = Double(size) * fraction
        let whole = (quota + 0.5 / unit).rounded(.down)
        return (Int(whole), Int(((quota - whole) * unit).rounded()))
    }
    var seats = zip(sizes, quotas).map { size, quota in min(quota.whole, max(0, size - 1)) }
    let total = Int((Double(sizes.reduce(0, +)) * fraction + 0.5 / unit).rounded())
    let missing = max(0, total - quotas.reduce(0) { $0 + $1.whole })
    let claimants = sizes.indices
        .filter { quotas[$0].remainder > 0 && seats[$0] + 1 < sizes[$0] }
        .sorted { (-quotas[$0].remainder, $0) < (-quotas[$1].remainder, $1) }
    for label in claimants.prefix(missing) { seats[label] += 1 }
    return seats
}

// MARK: - Without regard to labels

/// The share of some images to set apart: the fraction; where that is of less than two images and there are four or more,
/// the share that two are, so that there is a batch with statistics on either side.
///
/// - Parameters:
///   - fraction: the share that is asked for, between 0 and 1.
///   - count: the number of all images.
public func heldOutShare(_ fraction: Double, of count: Int) -> Double {
    (fraction * Double(count)).rounded() < 2 && count >= 4 ? 2 / Double(count) : fraction
}

/// Divides a data set at random, image by image and without regard to labels, as faces with their many ages and targets
/// whose labels are not to be looked at need it.
///
/// - Parameters:
///   - dataset: what to divide.
///   - fraction: the share to hold out, raised as `heldOutShare` says where it would be a single image.
///   - stream: what keeps the choice apart from others, a `RandomStream`. The split is part of the data: it depends on no
///     run's seed.
///   - part: what the part that is held out is called in errors, such as `validation`.
/// - Returns: the part that is held out and the rest, each in the order of `dataset`.
/// - Throws: `DatasetError` of kind `.invalidArgument` for a fraction that leaves a part empty.
public func randomSplit(
    of dataset: any ImageDataset, holdingOut fraction: Double, stream: UInt64, as part: String
) throws(DatasetError) -> (heldOut: Subset, rest: Subset) {
    let held = Int((heldOutShare(fraction, of: dataset.count) * Double(dataset.count)).rounded())
    guard held > 0, held < dataset.count else {
        throw DatasetError(
            .invalidArgument, "a \(part) part of \(fraction) of \(dataset.count) images leaves one part empty",
            advice: "Give more images, or another data.validation-fraction.")
    }
    var generator = SeededGenerator(seed: 0, stream)
    let order = generator.permutation(dataset.count)
    return (
        try Subset(of: dataset, indices: order.prefix(held).sorted()),
        try Subset(of: dataset, indices: order.dropFirst(held).sorted())
    )
}

extension OpenedDataset {
    /// The data set with a validation part that is drawn from the training images by `randomSplit`, whether it has one or
    /// not.
    ///
    /// - Parameters:
    ///   - fraction: the share of the training images that is set apart.
    ///   - stream: what keeps the choice apart from others, a `RandomStream`.
    /// - Throws: `DatasetError` of kind `.invalidArgument` for a fraction that leaves a part empty.
    public func drawingValidation(_ fraction: Double, stream: UInt64) throws(DatasetError) -> OpenedDataset {
        let split = try randomSplit(of: train, holdingOut: fraction, stream: stream, as: "validation")
        return OpenedDataset(layout: layout, train: split.rest, validation: split.heldOut, test: test)
    }

    /// The data set as a target whose labels are for the final score alone: where there is no test part, a fifth of the
    /// images becomes it, which adaptation never sees; a validation part is drawn from the rest.
    ///
    /// - Parameter validationFraction: the share of the training images that is set apart for validation.
    /// - Throws: `DatasetError` of kind `.invalidArgument` where a part would be empty.
    public func asUnlabelledTarget(validationFraction: Double) throws(DatasetError) -> OpenedDataset {
        var whole = self
        if test == nil {
            let split = try randomSplit(of: train, holdingOut: 0.2, stream: RandomStream.targetTest, as: "test")
            whole = OpenedDataset(layout: layout, train: split.rest, test: split.heldOut)
        }
        return try whole.drawingValidation(validationFraction, stream: RandomStream.targetValidation)
    }

    /// The data set under the classes of another one (`RelabelledDataset`).
    ///
    /// - Parameters:
    ///   - classNames: the classes of the other, in its order.
    ///   - name: what this data set is called in errors.
    /// - Throws: `DatasetError` that names each class with samples that the other lacks.
    public func relabelled(_ classNames: [String], name: String) throws(DatasetError) -> OpenedDataset {
        guard classNames != self.classNames else { return self }
        func part(_ set: any ImageDataset) throws(DatasetError) -> any ImageDataset {
            try RelabelledDataset(set, classNames: classNames, name: name)
        }
        return OpenedDataset(
            layout: layout, train: try part(train),
            validation: try validation.map { set throws(DatasetError) in try part(set) },
            test: try test.map { set throws(DatasetError) in try part(set) })
    }
}
