import NN
import Networks
import Support
import Testing
import Torch

@testable import Architectures
@testable import Supernets

/// Times themselves are the machine's; what can be promised is how they are put together.
@Suite struct LatencyTableMakingTests {
    /// Passes that take as long as the layers cost, and a whole network 2 ms and half as long again.
    fileprivate final class Passes {
        var prepared: [String] = []
        var run: [String] = []
        /// The factor of each pass, by its number.
        var disturbance: (Int) -> Double = { _ in 1 }
        private let image: FeatureShape

        init(_ description: SupernetDescription, _ imageSize: ImageSize) {
            image = FeatureShape(description.channels, imageSize.height, imageSize.width)
        }

        static func milliseconds(_ layer: Layer, _ input: FeatureShape) throws -> (time: Double, isPooled: Bool) {
            var time = 0.0
            let tracer = LayerTracer(points: [:]) {
                time += 0.25 + 0.001 * Double($0.cost.multiplyAdds) + 0.01 * Double($0.cost.parameters)
            }
            let isPooled = try tracer.trace(layer, input, path: "").isVector
            return (time, isPooled)
        }

        func prepare(_ layer: Layer, _ input: FeatureShape) throws -> () throws -> Double {
            let (time, isPooled) = try Self.milliseconds(layer, input)
            let whole = input == image && isPooled
            let name = "\(layer.hashValue), \(input)"
            prepared.append(name)
            return {
                self.run.append(name)
                return (whole ? 2 + 1.5 * time : time) * self.disturbance(self.run.count - 1)
            }
        }
    }

    fileprivate func meter(
        _ description: SupernetDescription, imageSize: ImageSize = 8, classes: Int = 0, rounds: Int = 3
    ) throws -> (LatencyMeter, Passes) {
        let passes = Passes(description, imageSize)
        var options = LatencyMeter.Options()
        (options.rounds, options.warmUp, options.passes, options.classes) = (rounds, 1, 2, classes)
        return (
            try LatencyMeter(description, imageSize: imageSize, options: options, prepare: passes.prepare), passes
        )
    }

    /// A space whose first choice gives images other sizes, which the choices behind it meet.
    fileprivate static func sizes() throws -> SupernetDescription {
        func block(_ kernel: Int) -> Layer {
            .sequence(Layer.convolutionBlock("conv", "bn", .init(4, kernel: kernel)))
        }
        func choice(_ name: String) -> Layer.Part {
            .init(name, .choice(.init(name, [.init("1x1", block(1)), .init("3x3", block(3))])))
        }
        let sizes = Layer.Choice(
            "size",
            [
                .init("8", .identity), .init("6", .resize(height: 6, width: 6)),
                .init("six", .resize(height: 6, width: 6)), .init("4 x 5", .resize(height: 4, width: 5)),
            ])
        return try SupernetDescription(
            "sizes", channels: 3,
            backbone: .sequence([
                .init("", .choice(sizes)), .init("stem", block(3)), choice("a"),
                // A sequence is no block, but its parts are.
                .init("stage", .sequence([choice("b"), .init("", .relu)])), .init("", .globalPool),
                .init("last", .linear(outputs: 5)),
            ]))
    }

    fileprivate static func everySpace() throws -> [SupernetDescription] {
        try SmallSpace.allCases.map { try $0.description() } + [sizes()]
    }

    @Test func everyPathHasTheSumOfItsBlocks() throws {
        for description in try Self.everySpace() {
            for classes in [0, 7] {
                let (meter, passes) = try meter(description, classes: classes)
                let times = try meter.blockTimes(checks: 2)
                let table = times.table
                #expect(Set(passes.prepared).count == passes.prepared.count, "nothing is measured twice")
                #expect(abs(times.constant - 2) < 1e-6, "\(description.space.name)")
                #expect(table.checked == 2 && table.error < 1e-9)
                #expect(table.batchSize == 1 && table.imageSize == 8 && table.isOf(description.space))
                for (block, time) in zip(times.blocks.blocks, times.milliseconds) {
                    let alone = try Passes.milliseconds(block.layer, block.input).time
                    #expect(abs(time - 1.5 * alone) < 1e-9 * max(alone, 1))
                    #expect(block.layer.choicePoints.isEmpty)
                }
                var generator = SeededGenerator(seed: 3)
                for _ in 0..<20 {
                    let path = description.space.random(using: &generator)
                    let own = times.blocks.blocks(of: path)
                    let sum = own.reduce(times.constant) { $0 + times.milliseconds[$1] }
                    #expect(abs(table.latency(of: path) - sum) < 1e-9 * sum)
                    #expect(abs(table.latency(of: path) - (try meter.measure(path))) < 1e-9 * sum)
                    // One after another, the blocks of a path are its network.
                    let layers = own.map { times.blocks.blocks[$0].layer }
                    let network = try times.blocks.network(of: path)
                    #expect(
                        try Passes.milliseconds(.sequence(layers.map { .init("", $0) }), times.blocks.image).time
                            == Passes.milliseconds(network, times.blocks.image).time)
                }
            }
        }
    }

    @Test func nestedChoicesAreBlocksOfWhatIsMet() throws {
        let blocks = try LatencyBlocks(SmallSpace.depths.description(), imageSize: 8)
        let names = blocks.blocks.filter { $0.name == "blocks.3" }.map(\.choices)
        #expect(names.count == 8, "two depths without the block, one with it in six ways")
        #expect(names.prefix(3) == ["2", "3", "4; width 8, kernel 3"])
        #expect(blocks.blocks.filter { $0.name == "blocks.0" }.count == 6)
        #expect(blocks.blocks.first?.name == "stem to bn" && blocks.blocks.last?.name == "end")
    }

    @Test func edgesOfCellsAreBlocks() throws {
        let blocks = try LatencyBlocks(SmallSpace.cells.description(), imageSize: 8)
        let distinct = Set(blocks.blocks.map(\.name))
        #expect(blocks.blocks.count < 200, "not one for each of the 15,625 cells")
        #expect(distinct.count > 6)
    }

    @Test func sizesOfImagesAreBlocksOfTheirOwn() throws {
        let description = try Self.sizes()
        let blocks = try LatencyBlocks(description, imageSize: 8)
        #expect(
            blocks.blocks.map(\.name).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
                == ["size", "stem", "a", "stage.b", "stage to last"])
        // Two candidates of the first choice give one size.
        #expect(
            blocks.blocks.filter { $0.name == "a" }.map(\.input.description)
                == ["4 x 8 x 8", "4 x 8 x 8", "4 x 6 x 6", "4 x 6 x 6", "4 x 4 x 5", "4 x 4 x 5"])
        #expect(Set(blocks.places.map { $0.conditions.map(\.point) }) == [[0], [0, 1], [0, 2]])
    }

    @Test func whatFollowsOneSizeAgainHasOneBlock() throws {
        let description = try SupernetDescription(
            "there and back", channels: 1,
            backbone: .sequence([
                .init(
                    "", .choice(.init("size", [.init("same", .identity), .init("half", .resize(height: 4, width: 4))]))),
                .init("", .choice(.init("other", [.init("relu", .relu), .init("none", .identity)]))),
                .init("", .resize(height: 8, width: 8)),
                .init("", .choice(.init("last", [.init("relu", .relu), .init("none", .identity)]))),
                .init("", .globalPool),
            ]))
        let blocks = try LatencyBlocks(description, imageSize: 8)
        #expect(
            blocks.blocks.map(\.name) == [
                "size", "size", "other", "other", "other", "other", "between", "between", "last", "last", "end",
            ])
        #expect(blocks.places.suffix(3).map(\.conditions.count) == [1, 1, 0])
    }

    @Test func aPartWithTooManyCombinationsIsRefused() throws {
        let choices = (0..<5).map { point in
            Layer.Part("", .choice(.init("p\(point)", (0..<10).map { .init("\($0)", .identity) })))
        }
        func description(_ count: Int) throws -> SupernetDescription {
            try SupernetDescription(
                "many", channels: 1,
                backbone: .sequence([
                    .init("sum", .residual(body: .sequence(Array(choices.prefix(count))), shortcut: nil, relu: false)),
                    .init("", .globalPool),
                ]))
        }
        #expect(try LatencyBlocks(description(4), imageSize: 2).blocks.count == 10_001)
        let error = try #require(throws: SpaceError.self) { try LatencyBlocks(description(5), imageSize: 2) }
        #expect("\(error)".contains("'sum'") && "\(error)".contains("more than 20000 combinations"))
        #expect(throws: SpaceError.self) { try meter(description(5)).0.table() }
    }

    @Test func aDisturbedRoundSpoilsNothing() throws {
        let (quiet, all) = try meter(SmallSpace.mobile.description())
        let (disturbed, passes) = try meter(SmallSpace.mobile.description())
        let expected = try quiet.blockTimes()
        let count = all.prepared.count
        // All of the second of three rounds, of three passes for each block and each network.
        passes.disturbance = { (3 * count..<6 * count).contains($0) ? 50 : 1 }
        let found = try disturbed.blockTimes()
        #expect(zip(found.milliseconds, expected.milliseconds).allSatisfy { abs($0 - $1) <= 1e-9 * $1 })
        #expect(abs(found.constant - expected.constant) < 1e-6)
        // Each round goes over everything.
        let turns = stride(from: 0, to: 9 * count, by: 3).map { passes.run[$0] }
        #expect(Array(turns.prefix(count)) == Array(turns[count..<2 * count]))
        #expect(Set(turns.prefix(count)).count == count && passes.run.count == 9 * count)
    }

    @Test func theBudgetIsThatOfTheMedian() throws {
        let description = try SmallSpace.mobile.description()
        let (meter, passes) = try meter(description)
        let path = try SmallSpace.mobile.architectures(2)[0]
        let time = try meter.measure(path)
        #expect(try meter.isWithin(Budget(latency: time), path))
        #expect(try !meter.isWithin(Budget(latency: 0.999 * time), path))
        // One lucky and one disturbed measurement of nine passes each.
        for (disturbed, allowed) in [([0], true), ([0, 1], false)] {
            let before = passes.run.count
            passes.disturbance = { disturbed.contains(($0 - before) / 9) ? 2 : 1 }
            #expect(try meter.isWithin(Budget(latency: time), path) == allowed)
        }
        let before = passes.run.count
        #expect(try meter.isWithin(Budget(parameters: 1), path), "only the latency is looked at")
        #expect(passes.run.count == before)
        #expect(throws: SpaceError.self) { try meter.isWithin(Budget(), Architecture([0])) }
    }

    @Test func smallSpacesKeepSomethingToBeCheckedBy() throws {
        let (meter, passes) = try meter(SmallSpace.repeated.description())
        let times = try meter.blockTimes(checks: 50)
        #expect(times.checks.count == 2, "of six networks, the fastest and the slowest aside")
        #expect(passes.prepared.count > 0 && times.table.error < 1e-9)
        #expect(try meter.blockTimes(checks: 0).checks.isEmpty)
        #expect(try meter.table(checks: -1).error == 0)
    }

    @Test func theFitIsSound() {
        func fit(_ sums: [Double], _ times: [Double]) -> [Double] {
            let fit = LatencyFit(sums, times)
            return [fit.constant, fit.factor].map { ($0 * 1e6).rounded() / 1e6 }
        }
        #expect(fit([1, 2, 3], [2.5, 4, 5.5]) == [1, 1.5])
        #expect(
            fit([1, 2], [1, 3])
                == [0, LatencyFit([1, 2], [1, 3]).factor * 1e6 / 1e6].map { ($0 * 1e6).rounded() / 1e6 })
        #expect(fit([1, 2, 3], [6, 4, 2])[0] == 0, "a larger sum is never a shorter time")
        #expect(LatencyFit([1, 2, 3], [6, 4, 2]).factor > 0)
        #expect(fit([2], [3]) == [0, 1.5])
        #expect(fit([2, 2], [3, 3]) == [0, 1.5])
        #expect(fit([], []) == [0, 1])
        #expect(fit([0, 0], [1, 1]) == [0, 1])
    }

    @Test func progressRunsToTheEnd() throws {
        for description in try Self.everySpace() {
            var shares: [Double] = []
            _ = try meter(description).0.table(checks: 2) { shares.append($0) }
            #expect(shares.count == 3 && shares == shares.sorted() && shares.last == 1, "\(shares)")
            #expect(shares.allSatisfy { $0 > 0 })
        }
    }

    @Test func architecturesAndImagesOfOtherSpacesAreRefused() throws {
        let (meter, _) = try meter(SmallSpace.resnest.description())
        for choices in [[], [0, 0], [0, 0, 4], [0, 0, -1]] {
            #expect(throws: SpaceError.self) { try meter.measure(Architecture(choices)) }
        }
        #expect(throws: SpaceError.self) { try LatencyMeter(SmallSpace.resnest.description(), imageSize: 0) }
    }
}

/// With passes that are run. One after the other, as the number of threads is set on the way.
@Suite(.serialized) struct LatencyMeterTests {
    fileprivate func meter(
        _ description: SupernetDescription, batchSize: Int = 1, classes: Int = 0, precision: Precision = .float32
    ) throws -> LatencyMeter {
        var options = LatencyMeter.Options()
        (options.rounds, options.warmUp, options.passes, options.fitted) = (2, 1, 1, 2)
        (options.batchSize, options.classes, options.precision) = (batchSize, classes, precision)
        return try LatencyMeter(description, imageSize: 8, options: options)
    }

    @Test(arguments: SmallSpace.allCases, Precision.allCases) func everyBlockRunsAlone(
        kind: SmallSpace, precision: Precision
    ) throws {
        let meter = try meter(kind.description(), batchSize: 2, classes: 5, precision: precision)
        let times = try meter.blockTimes(checks: 1)
        #expect(times.milliseconds.allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(times.table.error.isFinite && times.table.batchSize == 2)
        #expect(try meter.measure(kind.architectures(2)[0]) > 0)
    }

    @Test func sizesOfImagesRun() throws {
        let table = try meter(LatencyTableMakingTests.sizes()).table(checks: 1)
        #expect(table.latency(of: Architecture([0, 1, 1])) > 0)
    }

    @Test func theNumberOfThreadsComesBack() async throws {
        await #expect(processExitsWith: .success) {
            struct Failure: Error {}
            let description = try SmallSpace.resnest.description()
            let meter = try LatencyMeterTests().meter(description)
            let broken = try LatencyMeter(description, imageSize: 8, options: .init()) { _, _ in throw Failure() }
            for threads in [1, 2, 3] {
                try Runtime.setThreadCount(threads)
                var during: Set<Int> = []
                _ = try meter.table(checks: 1) { _ in during.insert((try? Runtime.threadCount()) ?? 0) }
                #expect(try Runtime.threadCount() == threads)
                _ = try meter.measure(Architecture([0, 1, 2]))
                #expect(try Runtime.threadCount() == threads)
                #expect(during == [1])
                #expect(throws: Failure.self) { try broken.measure(Architecture([0, 1, 2])) }
                #expect(throws: Failure.self) { try broken.table(checks: 1) }
                #expect(try Runtime.threadCount() == threads, "also where a pass fails")
            }
        }
    }
}
