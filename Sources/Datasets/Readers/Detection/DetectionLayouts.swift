import Support

/// COCO's layout:
///
///     annotations/instances_train2017.json      train2017/000000000009.jpg
///     annotations/instances_val2017.json        val2017/000000000139.jpg
///
/// with the images also in `images/train2017` or `images`; or a folder of each part with its file beside its images, as
/// some programs export it; or one file beside the images, without parts. Of several files of a part, that of instances is
/// taken.
struct COCOLayout: DetectionLayout {
    private let path: String
    /// The file of each part.
    private var files: [SplitRole: String] = [:]

    init?(at path: String) {
        guard FileBytes.isFolder(path) else { return nil }
        self.path = path
        let listing = FolderLook.listing(path)
        let annotations = listing.folders.first { ["annotations", "annotation"].contains($0.lowercased()) }
        let places = [annotations.map { FilePath.join(path, $0) }, path].compactMap(\.self)
        for place in places where files.isEmpty {
            let candidates = FolderLook.listing(place).files.map { FilePath.join(place, $0) }.filter {
                COCOFile.isMeant(by: $0, isBeside: place == path)
            }
            // Key points and captions are of the same images.
            let instances = candidates.filter { Folder.split($0).name.lowercased().contains("instances") }
            for file in instances.isEmpty ? candidates : instances {
                guard let role = Self.role(of: file), files[role] == nil else { continue }
                files[role] = file
            }
            if files.isEmpty, candidates.count == 1 { files[.train] = candidates[0] }
        }
        if files.isEmpty {
            for folder in listing.folders {
                guard let role = SplitRole(named: folder) else { continue }
                let place = FilePath.join(path, folder)
                let found = FolderLook.listing(place).files.map { FilePath.join(place, $0) }.filter {
                    COCOFile.isMeant(by: $0, isBeside: true)
                }
                if found.count == 1 { files[role] = found[0] }
            }
        }
        guard files[.train] != nil else { return nil }
    }

    /// The part that the name of a file tells: `instances_train2017` is training's.
    private static func role(of file: String) -> SplitRole? {
        let words = Folder.stem(Folder.split(file).name).lowercased().split { !$0.isLetter }
        let roles = words.compactMap { SplitRole(word: $0) }
        return roles.count == 1 ? roles[0] : nil
    }

    func open() throws(DatasetError) -> DetectionContent {
        let advice =
            "COCO lies in annotations/instances_train2017.json and train2017/NAME.jpg, and likewise val2017."
        var content: DetectionContent?
        for role in SplitRole.allCases {
            guard let file = files[role] else { continue }
            let read = try COCOFile(at: file)
            let folder = Self.folder(of: read.images, file: file, role, path)
            let images = read.images.map { image in
                var image = image
                image.path = FilePath.join(folder, image.path)
                return image
            }
            var whole =
                content
                ?? DetectionContent(
                    classNames: read.classNames, categories: read.categories, parts: [:], advice: advice)
            guard whole.classNames == read.classNames, whole.categories == read.categories else {
                throw DatasetError(
                    .malformed, file: file, "has other categories than \(files[.train] ?? "training")",
                    advice: "Give the files of all parts the same categories.")
            }
            whole.parts[role] = images
            whole.unusable.add(read.unusable)
            content = whole
        }
        guard let content else { throw DatasetError(.empty, file: path, "has no annotations", advice: advice) }
        return content
    }

    /// The folder in which the images of a file lie: the first of some in which the first image is, else the first.
    private static func folder(
        of images: [DetectionImage], file: String, _ role: SplitRole, _ path: String
    ) -> String {
        let (beside, name) = Folder.split(file)
        // `train2017` of `instances_train2017.json`.
        let part = Folder.stem(name).split(separator: "_").last.map(String.init) ?? ""
        let named = FolderLook.listing(path).folders.filter { SplitRole(named: $0) == role }
        let folders =
            [part, "images/\(part)"] + named + named.map { "images/\($0)" } + named.map { "\($0)/images" }
            + ["images", "JPEGImages", "data"]
        let all =
            folders.filter { !$0.isEmpty }.map { FilePath.join(path, $0) } + [beside.isEmpty ? "." : beside, path]
        let first = images.first { !$0.path.isEmpty }?.path ?? ""
        return all.first { FileBytes.isFile(FilePath.join($0, first)) } ?? all[0]
    }
}

/// Pascal VOC's layout for detection:
///
///     JPEGImages/2007_000027.jpg      Annotations/2007_000027.xml      ImageSets/Main/train.txt, val.txt
///
/// without lists all images are for training; or images and XML files of the same names side by side. Classes are the names
/// of the objects, in the order of the alphabet.
struct VOCBoxLayout: DetectionLayout {
    private let path: String
    private let images: String
    private let annotations: String

    init?(at path: String) {
        guard FileBytes.isFolder(path) else { return nil }
        self.path = path
        let listing = FolderLook.listing(path)
        func folder(_ names: Set<String>) -> String? {
            listing.folders.first { names.contains($0.lowercased()) }.map { FilePath.join(path, $0) }
        }
        if let annotations = folder(["annotations", "annotation"]), let images = folder(["jpegimages", "images"]) {
            (self.images, self.annotations) = (images, annotations)
        } else {
            (images, annotations) = (path, path)
        }
        var found = FolderLook.listing(annotations).files.filter(Self.isAnnotation)
        if annotations == path {
            // Any other XML may lie beside images.
            let stems = Set(listing.files.filter(ImageFolderDataset.isImage).map(Folder.stem))
            found = found.filter { stems.contains(Folder.stem($0)) }
        }
        guard !found.isEmpty else { return nil }
    }

    private static func isAnnotation(_ name: String) -> Bool { name.lowercased().hasSuffix(".xml") }

    func open() throws(DatasetError) -> DetectionContent {
        let advice = "Pascal VOC lies in JPEGImages/NAME.jpg and Annotations/NAME.xml."
        let files = try Folder.list(annotations).files.filter(Self.isAnnotation)
        let images = Dictionary(
            try Folder.list(images).files.filter(ImageFolderDataset.isImage).map { (Folder.stem($0), $0) }
        ) { first, _ in first }
        var read: [(stem: String, file: VOCBoxFile)] = []
        for name in files { read.append((Folder.stem(name), try VOCBoxFile(at: FilePath.join(annotations, name)))) }
        let names = Set(read.flatMap { $0.file.objects.map(\.name) }).sorted()
        guard !names.isEmpty else {
            throw DatasetError(.empty, file: annotations, "has no objects", advice: advice)
        }
        let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var unusable = UnusableObjects()
        var number = 0
        var found: [String: DetectionImage] = [:]
        for (place, (stem, file)) in read.enumerated() {
            // The name of the image's file, or that which the XML tells.
            let name = images[stem] ?? file.imageName ?? stem + ".jpg"
            let objects = file.objects.compactMap { object -> DetectionObject? in
                number += 1
                guard !unusable.note(object.place, in: file.size), let label = labels[object.name] else { return nil }
                return DetectionObject(id: number, place: object.place, label: label, isCrowd: object.isDifficult)
            }
            found[stem] = DetectionImage(
                id: place + 1, path: FilePath.join(self.images, name), size: file.size, objects: objects)
        }
        let parts = try parts(found, advice)
        return DetectionContent(
            classNames: names, categories: Array(1...names.count), parts: parts, unusable: unusable, advice: advice)
    }

    /// The images of each part, as the lists name them; all for training where there are no lists.
    private func parts(
        _ found: [String: DetectionImage], _ advice: String
    ) throws(DatasetError) -> [SplitRole: [DetectionImage]] {
        let lists = FilePath.join(path, "ImageSets/Main")
        var parts: [SplitRole: [DetectionImage]] = [:]
        for (role, name) in [(SplitRole.train, "train.txt"), (.validation, "val.txt"), (.test, "test.txt")] {
            let list = FilePath.join(lists, name)
            guard FileBytes.isFile(list) else { continue }
            let text = try DatasetText.read(list, limit: ListDataset.maximumBytes)
            var problems: [DatasetError.Problem] = []
            var images: [DetectionImage] = []
            var seen: Set<String> = []
            for record in ListText(text, format: .lines).records {
                let name = record.fields[0]
                guard seen.insert(name).inserted else {
                    problems.append(.init(line: record.line, "\(name) stands twice"))
                    continue
                }
                if let image = found[name] {
                    images.append(image)
                } else {
                    problems.append(.init(line: record.line, "there is no \(name).xml"))
                }
            }
            // The annotations of a test part may be withheld.
            guard problems.isEmpty || role == .test else {
                throw DatasetError(.malformed, file: list, problems: problems, advice: advice)
            }
            parts[role] = images
        }
        if parts[.train] == nil { parts[.train] = found.values.sorted { $0.id < $1.id } }
        return parts
    }
}

/// A list of boxes, one a line:
///
///     path,xmin,ymin,xmax,ymax,label
///     photos/1.jpg,10,20,110,80,cat
///     photos/2.jpg,,,,,
///
/// in any order of the columns, with `x1`, `y1`, `x2`, `y2` for the corners; a line without a box is an image without
/// objects. A column `split` may tell the part of each image, and a list of each part (`train.csv`, `val.csv`) does.
struct BoxListLayout: DetectionLayout {
    private let path: String
    private var files: [(role: SplitRole?, path: String)] = []

    init?(at path: String) {
        self.path = path
        if FileBytes.isFolder(path) {
            for name in FolderLook.listing(path).files where Self.isBoxList(FilePath.join(path, name)) {
                files.append((SplitRole(named: Folder.stem(name)), FilePath.join(path, name)))
            }
            // Several lists without parts would be a guess.
            guard files.count == 1 || files.contains(where: { $0.role == .train }) else { return nil }
            if files.count > 1 { files = files.filter { $0.role != nil } }
        } else {
            guard Self.isBoxList(path) else { return nil }
            files = [(nil, path)]
        }
    }

    private static func isBoxList(_ path: String) -> Bool {
        guard LayoutSurvey.isList(path), let start = try? FileBytes.start(of: path, count: 1 << 12) else {
            return false
        }
        let text = String(decoding: start, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        let format = ListFormat.of(String(line), name: path)
        guard let record = ListText(String(line), format: format).records.first else { return false }
        return Columns(record.fields) != nil
    }

    /// The places of the columns.
    private struct Columns {
        let path: Int
        let label: Int
        let corners: [Int]
        let split: Int?

        init?(_ names: [String]) {
            let folded = names.map(ListColumnNames.folded)
            let corners = [["xmin", "ymin", "xmax", "ymax"], ["x1", "y1", "x2", "y2"]].lazy.map { names in
                names.compactMap { folded.firstIndex(of: $0) }
            }.first { $0.count == 4 }
            guard let corners, let path = ListColumnNames.column(folded, of: ListColumnNames.paths),
                let label = ListColumnNames.column(folded, of: ListColumnNames.labels)
            else { return nil }
            (self.path, self.label, self.corners) = (path, label, corners)
            split = folded.firstIndex { ListColumnNames.splits.contains($0) }
        }
    }

    /// A line that was read.
    private struct Line {
        let path: String
        let box: (place: SIMD4<Double>, name: String)?
        let role: SplitRole
    }

    func open() throws(DatasetError) -> DetectionContent {
        let advice = "Lists of boxes have the columns path,xmin,ymin,xmax,ymax,label and one box a line."
        var lines: [Line] = []
        for file in files { lines += try read(file.path, file.role, advice) }
        let names = Set(lines.compactMap { $0.box?.name }).sorted()
        guard !names.isEmpty else { throw DatasetError(.empty, file: path, "has no boxes", advice: advice) }
        let labels = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var places: [String: (role: SplitRole, place: Int)] = [:]
        var parts: [SplitRole: [DetectionImage]] = [:]
        var unusable = UnusableObjects()
        for (number, line) in lines.enumerated() {
            if places[line.path] == nil {
                places[line.path] = (line.role, parts[line.role]?.count ?? 0)
                parts[line.role, default: []].append(
                    DetectionImage(id: places.count, path: line.path, size: nil, objects: []))
            }
            guard let box = line.box, let place = places[line.path], let label = labels[box.name],
                !unusable.note(box.place, in: nil)
            else { continue }
            guard place.role == line.role else {
                throw DatasetError(
                    .malformed, file: path, "\(line.path) is in two parts",
                    advice: "Give all boxes of an image the same part.")
            }
            parts[place.role]?[place.place].objects.append(
                DetectionObject(id: number + 1, place: box.place, label: label))
        }
        return DetectionContent(
            classNames: names, categories: Array(1...names.count), parts: parts, unusable: unusable, advice: advice)
    }

    private func read(_ file: String, _ role: SplitRole?, _ advice: String) throws(DatasetError) -> [Line] {
        let text = try DatasetText.read(file, limit: ListDataset.maximumBytes)
        let list = ListText(text, format: ListFormat.of(text, name: file))
        guard let header = list.records.first, let columns = Columns(header.fields) else {
            throw DatasetError(.malformed, file: file, "has no header with these columns", advice: advice)
        }
        var problems = list.problems
        var lines: [Line] = []
        let folder = Folder.split(file).folder
        for record in list.records.dropFirst() {
            guard record.fields.count == header.fields.count else {
                problems.append(
                    .init(line: record.line, "has \(record.fields.count) fields, the header \(header.fields.count)"))
                continue
            }
            let own = columns.split.flatMap { SplitRole(named: record.fields[$0]) }
            let name = record.fields[columns.path]
            let path = name.hasPrefix("/") || folder.isEmpty ? name : FilePath.join(folder, name)
            let values = columns.corners.map { record.fields[$0] }
            var box: (SIMD4<Double>, String)?
            if !values.allSatisfy(\.isEmpty) {
                let corners = values.compactMap { Double($0) }.filter { $0.isFinite && abs($0) < 1e9 }
                let label = record.fields[columns.label]
                guard corners.count == 4, !label.isEmpty else {
                    problems.append(.init(line: record.line, "has no box of four numbers with a label"))
                    continue
                }
                box = (
                    SIMD4(corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]), label
                )
            }
            lines.append(Line(path: path, box: box, role: own ?? role ?? .train))
        }
        guard problems.isEmpty else { throw DatasetError(.malformed, file: file, problems: problems, advice: advice) }
        return lines
    }
}
