// The code of README, as it stands there: a test compares the two, and runs this program beside a folder of photographs.
import Architectures
import Methods
import Workflows

// README: a network from a folder of images
var options = try StudyConfiguration.quick("photos/")  // sees how many images there are, and of which size and colours
options.method = try MethodConfiguration(named: "spos")  // or the default, Pi-NAS, which needs no labels
options.search.maxMacs = 48_000_000
let study = try Study(options, path: "runs/photos")
let result = try study()  // result.architecture, .cost, .validation, .test
print("accuracy on test images:", result.test?.accuracy ?? .nan)
// README: end

// README: a search space is a value
let block = Layer.choice(
    .init(
        "first",
        [
            .init("3x3", .convolution(.init(32, kernel: 3))),
            .init("pool", .pool(.init(.average, kernel: 3, stride: 1, padding: 1))),
            .init("identity", .identity),
        ]))
// README: end
print("a choice of", block.choicePoints.count)
