import Support

/// Deals the samples of a data set out to parts of equal size with the same mixture of classes, for cross-validation.
///
/// Every class is shuffled and dealt out in turn, and the next class begins with the part at which the last one ended. So
/// both the samples of a class and all samples differ by one at most between any two parts. Where a sample goes depends
/// on the number of parts, on the labels and on the order of the data set alone, and on no run's seed.
///
/// - Parameters:
///   - dataset: what to deal out.
///   - folds: the number of parts, at least 2.
/// - Returns: the part of each sample, in 1...`folds`.
/// - Throws: `DatasetError` of kind `.invalidArgument` for fewer than two parts, or where a class has fewer samples than
///   there are parts, so that some would not test it. Classes without samples do not count.
public func stratifiedFolds(of dataset: any ImageDataset, folds: Int) throws(DatasetError) -> [Int] {
    guard folds >= 2 else {
        throw DatasetError(.invalidArgument, "\(folds) folds", advice: "Give a number of folds of at least 2.")
    }
    var members = [[Int]](repeating: [], count: dataset.classNames.count)
    for index in 0..<dataset.count { members[dataset.label(at: index)].append(index) }
    let small = members.indices.filter { !members[$0].isEmpty && members[$0].count < folds }
    guard small.isEmpty, dataset.count > 0 else {
        throw tooFewForFolds(small.map { (dataset.classNames[$0], members[$0].count) }, folds: folds)
    }
    var parts = [Int](repeating: 0, count: dataset.count)
    var dealt = 0
    for (label, indices) in members.enumerated() {
        var generator = SeededGenerator(seed: 0, stream: [RandomStream.fold, UInt64(label)])
        for position in generator.permutation(indices.count) {
            parts[indices[position]] = dealt % folds + 1
            dealt += 1
        }
    }
    return parts
}

/// Why some classes cannot be dealt out, and what can be done.
private func tooFewForFolds(_ small: [(name: String, count: Int)], folds: Int) -> DatasetError {
    let named = small.prefix(3).map { "\($0.name) has \($0.count == 1 ? "1 image" : "\($0.count) images")" }
    let rest = small.count - named.count
    let others = rest > 0 ? " and \(rest == 1 ? "another class has" : "\(rest) other classes have") too few" : ""
    let least = small.map(\.count).min() ?? 0
    return DatasetError(
        .invalidArgument,
        small.isEmpty
            ? "there are no images to cut into \(folds) folds"
            : "each of \(folds) folds tests every class, but " + named.joined(separator: ", ") + others,
        advice: least < 2
            ? "Give more images of each class, or leave such classes out."
            : "Set data.folds to \(least) or fewer, or give more images of each class.")
}

extension OpenedDataset {
    /// All images of the data set: those of the training part, and after them those of the parts that are held out.
    public var all: any ImageDataset {
        let parts = [train] + [validation, test].compactMap { $0 }
        return parts.count == 1 ? train : JoinedDataset(parts)
    }

    /// The data set for one round of cross-validation: of all images, one part of several is the test part, and the
    /// others are the training part (`stratifiedFolds`). Over all rounds every image is tested once.
    ///
    /// - Parameters:
    ///   - fold: the part that is tested, in 1...`folds`.
    ///   - folds: the number of parts.
    /// - Throws: `DatasetError` of kind `.invalidArgument` for a part that there is not, or as `stratifiedFolds` does.
    public func fold(_ fold: Int, of folds: Int) throws(DatasetError) -> OpenedDataset {
        let all = all
        let parts = try stratifiedFolds(of: all, folds: folds)
        guard (1...folds).contains(fold) else {
            throw DatasetError(
                .invalidArgument, "there is no fold \(fold) of \(folds)", advice: "Give a fold from 1 to \(folds).")
        }
        return OpenedDataset(
            layout: layout, train: try Subset(of: all, indices: parts.indices.filter { parts[$0] != fold }),
            test: try Subset(of: all, indices: parts.indices.filter { parts[$0] == fold }), notes: notes)
    }
}
