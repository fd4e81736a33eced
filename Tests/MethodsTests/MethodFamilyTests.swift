import Architectures
import Datasets
import Experiments
import NN
import Networks
import Support
import Tasks
import Testing
import Torch
import Training

@testable import Methods

/// Methods by name, with options of their own.
@Suite struct MethodFamilyTests {
    private struct Settings: Configuration {
        var method = MethodConfiguration()
        var supernet = TrainConfiguration()
    }

    private func load(_ settings: [String]) throws -> Settings {
        try ConfigurationLoader.load(Settings.self, file: nil, overrides: settings).value
    }

    private func problems(_ settings: Settings) -> String {
        var check = ConfigurationCheck()
        settings.method.check(settings.supernet, &check)
        do { try check.finish() } catch { return "\(error)" }
        return ""
    }

    @Test func everyMethodIsMadeByItsName() throws {
        let batches = try [1, 4].map { try #require(Bars.batches(1, views: $0).first) }
        for name in ["pi-nas", "pi-nas-supervised", "spos", "fairnas", "sandwich"] {
            var chosen = try MethodConfiguration(named: name)
            if name == "pi-nas" {
                try chosen.update(PiMethod.Options.self) { ($0.dimension, $0.queueLength) = (Tiny.dimension, 32) }
            }
            #expect(chosen.isSupervised == (name != "pi-nas"))
            #expect((chosen.views?.count ?? 1) == (name == "pi-nas" ? 4 : 1))
            let setup = SupernetSetup(try Tiny.description(), objective: try Tiny.objective(), imageSize: 8)
            let (method, again) = (try chosen.make(setup), try chosen.make(setup))
            #expect(type(of: method).name == name)
            #expect(try bits(method.store.state) == bits(again.store.state), "initial values follow from the seed")
            let other = SupernetSetup(try Tiny.description(), objective: try Tiny.objective(seed: 6), imageSize: 8)
            #expect(try bits(chosen.make(other).store.state) != bits(method.store.state))
            #expect(method.embeddingDimension == (name == "pi-nas" ? Tiny.dimension : nil))
            #expect((method.teacher != nil) == (name == "pi-nas"))
            #expect(method.store["fc.weight"] == nil || chosen.isSupervised)
            let batch = chosen.isSupervised ? batches[0] : batches[1]
            #expect(try method.computeGradients(batch, step: 0).loss.item().isFinite)
        }
        #expect(MethodConfiguration().name == "pi-nas")
        let unknown = #expect(throws: NamedOptionsError.self) { try MethodConfiguration(named: "fairnass") }
        #expect(unknown?.description.contains("did you mean fairnas") == true)
    }

    @Test func passesAreCountedWithABackwardAsTwo() throws {
        let space = try Tiny.description().space
        func passes(_ settings: String...) throws -> Double { try load(settings).method.passes(in: space) }
        #expect(try passes("method.name=spos") == 3)
        #expect(try passes("method.name=fairnas") == 12)
        #expect(try passes("method.name=sandwich") == 12)
        #expect(try passes("method.name=sandwich", "method.random-paths=0") == 6)
        #expect(try passes("method.name=pi-nas-supervised") == 8)
        #expect(try passes() == 8)
        #expect(try passes("method.mean-teacher=false") == 6)
        #expect(try passes("method.paths=1", "method.cross-path=false") == 4)
    }

    @Test func optionsAreThoseOfTheMethod() throws {
        #expect(try load(["method.momentum=0.5"]).method.options(as: PiMethod.Options.self).momentum == 0.5)
        let views = try load(["method.views=[{center-crop: 8}]"]).method.views
        #expect(views?.augmentation.outputSize == 8 && views?.count == 4)
        for settings in [
            ["method.name=spos", "method.momentum=0.5"], ["method.paths=3"], ["method.paths=1"],
            ["method.cross-path-weight=0"], ["method.momentum=1"], ["method.temperature=0"], ["method.dimension=1"],
            ["method.norm-groups=0"], ["method.queue-length=16777216", "method.dimension=128"],
            ["method.name=sandwich", "method.random-paths=65"],
            ["method.name=pi-nas-supervised", "method.consistency=-1"],
            ["method.name=fairnas", "method.fair-update=never"],
        ] {
            #expect(throws: ConfigurationError.self, "\(settings)") { try load(settings) }
        }
        #expect(try load(["method.name=fairnas", "method.fair-update=path"]).method.name == "fairnas")
    }

    @Test func whatDoesNotSuitTheTrainingIsNamed() throws {
        #expect(try problems(load(["supernet.batch-size=192"])).isEmpty)
        let uneven = try problems(load(["supernet.batch-size=100"]))
        #expect(uneven.contains("method.queue-length") && uneven.contains("(=100)"))
        #expect(try problems(load(["supernet.batch-size=100", "method.negatives=batch"])).isEmpty)
        let mixed = ["supernet.mixup=0.2", "supernet.mix-probability=0.5", "supernet.batch-size=192"]
        #expect(try problems(load(mixed)).contains("supernet.mix-probability"))
        #expect(try problems(load(mixed + ["method.name=spos"])).isEmpty)
    }

    @Test func aQueueSuitsBatchesOfAnotherSize() throws {
        let small = try load(["method.queue-length=1000", "method.norm-groups=8"]).method.suiting(batch: 48)
        let options = try small.options(as: PiMethod.Options.self)
        #expect(options.queueLength == 960 && options.normGroups == 1)
        #expect(try load([]).method.suiting(batch: 100_000).options(as: PiMethod.Options.self).queueLength == 100_000)
        let single = try load(["method.name=spos"]).method
        #expect(single.suiting(batch: 8) == single)
    }
}
