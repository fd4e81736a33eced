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

/// Which samples to choose, so that each class gives its share, as `stratifiedSplit` says. `fraction` lies between 0
/// and 1; `stream` keeps one purpose's choices apart from another's under the same seed.
func stratifiedChoice(
    of dataset: any ImageDataset, fraction: Double, seed: UInt64, stream: [UInt64] = []
) -> [Bool] {
    stratifiedChoice(
        of: (0..<dataset.count).map(dataset.label), classes: dataset.classNames.count, fraction: fraction, seed: seed,
        stream: stream)
}

/// The same for labels alone, each in 0..<`classes`.
func stratifiedChoice(
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

/// How many of each class to choose, as `stratifiedSplit` says. `fraction` lies between 0 and 1.
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
