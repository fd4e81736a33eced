/// The scores of trained networks: some seeds of each architecture.
struct SeededTruth {
    /// For each architecture the values of its seeds.
    let seeds: [[Double]]
    /// The mean of each architecture's seeds.
    let means: [Double]
    /// How many seeds every architecture has at least.
    let commonSeeds: Int

    /// - Throws: `RankingError` for an architecture without truth, for a value that is not finite, and where there is
    ///   no architecture.
    init(_ seeds: [[Double]]) throws {
        for (position, values) in seeds.enumerated() {
            guard !values.isEmpty else { throw RankingError.noTruth(position: position) }
            if let seed = values.firstIndex(where: { !$0.isFinite }) {
                throw RankingError.truthNotFinite(position: position, seed: seed, value: values[seed])
            }
        }
        guard let least = seeds.map(\.count).min() else {
            throw RankingError.tooFewArchitectures(count: 0, least: RankingJudgement.leastArchitectures)
        }
        self.seeds = seeds
        means = seeds.map { $0.reduce(0, +) / Double($0.count) }
        commonSeeds = least
    }

    var count: Int { seeds.count }

    /// The truth as one seed has it.
    func column(_ seed: Int) -> [Double] { seeds.map { $0[seed] } }
}
