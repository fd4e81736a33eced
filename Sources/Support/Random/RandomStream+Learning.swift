extension RandomStream {
    // MARK: Parts of data

    /// Which identities are held out for validation.
    public static let heldOutIdentities: UInt64 = 0x2E1D

    // MARK: Learning

    /// What dropout leaves out in a step.
    public static let dropout: UInt64 = 0xD120
    /// Which anchors and proposals a detector learns from in a step.
    public static let drawnBoxes: UInt64 = 0xB0C5
    /// Which batches are mixed, and how.
    public static let mixing: UInt64 = 0x313
    /// The initial values of a network.
    public static let networkInitial: UInt64 = 0x4E7
    /// The order and the augmentation of training images.
    public static let trainingImages: UInt64 = 0xDA7A

    // MARK: Supernets

    /// The initial values of a supernet.
    public static let supernetInitial: UInt64 = 0x50BE
    /// The paths of a step.
    public static let stepPaths: UInt64 = 0x9A7B
    /// The pairs of paths that a supernet is evaluated by during training.
    public static let evaluatedPairs: UInt64 = 0xE7A1
    /// The paths near a given one that a supernet is evaluated by during training.
    public static let evaluatedNeighbours: UInt64 = 0xAD48
    /// The pairs of paths between which the feature shift is measured.
    public static let shiftPaths: UInt64 = 0xFEA7
    /// The paths whose measured latencies a latency table is fitted to and compared with.
    public static let latencyChecks: UInt64 = 0x1A7
    /// The keys that a queue of negatives begins with.
    public static let firstKeys: UInt64 = 0x0EEE

    // MARK: Adaptation

    /// The initial values of a row's network.
    public static let adaptedInitial: UInt64 = 0xAD6
    /// What a step of a row's training draws.
    public static let adaptedSteps: UInt64 = 0xAD7
    /// The order and the augmentation of a row's training images.
    public static let adaptedImages: UInt64 = 0xAD8
    /// The initial values of the adapted supernet.
    public static let adaptedSupernet: UInt64 = 0xAD0
    /// What a step of the adapted supernet's training draws, its paths aside.
    public static let adaptedSupernetSteps: UInt64 = 0xAD1
    /// The order and the augmentation of the adapted supernet's training images.
    public static let adaptedSupernetImages: UInt64 = 0xAD2
    /// The paths of a step of the adapted supernet's training.
    public static let adaptedPaths: UInt64 = 0xAD47
    /// What the search on a target asks for.
    public static let adaptedSearch: UInt64 = 0xAD5
    /// The random paths that an adaptation compares the found ones with.
    public static let adaptedRandomPath: UInt64 = 0xADE5
    /// The paths near the source's own that a search on a target begins with.
    public static let adaptedBeginning: UInt64 = 0xAD9
    /// Weights of other candidates, for the control with mismatched weights.
    public static let mismatchedWeights: UInt64 = 0xB20C

    // MARK: Phases of a study

    /// The head of a probe, and the paths that it learns on.
    public static let probe: UInt64 = 0x960BE
    /// The order and the augmentation of a probe's training images.
    public static let probeImages: UInt64 = 0xDA7B
    /// The views of validation images that a supernet without labels is evaluated by; drawn by loaders, not as paths.
    public static let evaluatedViews: UInt64 = 0xE7A1
    /// What a search asks for.
    public static let search: UInt64 = 0x5EA
    /// The views of images that paths are told apart by, without labels.
    public static let contrastedViews: UInt64 = 0xC0E8
    /// The paths of the teacher whose keys paths are scored by, without labels.
    public static let keyPaths: UInt64 = 0xC0E7
    /// The brief training of each path of a search.
    public static let briefTraining: UInt64 = 0xB21E

    // MARK: Benchmark tables

    /// Which architectures a table has, and which validation images are set apart for it.
    public static let table: UInt64 = 0x7247
    /// One training of an architecture of a table.
    public static let tableTraining: UInt64 = 0x7208
    /// The drawn weights of a network that zero-cost proxies are computed with.
    public static let proxyWeights: UInt64 = 0x9207
}
