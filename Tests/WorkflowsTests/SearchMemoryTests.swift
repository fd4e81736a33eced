import Architectures
import Foundation
import NN
import Networks
import TestImages
import Testing
import Torch
import Training

@testable import Workflows

@Suite struct SearchMemoryTests {
    private func cacheLimit(megabytes: Int) throws -> Int {
        var search = SearchConfiguration()
        search.cacheMegabytes = megabytes
        let space = try ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description()
        return try search.evaluator(
            over: Supernet(space, store: ParameterStore(seed: 1)), scoring: [.zeros([2, 1, 12, 12])], policy: .batch,
            learned: BarImages(count: 4), data: DataConfiguration(), precision: .float32, device: .cpu
        ).options.cacheLimit
    }

    @Test func activationsTakeAQuarterOfTheMemoryAtMost() throws {
        #expect(try cacheLimit(megabytes: 3) == 3 << 20)
        #expect(try cacheLimit(megabytes: 10_000_000) == Int(ProcessInfo.processInfo.physicalMemory / 4))
    }
}
