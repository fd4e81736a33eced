import ArgumentParser
import Datasets

/// The options of commands that read the images of a run: the handling of unreadable and of changed images.
struct ImageOptions: ParsableArguments {
    @Flag(name: .long, help: "Leave out images that cannot be read instead of stopping.") var skipBadImages = false
    @Flag(name: .long, help: "Go on although images were added, removed or replaced since the run began.")
    var changedData = false

    /// The options as settings, in the form of `--set`.
    var settings: [String] { skipBadImages ? ["data.skip-bad-images=true"] : [] }

    /// The policy for images that differ from those that the run began with.
    var policy: ChangedDataPolicy { changedData ? .accepted : .undecided }
}
