import Architectures
import Datasets
import Foundation
import NN
import Networks
import Tasks
import Testing
import Torch
import Training

@testable import Methods

/// Every method, and the forms of Pi-NAS that switch parts of it off.
enum SmallMethod: String, CaseIterable, Sendable {
    case singlePath, nearPath, fairRound, fairPath, sandwich, supervisedPi, independentPaths, linearProbe
    case pi, piOnce, piOwnPath, piWithoutTeacher, piBatch, piWithoutNegatives, piGroups, onePath

    static let supernetMethods = allCases.filter { $0 != .linearProbe }
    /// Without those that differ from another in their formulas alone.
    static let kept = allCases.filter { ![.piOnce, .piOwnPath, .independentPaths].contains($0) }
    static let contrastive = allCases.filter { $0.piOptions != nil }

    /// Of Pi-NAS in this form; nil for other methods. The momentum is low, so that the teacher visibly moves.
    var piOptions: PiMethod.Options? {
        var options = Tiny.piOptions()
        (options.queueLength, options.momentum) = (32, 0.75)
        switch self {
        case .pi: break
        case .piOnce: options.averaging = .once
        case .piOwnPath: options.crossPath = false
        case .piWithoutTeacher: options.meanTeacher = false
        case .piBatch: options.negatives = .batch
        case .piWithoutNegatives: options.negatives = .none
        case .piGroups: options.normGroups = 2
        case .onePath: (options.paths, options.crossPath) = (1, false)
        default: return nil
        }
        return options
    }

    /// Views that a step takes of each image.
    var views: Int { piOptions?.viewCount ?? (self == .supervisedPi ? 2 : 1) }

    /// Candidates of each choice that a step trains; nil where it depends on the draw.
    var candidatesPerChoice: Int? {
        switch self {
        case .singlePath, .nearPath, .fairPath, .onePath: 1
        case .fairRound: 4
        case .sandwich: nil
        case .linearProbe: 0
        default: 2
        }
    }

    static func settings(_ seed: UInt64 = 5, _ precision: Precision = .float32) -> MethodSettings {
        var settings = MethodSettings()
        (settings.seed, settings.precision) = (seed, precision)
        return settings
    }

    /// - Parameters:
    ///   - weights: seed of the weights; those of a frozen supernet are always the same.
    ///   - settings: precision and seed.
    func make(weights: UInt64 = 1, _ settings: MethodSettings = Self.settings()) throws -> any Method {
        func model() throws -> TaskSupernet {
            let made = try Tiny.taskSupernet(seed: weights)
            try shake(made.store)
            return made
        }
        let objective = try Tiny.objective(seed: settings.seed, settings.precision)
        switch self {
        case .singlePath: return SinglePathMethod(try model(), objective: objective)
        case .nearPath:
            return SinglePathMethod(try model(), objective: objective, around: (Architecture([1, 2]), 0.5))
        case .fairRound: return FairMethod(try model(), objective: objective, update: .round)
        case .fairPath: return FairMethod(try model(), objective: objective, update: .path)
        case .sandwich:
            return SandwichMethod(
                try model(), objective: objective,
                costs: try CostTable(Tiny.description(), imageSize: 8, classes: 4), randomPaths: 1)
        case .supervisedPi, .independentPaths:
            return try SupervisedPiMethod(
                model(), objective: objective, consistency: self == .independentPaths ? 0 : 1
            ) { try Tiny.taskSupernet(seed: weights + 1) }
        case .linearProbe:
            let supernet = try Tiny.supernet(seed: 3)
            try shake(supernet.store)
            // A probe's own weights follow from its seed.
            return try LinearProbeMethod(
                supernet, objective: Tiny.objective(seed: settings.seed, settings.precision, smoothing: 0))
        default: return try makePi(weights: weights, settings)
        }
    }

    /// The contrastive method of this form.
    func makePi(weights: UInt64 = 1, _ settings: MethodSettings = Self.settings()) throws -> PiMethod {
        let encoder = try Tiny.encoder(seed: weights)
        try shake(encoder.store)
        return try PiMethod(
            encoder, options: piOptions ?? Tiny.piOptions(), settings: settings
        ) { try Tiny.encoder(seed: weights + 1) }
    }

    /// The supernet that it learns, or looks at.
    static func supernet(of method: any Method) -> Supernet? {
        switch method {
        case let method as PiMethod: method.encoder.supernet
        case let method as any SupervisedSupernetMethod: method.model.supernet
        case let method as LinearProbeMethod: method.supernet
        default: nil
        }
    }
}

extension PiMethod {
    /// A copy of the queue's columns as they are now.
    func queueKeys() throws -> Tensor? { try state().first { $0.key == "queue.keys" }?.tensor.cloned() }

    /// What a step draws.
    func paths(step: Int) -> [Architecture] {
        var generator = settings.generator(step: step)
        return draw(using: &generator)
    }
}

/// A method with the optimiser that trains it, as the trainer runs them.
struct Learner {
    let method: any Method
    let optimizer: SGD

    init(_ method: any Method) throws {
        self.method = method
        optimizer = try SGD(
            [ParameterGroup(method.store.parameters.map { ($0.key, $0.tensor) })], momentum: 0.9, weightDecay: 1e-2)
    }

    @discardableResult
    func step(_ batch: Batch, _ step: Int) throws -> StepOutcome {
        try TrainingStep(method: method, optimizer: optimizer)(batch, step: step, learningRate: 0.05)
    }

    /// All that a checkpoint keeps, as bytes.
    func bytes() throws -> [String: Data] {
        try bits(method.state()).merging(bits(optimizer.state().map { ("optimizer." + $0.key, $0.tensor) })) { $1 }
    }
}

/// The gradients that a method left are those of a formula. Where the formula gives zero, as for what a batch norm
/// takes away again, rounding gives something small: all are compared by the largest value of any.
func expectGradients(of method: any Method, _ expected: [String: Tensor]) throws {
    let largest = try expected.values.map { try $0.absolute().max().item() }.max() ?? 0
    #expect(largest > 1e-4)
    for entry in method.store.parameters {
        switch (entry.tensor.gradient, expected[entry.key]) {
        case (let found?, let wanted?): #expect(try distance(found, wanted) < 1e-3 * largest, "\(entry.key)")
        case (nil, nil): continue
        default: Issue.record("\(entry.key) has a gradient on one side only")
        }
    }
}
