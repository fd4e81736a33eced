import ArgumentParser
import Catalogue
import Datasets
import Torch

/// The command `supernet doctor`: checks libtorch and the devices of this machine.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check that libtorch works on this machine, and list its devices.")

    @Flag(name: .long, help: "Also print the build options of libtorch.") var verbose = false

    func run() throws {
        var rows = [("libtorch", try Runtime.version()), ("threads", "\(try Runtime.threadCount())")]
        let count = try Runtime.cudaDeviceCount()
        rows.append(("CUDA devices", count == 0 ? "none" : "\(count)"))
        for device in [Device.cpu] + (0..<count).map(Device.cuda) {
            // A product that can be checked: every element of ones(64, 64)^2 is 64.
            let ones = try Tensor.ones([64, 64], device: device)
            let right = try ones.matrixProduct(ones).equals(64).all().integer() == 1
            rows.append(("\(device)", right ? "computes" : "computes WRONG results"))
            guard right else { throw ExitCode.failure }
        }
        rows.append(
            (
                "processes",
                KeyValueStore.isAvailable
                    ? "several train together (\(KeyValueStore.backends))" : "one; this libtorch has no Gloo"
            ))
        rows.append(("data cache", try DatasetCache.defaultFolder()))
        Console.result(Console.table(rows))
        if verbose { Console.result(try Runtime.buildSummary()) }
    }
}
