/// The same classes in several domains, as Office-Home has them (Venkateswara et al., "Deep hashing network for
/// unsupervised domain adaptation", CVPR 2017):
///
///     root/Art/Backpack/00001.jpg
///     root/Real World/Backpack/00001.jpg
///
/// Domains are the folders directly under the root, each an `ImageFolderDataset`. Files beside them are passed over.
public struct DomainFolders: Sendable {
    /// The folder of the domains.
    public let root: String
    /// The domains' folders, sorted byte by byte.
    public let names: [String]
    /// The classes of all domains together, sorted byte by byte.
    public let classNames: [String]
    /// One a domain, in the order of `names`, all labelled by `classNames`; a domain may lack some of them.
    public let domains: [ImageFolderDataset]

    /// Lists the folders. Images are decoded only when they are asked for.
    ///
    /// - Parameter root: the folder of the domains.
    /// - Throws: `DatasetError` that names each domain without images, or with a class folder without; fewer than two
    ///   domains or classes; or as listing does.
    public static func open(_ root: String) throws(DatasetError) -> DomainFolders {
        let names = try Folder.list(root).folders
        guard names.count > 1 else {
            let found = names.first.map { "one folder, \($0)" } ?? "no folder"
            throw DatasetError(
                .unrecognised, file: root, "holds \(found), where two domains are needed", advice: advice)
        }
        var problems: [DatasetError.Problem] = []
        var classes: Set<String> = []
        for name in names {
            do throws(DatasetError) {
                classes.formUnion(try ImageFolderDataset(at: Folder.join(root, name)).classNames)
            } catch  where error.kind == .empty {
                problems += error.problems.map { .init("domain \(name): \($0.what)") }
            }
        }
        guard problems.isEmpty else {
            throw DatasetError(.empty, file: root, problems: problems, advice: advice)
        }
        guard classes.count > 1 else {
            throw DatasetError(
                .unrecognised, file: root, "all domains have the one class \(classes.first ?? "")", advice: advice)
        }
        let classNames = classes.sorted(by: Folder.precedes)
        var domains: [ImageFolderDataset] = []
        for name in names {
            domains.append(try ImageFolderDataset(at: Folder.join(root, name), classNames: classNames))
        }
        return DomainFolders(root: root, names: names, classNames: classNames, domains: domains)
    }

    /// The domain with that name.
    ///
    /// - Throws: `DatasetError` of kind `.invalidArgument` that lists the domains there are.
    public func domain(_ name: String) throws(DatasetError) -> ImageFolderDataset {
        guard let position = names.firstIndex(of: name) else {
            throw DatasetError(
                .invalidArgument, file: root, "has no domain \(name)",
                advice: "Its domains are \(names.joined(separator: ", ")).")
        }
        return domains[position]
    }

    /// Two domains, both labelled by the source's classes alone.
    ///
    /// - Parameters:
    ///   - source: the name of the domain whose labels are known.
    ///   - target: the name of the other one. It may lack classes of the source.
    /// - Throws: `DatasetError` that names each class of the target which the source lacks; of kind `.invalidArgument`
    ///   for one domain twice, or one that there is not.
    public func transfer(from source: String, to target: String) throws(DatasetError) -> DomainTransfer {
        guard source != target else {
            throw DatasetError(
                .invalidArgument, file: root, "\(source) is named as source and as target",
                advice: "Name two of \(names.joined(separator: ", ")).")
        }
        let known = classes(of: try domain(source))
        let missing = classes(of: try domain(target)).subtracting(known).sorted(by: Folder.precedes)
        guard missing.isEmpty else {
            throw DatasetError(
                .malformed, file: root,
                problems: missing.map { .init("class \($0) of the target \(target) is not in the source \(source)") },
                advice:
                    "A network can only name classes that its source taught it: add them to \(source), or move them "
                    + "out of \(target).")
        }
        let classNames = known.sorted(by: Folder.precedes)
        return try DomainTransfer(
            source: ImageFolderDataset(at: Folder.join(root, source), classNames: classNames),
            target: ImageFolderDataset(at: Folder.join(root, target), classNames: classNames))
    }

    private func classes(of domain: ImageFolderDataset) -> Set<String> {
        Set(Set((0..<domain.count).map(domain.label)).map { classNames[$0] })
    }

    private static let advice =
        "Domains lie as DOMAIN/CLASS/image, such as Art/Backpack/00001.jpg, with classes of the same names in each."
}

/// A source whose labels are learnt from and a target whose labels are not.
public struct DomainTransfer: Sendable {
    /// Labelled by its own classes.
    public let source: ImageFolderDataset
    /// The target's images without labels: all that adaptation may see.
    public let target: ImageFiles
    /// The target with the source's classes, for the final score.
    public let labelledTarget: ImageFolderDataset

    init(source: ImageFolderDataset, target: ImageFolderDataset) throws(DatasetError) {
        self.source = source
        labelledTarget = target
        self.target = try ImageFiles((0..<target.count).map(target.source))
    }
}
