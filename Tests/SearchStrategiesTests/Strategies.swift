import Architectures
import SearchStrategies

/// Every strategy, made as for a search of some hundred evaluations.
enum Strategy: String, CaseIterable, Sendable {
    case random, regularizedEvolution, evolution, nsga2, classifierTree
    /// With more classifiers, sooner, and the most promising of many architectures.
    case eagerClassifierTree

    /// Fewer results at a time cost more in learning than they are worth here.
    var batch: Int { self == .classifierTree || self == .eagerClassifierTree ? 44 : 20 }

    func make(_ sampler: ConstraintSampler) throws -> any SearchStrategy {
        var options = BoostedTrees.Options()
        (options.trees, options.depth, options.learningRate) = (12, 2, 0.5)
        switch self {
        case .random: return RandomSearch(sampler)
        case .regularizedEvolution:
            return try RegularizedEvolution(sampler, populationSize: 50, sampleSize: 15)
        case .evolution: return try EvolutionSearch(sampler)
        case .nsga2: return try NSGA2(sampler, populationSize: 30)
        case .classifierTree:
            return try ClassifierTree(
                sampler, thresholds: ClassifierTree.thresholds(forLength: 300), options: options)
        case .eagerClassifierTree:
            (options.trees, options.depth) = (20, 1)
            return try ClassifierTree(
                sampler, thresholds: ClassifierTree.thresholds(forLength: 150), candidates: 16, proposals: 50,
                options: options)
        }
    }
}
