import Architectures
import Datasets
import Foundation
import NN
import Networks
import Testing
import Torch
import Training

@testable import Methods

/// A step touches what it samples and nothing else.
@Suite struct SampledPathTests {
    /// The candidates at each choice that have gradients: all of their parameters, or none.
    private func trained(_ supernet: Supernet) throws -> [Set<Int>] {
        supernet.space.points.indices.map { point in
            Set(
                supernet.space.points[point].candidates.indices.filter { candidate in
                    let entries = supernet.entries(of: CandidateReference(point: point, candidate: candidate))
                        .filter { $0.role == .parameter }
                    let moved = entries.count { $0.tensor.gradient != nil }
                    #expect(moved == 0 || moved == entries.count, "point \(point), candidate \(candidate)")
                    return moved > 0
                })
        }
    }

    /// Bytes of all tensors of one role.
    private func bytes(_ store: ParameterStore, _ role: ParameterStore.Role) throws -> [String: Data] {
        try bits(store.entries.filter { $0.role == role }.map { ($0.key, $0.tensor) })
    }

    private func isOn(_ candidates: [Set<Int>], _ key: String) -> Bool {
        Tiny.owner(of: key).map { candidates[$0.point].contains($0.candidate) } ?? true
    }

    @Test(arguments: SmallMethod.supernetMethods)
    func gradientsStatisticsAndStepsStayOnTheSampledPaths(kind: SmallMethod) throws {
        let training = try Learner(kind.make())
        let supernet = try #require(SmallMethod.supernet(of: training.method))
        let store = training.method.store
        for (step, batch) in try Bars.batches(2, views: kind.views).enumerated() {
            let before = try (bytes(store, .parameter), bytes(store, .buffer))
            try store.clearGradients()
            _ = try training.method.computeGradients(batch, step: step)
            let sampled = try trained(supernet)
            if let expected = kind.candidatesPerChoice {
                #expect(sampled.map(\.count) == [expected, expected], "step \(step)")
            }
            for entry in store.parameters {
                #expect((entry.tensor.gradient != nil) == isOn(sampled, entry.key), "\(entry.key)")
            }
            #expect(try bytes(store, .parameter) == before.0, "gradients are computed, nothing is moved")
            try training.optimizer.step(learningRate: 0.05)
            try training.method.didUpdate(step: step)
            let after = try (bytes(store, .parameter), bytes(store, .buffer))
            for (key, old) in before.0 { #expect((after.0[key] != old) == isOn(sampled, key), "\(key)") }
            for (key, old) in before.1 { #expect((after.1[key] != old) == isOn(sampled, key), "\(key)") }
        }
    }

    /// Statistics and weights of the teacher, too, move on the paths alone; it learns nothing by gradient.
    @Test(arguments: SmallMethod.contrastive)
    func theTeacherHasNoGradientsAndStatisticsOfItsOwn(kind: SmallMethod) throws {
        let training = try Learner(kind.make())
        let method = try #require(training.method as? PiMethod)
        let supernet = method.encoder.supernet
        guard kind != .piWithoutTeacher else {
            #expect(method.keyEncoder === method.encoder)
            return
        }
        let teacher = method.keyEncoder.store
        for (step, batch) in try Bars.batches(2, views: kind.views).enumerated() {
            let before = try bits(teacher.state)
            try training.step(batch, step)
            let sampled = try trained(supernet)
            #expect(teacher.parameters.allSatisfy { $0.tensor.gradient == nil })
            let after = try bits(teacher.state)
            for entry in teacher.entries where !isOn(sampled, entry.key) {
                #expect(after[entry.key] == before[entry.key], "\(entry.key)")
            }
            for entry in teacher.entries where entry.role == .buffer && isOn(sampled, entry.key) {
                #expect(after[entry.key] != before[entry.key], "\(entry.key)")
                guard let own = method.store[entry.key], !entry.key.hasSuffix("num_batches_tracked") else { continue }
                #expect(try bits(own) != after[entry.key], "\(entry.key) is not the student's")
            }
        }
    }

    @Test func twoPathsDifferAtEveryChoice() throws {
        let method = try SmallMethod.pi.makePi()
        var seen: Set<Architecture> = []
        for step in 0..<200 {
            var generator = method.settings.generator(step: step)
            let paths = method.draw(using: &generator)
            #expect(paths.count == 2 && paths[0].distance(to: paths[1]) == 2)
            seen.formUnion(paths)
        }
        #expect(seen == Set(Tiny.architectures), "and every path is drawn at some time")
        let single = try SmallMethod.onePath.makePi()
        var generator = single.settings.generator(step: 0)
        #expect(single.draw(using: &generator).count == 1)
    }

    /// In bfloat16, too, the loss is a number, and gradients are no zeros.
    @Test(arguments: SmallMethod.allCases)
    func aStepGivesALossAndSomethingToLearn(kind: SmallMethod) throws {
        let method = try kind.make(SmallMethod.settings(5, .bfloat16))
        let batch = try #require(Bars.batches(1, views: kind.views).first)
        let outcome = try method.computeGradients(batch, step: 0)
        #expect(try outcome.loss.item().isFinite)
        #expect(outcome.loss.elementCount == 1 && !outcome.loss.requiresGradient)
        let length = try method.store.parameters.compactMap(\.tensor.gradient).reduce(0) { try $0 + $1.norm().item() }
        #expect(length > 0 && length.isFinite)
        #expect((outcome.correct == nil) == (kind == .piWithoutNegatives))
        if let correct = try outcome.correct?.to(.float64).item() { #expect((0...8).contains(correct)) }
    }
}
