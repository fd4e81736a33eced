import ArgumentParser
import Datasets

/// What every verb takes that reads the images of a run: what becomes of those that cannot be read, or are others than
/// before.
struct ImageOptions: ParsableArguments {
    @Flag(name: .long, help: "Leave out images that cannot be read instead of stopping.") var skipBadImages = false
    @Flag(name: .long, help: "Go on although images were added, removed or replaced since the run began.")
    var changedData = false

    /// As `--set` takes them.
    var settings: [String] { skipBadImages ? ["data.skip-bad-images=true"] : [] }

    /// What becomes of a run whose images are others than it began with.
    var policy: ChangedDataPolicy { changedData ? .accepted : .undecided }
}
