/// The numbers that files of masks hold for classes, as the evaluations of data sets expect them.
public enum MaskNumbering: String, Sendable, CaseIterable {
    /// The classes in their order, counted from 0.
    case classes
    /// The classes in their order, counted from 1, as in ADE20K, where 0 is what belongs to no class.
    case ade20k
    /// The numbers of Cityscapes' files `labelIds`, which its own evaluation and its server take, by the names of its
    /// classes.
    case cityscapes

    /// The number of each class.
    ///
    /// - Parameter names: the names of the classes, in the order of the labels.
    /// - Throws: `DatasetError` where Cityscapes has no class of a name, or there are more classes than numbers.
    public func numbers(of names: [String]) throws(DatasetError) -> [UInt8] {
        switch self {
        case .classes, .ade20k:
            let first = self == .classes ? 0 : 1
            guard first + names.count <= Int(LabelMap.ignored) else {
                throw DatasetError(
                    .malformed, "\(names.count) classes have no numbers in masks of 8 bits",
                    advice: "Number masks by `\(Self.classes.rawValue)`.")
            }
            return names.indices.map { UInt8(first + $0) }
        case .cityscapes:
            let known = Dictionary(
                uniqueKeysWithValues: zip(PixelClasses.cityscapes.names, PixelClasses.cityscapesIDs))
            var numbers: [UInt8] = []
            for name in names {
                guard let number = known[name] else {
                    throw DatasetError(
                        .malformed, "Cityscapes has no class `\(name)`",
                        advice: "Number masks by `\(Self.classes.rawValue)`; Cityscapes' classes are "
                            + PixelClasses.cityscapes.names.joined(separator: ", ") + ".")
                }
                numbers.append(UInt8(number))
            }
            return numbers
        }
    }
}
