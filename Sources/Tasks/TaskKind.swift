import Datasets
import Support
import Training

/// The tasks by name.
public enum TaskKind: String, Sendable, Codable, CaseIterable {
    /// One folder per class, a list, or IDX files.
    case classification
    /// Market-1501's layout.
    case reidentification = "re-identification"
    /// Faces in the naming of UTKFace, or a list with ages.
    case age
    /// The same with genders.
    case gender
    /// The same with both.
    case ageAndGender = "age-and-gender"
    /// As classification, and a labelled domain beside the target.
    case domainAdaptation = "domain-adaptation"
}

extension TaskKind {
    /// What the outputs of its networks mean to a person.
    public var outputs: TaskOutputs {
        switch self {
        case .classification, .gender, .domainAdaptation: .classes
        case .age: .readings(AgeReader.self)
        case .ageAndGender: .readings(AgeAndGenderReader.self)
        case .reidentification: .embeddings
        }
    }
}

/// How data sets are opened.
public struct TaskData: Sendable {
    /// A data set with one label an image, by its name or path.
    public var classes: @Sendable (String) throws -> OpenedDataset
    /// People under cameras.
    public var people: @Sendable (String) throws -> MarketDataset
    /// Faces; the target says what is asked of them.
    public var faces: @Sendable (String, FaceDataset.Target) throws -> OpenedDataset

    /// Paths alone, unless others are given.
    public init(
        classes: @escaping @Sendable (String) throws -> OpenedDataset = {
            try openDataset(at: $0).keepingFinalScore
        },
        people: @escaping @Sendable (String) throws -> MarketDataset = { try MarketDataset.open($0) },
        faces: @escaping @Sendable (String, FaceDataset.Target) throws -> OpenedDataset = {
            try FaceDataset.open($0, as: $1).opened
        }
    ) {
        (self.classes, self.people, self.faces) = (classes, people, faces)
    }
}

extension TaskKind {
    /// The task over images as they lie, for the score of a network that is there: nothing is held out of them.
    ///
    /// - Parameters:
    ///   - source: the images, by name or path.
    ///   - open: opens them.
    /// - Throws: `DatasetError` that names what is missing.
    public func scoring(_ source: String, open: TaskData = TaskData()) throws -> any RecognitionTask {
        switch self {
        case .classification, .domainAdaptation:
            ClassificationTask(try open.classes(source), labelSmoothing: 0)
        case .reidentification: ReidentificationTask(scoring: try open.people(source))
        case .age: AgeTask(try open.faces(source, .age))
        case .gender: GenderTask(try open.faces(source, .gender), labelSmoothing: 0)
        case .ageAndGender: AgeAndGenderTask(try open.faces(source, .ageAndGender), labelSmoothing: 0)
        }
    }
}

extension TaskConfiguration {
    /// Opens the task's data; a validation part is drawn from the training images where there is none.
    ///
    /// - Parameters:
    ///   - data: which images, and how they are cut.
    ///   - open: opens them.
    /// - Throws: `DatasetError` that names what is missing; what the split throws if the images are too few to part.
    public func task(_ data: DataConfiguration, open: TaskData = TaskData()) throws -> any RecognitionTask {
        func faces(_ target: FaceDataset.Target) throws -> OpenedDataset {
            try open.faces(data.source, target).drawingValidation(data, stream: 0xFACE)
        }
        switch name {
        case .classification:
            return ClassificationTask(
                try data.withValidation(open.classes(data.source)), labelSmoothing: labelSmoothing)
        case .reidentification:
            return try ReidentificationTask(
                open.people(data.source), validationFraction: data.validationFraction, labelSmoothing: labelSmoothing,
                tripletWeight: tripletWeight, imagesPerIdentity: imagesPerIdentity)
        case .age: return AgeTask(try faces(.age))
        case .gender: return GenderTask(try faces(.gender), labelSmoothing: labelSmoothing)
        case .ageAndGender: return AgeAndGenderTask(try faces(.ageAndGender), labelSmoothing: labelSmoothing)
        case .domainAdaptation:
            // The final score is the target's.
            var whole = data
            whole.testFraction = 0
            let source = try whole.withValidation(open.classes(sourceDomain))
            let target = try open.classes(data.source)
            return DomainAdaptationTask(
                source: source,
                target: try target.relabelled(source.classNames, name: data.source).forUnlabelledUse(data),
                alignment: alignment, informationWeight: informationWeight, labelSmoothing: labelSmoothing)
        }
    }
}

extension OpenedDataset {
    /// With a validation part that is drawn image by image, without regard to labels.
    fileprivate func drawingValidation(_ configuration: DataConfiguration, stream: UInt64) throws -> OpenedDataset {
        let (held, rest) = try draw(configuration.validationFraction, of: train, stream: stream, "validation")
        return OpenedDataset(layout: layout, train: rest, validation: held, test: test)
    }

    /// A target whose labels are for the final score alone: where there is no test part, a fifth of the images becomes it,
    /// which adaptation never sees.
    fileprivate func forUnlabelledUse(_ configuration: DataConfiguration) throws -> OpenedDataset {
        var whole = self
        if test == nil {
            let (held, rest) = try draw(0.2, of: train, stream: 0x7E57, "test")
            whole = OpenedDataset(layout: layout, train: rest, test: held)
        }
        return try whole.drawingValidation(configuration, stream: 0x7A26)
    }

    fileprivate func relabelled(_ classNames: [String], name: String) throws -> OpenedDataset {
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
