import Architectures
import Foundation
import NN
import Networks
import Testing
import Torch

@testable import Methods

/// The mean teacher against its closed form, kept in double precision.
@Suite struct MeanTeacherTests {
    private func student() throws -> SupernetEncoder {
        let encoder = try Tiny.encoder(seed: 1)
        try shake(encoder.store)
        return encoder
    }

    private func parameters(_ encoder: SupernetEncoder) throws -> [String: [Double]] {
        try Dictionary(uniqueKeysWithValues: encoder.store.parameters.map { ($0.key, try doubles($0.tensor)) })
    }

    /// teacher = (1 - r) teacher + r student, as often as a tensor is on a path of the step.
    private func move(_ teacher: [Double], _ student: [Double], times: Int, _ momentum: Double) -> [Double] {
        (0..<times).reduce(teacher) { moved, _ in zip(moved, student).map { momentum * $0 + (1 - momentum) * $1 } }
    }

    private func isShared(_ key: String) -> Bool { Tiny.owner(of: key) == nil }

    @Test(arguments: MeanTeacher.Averaging.allCases)
    func overStepsItIsItsClosedForm(averaging: MeanTeacher.Averaging) throws {
        var options = Tiny.piOptions()
        (options.averaging, options.momentum, options.queueLength) = (averaging, 0.75, 8)
        let method = try PiMethod(
            student(), options: options, settings: SmallMethod.settings()
        ) { try Tiny.encoder(seed: 2) }
        let training = try Learner(method)
        var expected = try parameters(method.encoder)
        #expect(try parameters(method.keyEncoder) == expected, "it starts as a copy")
        var otherwise = expected
        for (step, batch) in try Bars.batches(4, views: 4).enumerated() {
            let paths = method.paths(step: step)
            let (now, before) = try (parameters(method.encoder), parameters(method.keyEncoder))
            try training.step(batch, step)
            let after = try parameters(method.keyEncoder)
            for (key, value) in now {
                let times = paths.count { Tiny.isOn($0, key) }
                if times == 0 { #expect(after[key] == before[key], "\(key) is off both paths") }
                let once = min(times, 1)
                expected[key] = move(
                    expected[key] ?? [], value, times: averaging == .reference ? times : once, options.momentum)
                otherwise[key] = move(
                    otherwise[key] ?? [], value, times: averaging == .reference ? once : times, options.momentum)
            }
            for (key, values) in after {
                let worst = zip(values, expected[key] ?? []).reduce(0) { max($0, abs($1.0 - $1.1)) }
                #expect(worst < 2e-6, "\(key) after \(step + 1) steps")
            }
        }
        // The two ways are told apart by what all paths share, and by nothing else.
        for (key, values) in try parameters(method.keyEncoder) {
            let difference = zip(values, otherwise[key] ?? []).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(isShared(key) ? difference > 1e-4 : difference < 2e-6, "\(key)")
        }
    }

    /// Step by step, without a method around it.
    @Test(arguments: MeanTeacher.Averaging.allCases)
    func aPathMovesItsOwnBlocks(averaging: MeanTeacher.Averaging) throws {
        let (student, copy) = try (self.student(), Tiny.encoder(seed: 2))
        let teacher = try MeanTeacher(of: student, in: copy, averaging: averaging, momentum: 0.5)
        let start = try parameters(student)
        try withoutGradients { for entry in student.store.parameters { try entry.tensor.addInPlace(Tensor(Float(1))) } }
        let (a, b) = (Architecture([0, 2]), Architecture([3, 1]))
        try teacher.follow(a, after: nil)
        try teacher.follow(b, after: a)
        for (key, values) in try parameters(teacher.encoder) {
            let share: Double =
                isShared(key)
                ? (averaging == .reference ? 0.75 : 0.5) : Tiny.isOn(a, key) || Tiny.isOn(b, key) ? 0.5 : 0
            for (value, first) in zip(values, start[key] ?? []) { #expect(abs(value - first - share) < 1e-5, "\(key)") }
        }
    }

    /// Paths that share a block: it moves twice, or once.
    @Test func blocksOfBothPathsCountAsShared() throws {
        for averaging in MeanTeacher.Averaging.allCases {
            let (student, copy) = try (self.student(), Tiny.encoder(seed: 2))
            let teacher = try MeanTeacher(of: student, in: copy, averaging: averaging, momentum: 0.5)
            let key = "layer1.0.2.conv1.weight"
            let start = try doubles(#require(student.store[key]))
            try withoutGradients { try student.store[key]?.addInPlace(Tensor(Float(1))) }
            try teacher.follow(Architecture([2, 0]), after: nil)
            try teacher.follow(Architecture([2, 1]), after: Architecture([2, 0]))
            let share = averaging == .reference ? 0.75 : 0.5
            for (value, first) in try zip(doubles(#require(teacher.encoder.store[key])), start) {
                #expect(abs(value - first - share) < 1e-5)
            }
        }
    }

    @Test func buffersAreItsOwnFromTheStart() throws {
        let (student, copy) = try (self.student(), Tiny.encoder(seed: 2))
        for entry in student.store.entries where entry.role == .buffer { try entry.tensor.fillInPlace(7) }
        func buffers() throws -> [String: Data] {
            try bits(copy.store.entries.filter { $0.role == .buffer }.map { ($0.key, $0.tensor) })
        }
        let before = try buffers()
        let teacher = try MeanTeacher(of: student, in: copy, averaging: .reference, momentum: 0.5)
        try teacher.follow(Architecture([0, 0]), after: nil)
        #expect(try buffers() == before)
        for (key, tensor) in student.store.state {
            guard let own = copy.store[key] else { continue }
            #expect(!own.sharesStorage(with: tensor), "\(key)")
        }
    }

    /// An average of other layers would be of nothing.
    @Test func anEncoderOfAnotherDescriptionIsRefused() throws {
        let student = try self.student()
        func encoder(_ depths: [Int], dimension: Int = Tiny.dimension) throws -> SupernetEncoder {
            try SupernetEncoder(
                ResNeStSpace(
                    channels: 1, stem: .small, planes: [Int](repeating: 16, count: depths.count), depths: depths,
                    expansion: 1
                ).description(), dimension: dimension, store: Tiny.store(seed: 2))
        }
        for other in try [encoder([1, 1], dimension: 4), encoder([2, 1]), encoder([1]), encoder([1, 1, 1])] {
            #expect(throws: StateError.self) {
                try MeanTeacher(of: student, in: other, averaging: .reference, momentum: 0.5)
            }
        }
    }
}
