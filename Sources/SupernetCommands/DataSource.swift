import Datasets
import Foundation

/// Opens what a configuration or an argument names as data.
enum DataSource {
    static let fashionMNIST = "fashion-mnist"

    /// `fashion-mnist`, fetched first if need be, or a path. Of a folder with `train` and `val` alone, `val` is the test.
    static func open(_ source: String) throws -> OpenedDataset {
        guard source == fashionMNIST else { return try openDataset(at: source).keepingFinalScore }
        let folder = try FashionMNIST.obtain { Console.say($0) }
        return try FashionMNIST.open(at: folder)
    }
}
