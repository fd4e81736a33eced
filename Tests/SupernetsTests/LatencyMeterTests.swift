import Architectures
import NN
import Networks
import Supernets
import Testing
import Torch

/// Times themselves are the machine's; what can be promised is how they are put together. One after the other, as the
/// number of threads is set on the way.
@Suite(.serialized) struct LatencyMeterTests {
    fileprivate func meter(
        _ kind: SmallSpace, batchSize: Int = 1, precision: Precision = .float32
    ) throws -> LatencyMeter {
        var options = LatencyMeter.Options()
        (options.batchSize, options.warmUp, options.passes, options.precision) = (batchSize, 1, 3, precision)
        return try LatencyMeter(kind.supernet(), imageSize: 8, options: options)
    }

    @Test(arguments: SmallSpace.allCases) func aTableAddsUp(kind: SmallSpace) throws {
        let meter = try meter(kind, batchSize: 2)
        let space = meter.supernet.space
        let table = try meter.table(checks: 2)
        #expect(table.candidates.map(\.count) == space.points.map(\.candidates.count))
        #expect(table.candidates.allSatisfy { $0[0] == 0 }, "the first candidates are part of what is fixed")
        #expect(table.candidates.joined().allSatisfy { $0.isFinite })
        #expect(table.fixed > 0)
        #expect(table.latency(of: Architecture(space.points.map { _ in 0 })) == table.fixed)
        for architecture in try kind.architectures(3) {
            let sum = zip(table.candidates, architecture.choices).reduce(table.fixed) { $0 + $1.0[$1.1] }
            #expect(table.latency(of: architecture) == sum)
        }
        #expect(table.batchSize == 2 && table.imageSize == 8 && table.checked == 2)
        #expect(table.error.isFinite && table.error >= 0)
        #expect(try meter.table(checks: 0).error == 0)
    }

    @Test(arguments: Precision.allCases) func aPathTakesTime(precision: Precision) throws {
        let meter = try meter(.resnest, precision: precision)
        for architecture in try SmallSpace.resnest.architectures(2) {
            let time = try meter.measure(architecture)
            #expect(time > 0 && time < 10_000)
        }
    }

    /// Nearly all of the time goes into the stem and into one candidate, by a margin that no noise reaches: the table
    /// must have both.
    @Test func aTablePredicts() throws {
        let heavy = Layer.convolution(.init(32, kernel: 7))
        let choices = (0..<2).map { point in
            Layer.Part(
                "p\(point)", .choice(.init("p\(point)", [.init("light", .identity), .init("heavy", heavy)])))
        }
        let description = try SupernetDescription(
            "uneven", channels: 32, backbone: .sequence([.init("stem", heavy)] + choices + [.init("", .globalPool)]))
        var options = LatencyMeter.Options()
        (options.warmUp, options.passes) = (1, 5)
        let meter = try LatencyMeter(
            Supernet(description, store: ParameterStore(seed: 1, format: .channelsLast)), imageSize: 24,
            options: options)
        let table = try meter.table(checks: 0)
        for choices in [[0, 0], [1, 0], [0, 1], [1, 1]] {
            let path = Architecture(choices)
            let (predicted, measured) = try (table.latency(of: path), meter.measure(path))
            #expect(predicted > 0.3 * measured && predicted < 3 * measured, "\(path)")
        }
        #expect(table.latency(of: Architecture([1, 1])) > 1.5 * table.fixed)
    }

    @Test func theNumberOfThreadsComesBack() async throws {
        await #expect(processExitsWith: .success) {
            let tests = LatencyMeterTests()
            let meter = try tests.meter(.resnest)
            for threads in [1, 2, 3] {
                try Runtime.setThreadCount(threads)
                var during: Set<Int> = []
                _ = try meter.table(checks: 1) { _ in during.insert((try? Runtime.threadCount()) ?? 0) }
                #expect(try Runtime.threadCount() == threads)
                _ = try meter.measure(Architecture([0, 1, 2]))
                #expect(try Runtime.threadCount() == threads)
                #expect(during.isSubset(of: [1, threads]) && during.contains(1))
                let empty = try LatencyMeter(meter.supernet, imageSize: 0)
                #expect(throws: TorchError.self) { try empty.measure(Architecture([0, 1, 2])) }
                #expect(throws: TorchError.self) { try empty.table(checks: 1) }
                #expect(try Runtime.threadCount() == threads, "also where a pass fails")
            }
        }
    }

    @Test(arguments: SmallSpace.allCases) func progressRunsToTheEnd(kind: SmallSpace) throws {
        var shares: [Double] = []
        let meter = try meter(kind)
        _ = try meter.table(checks: 2) { shares.append($0) }
        #expect(shares.count == meter.supernet.segments.count + 2)
        #expect(shares == shares.sorted() && shares.last == 1 && shares.allSatisfy { $0 > 0 })
    }

    @Test func nothingOfTheSupernetChanges() throws {
        let meter = try meter(.resnest)
        let before = try bits(meter.supernet.store)
        _ = try meter.table(checks: 1)
        #expect(try bits(meter.supernet.store) == before)
    }

    @Test func architecturesOfOtherSpacesAreRefused() throws {
        let meter = try meter(.resnest)
        for choices in [[], [0, 0], [0, 0, 4], [0, 0, -1]] {
            #expect(throws: SpaceError.self) { try meter.measure(Architecture(choices)) }
        }
    }
}
