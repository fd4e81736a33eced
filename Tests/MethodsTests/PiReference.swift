import Architectures
import Datasets
import Foundation
import NN
import Networks
import Torch
import Training

@testable import Methods

/// One step of Pi-NAS written down from the paper, with encoders of its own: what the method is compared with.
struct PiReference {
    /// What a step should give.
    struct Step {
        var loss: Double
        /// The loss if each query's positive came from its own path where it should come from the other, and the other
        /// way round.
        var swappedLoss: Double
        /// Queries whose positive is the most similar, averaged over paths.
        var correct: Double
        /// Keys by path, [N][D].
        var keys: [[[Double]]]
        /// By key of the parameter.
        var gradients: [String: Tensor]
    }

    var options: PiMethod.Options
    let precision: Precision
    let student: SupernetEncoder
    let teacher: SupernetEncoder

    /// Twins of a method's encoders as they are now.
    init(of method: PiMethod) throws {
        options = method.options
        precision = method.settings.precision
        student = try Tiny.encoder(seed: 0)
        teacher = try Tiny.encoder(seed: 0)
        try student.store.load(method.store.state)
        try teacher.store.load(method.keyEncoder.store.state)
    }

    /// - Parameters:
    ///   - paths: those of the step.
    ///   - negatives: the queue's columns before the step, [D, K].
    func step(_ batch: Batch, _ paths: [Architecture], negatives: Tensor?) throws -> Step {
        let views = try (0..<2 * paths.count).map { try batch.images(view: $0) }
        let queries = try paths.indices.map { try embed(views[2 * $0], paths[$0], student) }
        let keys = try withoutGradients {
            try paths.indices.map { place -> Tensor in
                if options.meanTeacher { try follow(paths[place], again: place > 0) }
                let giver = options.meanTeacher ? teacher : student
                return try embed(views[2 * place + 1], paths[place], giver)
            }
        }
        let crossed = options.crossPath
        let positives = paths.indices.map { keys[crossed ? paths.count - 1 - $0 : $0] }
        let others = paths.indices.map { keys[crossed ? $0 : paths.count - 1 - $0] }
        let (plainQueries, columns) = (try queries.map(rows), try negatives.map { try rows($0.transposed(0, 1)) })
        let right = try zip(plainQueries, positives.map(rows)).map { terms($0, positives: $1, columns) }
        let wrong = try zip(plainQueries, others.map(rows)).map { terms($0, positives: $1, columns) }
        let total = try zip(queries, positives).map { try loss($0, $1, negatives) }
        try (total.count == 1 ? total[0] : total[0] + total[1]).backward()
        let gradients = student.store.parameters.compactMap { entry in entry.tensor.gradient.map { (entry.key, $0) } }
        return Step(
            loss: right.reduce(0) { $0 + $1.loss }, swappedLoss: wrong.reduce(0) { $0 + $1.loss },
            correct: right.reduce(0) { $0 + $1.correct } / Double(paths.count), keys: try keys.map(rows),
            gradients: Dictionary(uniqueKeysWithValues: gradients))
    }

    private func embed(_ images: Tensor, _ path: Architecture, _ encoder: SupernetEncoder) throws -> Tensor {
        try withPrecision(precision) { try encoder.embed(images, path, Mode(batchNorm: .batch)) }
    }

    /// The teacher's tensors on the path move; those of both paths a second time only in the reference form.
    private func follow(_ path: Architecture, again: Bool) throws {
        for (own, entry) in zip(teacher.store.parameters, student.store.parameters) where Tiny.isOn(path, entry.key) {
            if again, Tiny.owner(of: entry.key) == nil, options.averaging == .once { continue }
            let moved = try own.tensor * options.momentum + entry.tensor * (1 - options.momentum)
            try own.tensor.copyInPlace(from: moved)
        }
    }

    /// Mean over a query's images of -log of the share that its positive has, and how often it has the largest.
    private func terms(
        _ queries: [[Double]], positives: [[Double]], _ columns: [[Double]]?
    ) -> (loss: Double, correct: Double) {
        func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        var (loss, correct) = (0.0, 0.0)
        for (place, query) in queries.enumerated() {
            let match = product(query, positives[place])
            if options.negatives == .none {
                loss += 2 - 2 * match  // the squared distance of unit vectors
                continue
            }
            let wrong =
                options.negatives == .queue
                ? (columns ?? []) : positives.indices.filter { $0 != place }.map { positives[$0] }
            let others = wrong.map { product(query, $0) }
            let shares = ([match] + others).map { exp($0 / options.temperature) }
            loss -= log(shares[0] / shares.reduce(0, +))
            if others.allSatisfy({ match > $0 }) { correct += 1 }
        }
        return (loss / Double(queries.count), correct)
    }

    /// The same as a tensor, for gradients.
    private func loss(_ query: Tensor, _ positive: Tensor, _ negatives: Tensor?) throws -> Tensor {
        switch options.negatives {
        case .none: return try (query - positive).power(2).sum([1]).mean()
        case .batch:
            let shares = try Tensor.einsum("id,jd->ij", [query, positive]) / options.temperature
            let mask = try Tensor.identity(query.size(0))
            return try -((shares.logSoftmax(1) * mask).sum() / Double(query.size(0)))
        case .queue:
            let match = try Tensor.einsum("id,id->i", [query, positive]).unsqueezed(1)
            let others = try Tensor.einsum("id,dk->ik", [query, negatives ?? .zeros([query.size(1), 0])])
            let shares = try Tensor.concatenated([match, others], dimension: 1) / options.temperature
            return try -(shares.logSoftmax(1).slice(0..<1, dimension: 1).mean())
        }
    }
}

/// The InfoNCE loss: the cross-entropy of `infoNCELogits` with class 0, the positive key.
func infoNCE(_ query: Tensor, positive: Tensor, negatives: Tensor, temperature: Double) throws -> Tensor {
    try infoNCELogits(query, positive: positive, negatives: negatives, temperature: temperature)
        .crossEntropy(.zeros([query.size(0)], dtype: .int64, device: query.device))
}
