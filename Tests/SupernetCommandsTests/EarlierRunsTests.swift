import Foundation
import Networks
import Rankings
import Results
import Testing

/// Studies, tables and adaptations that an earlier version began: the program goes on with them, in a copy and from the
/// folder that they were made in.
@Suite struct EarlierRunsTests {
    private static let adapt = "adapt --config configs/adapt.yaml --data outlines --task classification --threads 1"

    /// The commands by which finished runs were made, with the folders of each, its own first.
    private static let finished: [(String, String)] = [
        ("pi-nas", "run --config study.yaml --run pi-nas --threads 1"),
        ("pi-nas", "retrain pi-nas --threads 1"),
        ("fairnas", "run --config configs/fairnas.yaml --run fairnas --threads 1"),
        (
            "own",
            "run --config configs/fairnas.yaml --run own --threads 1 --set space.name=configs/space.yaml "
                + "--set method.name=sandwich --set method.random-paths=1 --set space.widths=null "
                + "--set space.depths=null"
        ),
        ("network", "train --config configs/train.yaml --run network --threads 1"),
        ("truth", "truth --config configs/truth.yaml --run truth --workers 1"),
        ("adapted/classification fairnas", adapt + " --source fairnas --run adapted/classification"),
        (
            "adapted/unsupervised pi-nas",
            adapt + " --source pi-nas --run adapted/unsupervised --unsupervised --no-controls"
        ),
        (
            "adapted/re-identification fairnas",
            "adapt --config configs/adapt.yaml --data people --task re-identification --source fairnas --threads 1 "
                + "--run adapted/re-identification --no-controls --set task.images-per-identity=2 "
                + "--set task.triplet-weight=0.5 --set task.label-smoothing=0.05"
        ),
        ("ranking-study truth", "study configs/ranking-study.yaml --run ranking-study --workers 1"),
        ("ranking-study truth", "compare configs/ranking-study.yaml --run ranking-study --workers 1"),
        ("transfer-study", "study configs/transfer-study.yaml --run transfer-study --workers 1"),
    ]

    @Test(arguments: finished) func whatIsFinishedIsNotDoneAgain(folders: String, command: String) throws {
        let copy = try EarlierCopy(folders.split(separator: " ").map(String.init))
        if folders == "pi-nas" { try copy.writeAcceptedStudy() }
        let (weights, results) = try (copy.weights(), copy.results())
        try copy.supernet(command)
        #expect(try copy.weights() == weights)
        // What is told of it may have come to be more, but not other.
        let differences = try EarlierFiles.differences(results, copy.results())
        #expect(differences.isEmpty, "\(differences)")
        #expect(!(weights.isEmpty && results.isEmpty) || folders == "truth")
    }

    /// The network of a phase opens, and is of the path that the search found.
    private func expectNetwork(_ copy: EarlierCopy, _ study: String, _ phase: String) throws {
        let network = try NetworkFile.read("\(copy.folder)/\(study)/\(phase)/network.safetensors")
        #expect(network.card.classNames == ["cross", "disc", "stripes"])
        let parameters = try copy.number("\(study)/search/result.json", "cost", "parameters")
        #expect(
            try parameters != nil && copy.number("\(study)/\(phase)/result.json", "cost", "parameters") == parameters)
    }

    @Test func aStudyWithoutLabelsGoesOnWithEveryPhase() throws {
        let copy = try EarlierCopy("pi-nas")
        let supernet = try copy.bytes("pi-nas/supernet/supernet.safetensors")
        let evaluations = try copy.number("pi-nas/search/result.json", "evaluations")
        let probe = try copy.number("pi-nas/probe/result.json", "steps")
        try copy.remove("pi-nas/probe", "pi-nas/search", "pi-nas/finetune", "pi-nas/retrain")
        for verb in ["probe", "search", "finetune"] { try copy.supernet("\(verb) pi-nas --threads 1") }
        #expect(try copy.bytes("pi-nas/supernet/supernet.safetensors") == supernet)
        #expect(try probe != nil && copy.number("pi-nas/probe/result.json", "steps") == probe)
        #expect(try evaluations == 10 && copy.number("pi-nas/search/result.json", "evaluations") == evaluations)
        try expectNetwork(copy, "pi-nas", "finetune")
    }

    @Test func aStudyWithLabelsGoesOnWithEveryPhase() throws {
        let copy = try EarlierCopy("fairnas")
        try copy.remove("fairnas/finetune")
        for verb in ["finetune", "retrain"] {
            try copy.supernet("\(verb) fairnas --threads 1")
            try expectNetwork(copy, "fairnas", verb)
        }
        try copy.remove("fairnas/search")
        try copy.supernet("search fairnas --threads 1 --fresh")
        #expect(try copy.number("fairnas/search/result.json", "evaluations") == 8)
    }

    @Test(arguments: ["pi-nas", "fairnas", "own"]) func aSearchGoesOnFromItsArchive(study: String) throws {
        let copy = try EarlierCopy(study)
        var before = try copy.result(SearchResult.self, "\(study)/search/result.json")
        try copy.remove("\(study)/search/result.json")
        try copy.supernet("search \(study) --threads 1")
        var after = try copy.result(SearchResult.self, "\(study)/search/result.json")
        // The network's own score depends on the processor's last bits, and is told with more than at its time.
        let (old, new) = (try #require(before.validation), try #require(after.validation))
        #expect(old.metrics.keys.sorted() == ["accuracy", "loss"] && (new.count ?? 0) > 0)
        for (name, value) in old.metrics { #expect(abs((new.metrics[name] ?? .nan) - value) < 1e-4, "\(name)") }
        (before.validation, after.validation) = (nil, nil)
        // The seconds as well: nothing was evaluated anew.
        #expect(after == before)
    }

    @Test func anOldStudyIsRankedByAnOldTable() throws {
        let copy = try EarlierCopy("fairnas", "truth")
        // In words of today.
        let expected = EarlierFiles.table(
            try EarlierFiles.expected("rank.txt").replacing("best trivial one", with: "best training-free baseline"))
        #expect(expected[1].first == "supernet")
        for isKept in [true, false] {
            if !isKept { try copy.remove("fairnas/rank/truth-accuracy/result.json") }
            let found = EarlierFiles.table(
                try copy.supernet("rank fairnas --truth truth/truth.csv --threads 1"))
            // Beside what was shown then stand more baselines and tau-a today, so that the verdict may be against another one.
            let tauA = try #require(found[0].firstIndex(of: "tau-a"))
            let shown = found.filter { row in row.count > 1 && expected.contains { $0.first == row.first } }
                .map { row in row.indices.filter { $0 != tauA }.map { row[$0] } }
            #expect(shown == expected.filter { $0.count > 1 })
            #expect(found.last?.first?.hasPrefix("The supernet's ranking (tau ") == true, "\(found)")
        }
        // By what it was not ranked by before, a new ranking beside the old one.
        try copy.supernet("rank fairnas --table truth/truth.csv --threads 1 --score linear-evaluation --resamples 50")
        #expect(copy.has("fairnas/rank/truth-linear-evaluation/result.json"))
    }

    @Test func anOldTableIsExtended() throws {
        let copy = try EarlierCopy("truth")
        let table = "\(copy.folder)/truth/truth.csv"
        let before = try BenchmarkTable.read(table)
        #expect(before.entries.count == 22)
        try copy.supernet("truth --config configs/truth.yaml --run truth --workers 1 --architectures 23")
        let after = try BenchmarkTable.read(table)
        #expect(after.entries.count == 23 && Array(after.rows.prefix(before.rows.count)) == before.rows)
    }

    @Test(arguments: [
        ("fairnas", [String]()), ("pi-nas", ["--unsupervised"]), ("imported/supernet.safetensors", []),
    ]) func whatWasLearnedIsAdapted(source: String, more: [String]) throws {
        let copy = try EarlierCopy(String(source.prefix { $0 != "/" }))
        try copy.supernet("\(Self.adapt) --source \(source) --run new --no-controls", more)
        let result = try copy.json("new/result.json") as? [String: Any]
        let origin =
            try source.hasSuffix(".safetensors")
            ? "0" : (copy.json("\(source)/search/result.json") as? [String: Any])?["architecture"] as? String
        #expect(origin != nil && result?["sourcePath"] as? String == origin)
        #expect(copy.has("new/joint/network.safetensors"))
    }

    @Test func aRowThatIsMissingIsMadeBesideOldOnes() throws {
        let copy = try EarlierCopy("fairnas", "adapted/classification")
        let before = try copy.result(AdaptationResult.self, "adapted/classification/result.json")
        let weights = try copy.weights()
        try copy.remove("adapted/classification/result.json", "adapted/classification/broken-pair")
        try copy.supernet(Self.adapt + " --source fairnas --run adapted/classification")
        let control = AdaptationControl.mismatchedWeights.rawValue
        // Of that time, and of now.
        let rows = ["broken-pair", control].map { "adapted/classification/\($0)/" }
        func others(_ weights: [String: [UInt8]]) -> [String: [UInt8]] {
            weights.filter { file in !rows.contains(where: file.key.hasPrefix) }
        }
        #expect(try others(copy.weights()) == others(weights))
        #expect(copy.has("adapted/classification/\(control)/network.safetensors"))
        #expect(!copy.has("adapted/classification/broken-pair"))
        // The new row's figures depend on the processor's last bits, those of the others are as they were.
        var now = try copy.result(AdaptationResult.self, "adapted/classification/result.json")
        let (made, old) = (try #require(now.outcomes[control]), try #require(before.outcomes[control]))
        // That no image was left out was not told then.
        #expect(now.leftOut?.isEmpty == true && before.leftOut == nil)
        (now.outcomes[control], now.leftOut) = (old, nil)
        #expect(now == before && now.outcomes.count == 4)
        #expect((made.architecture, made.epochs) == (old.architecture, old.epochs))
        // Costs did not include the head then, here of three classes by eight features.
        var cost = old.cost
        cost.parameters += 27
        cost.multiplyAdds += 24
        cost.paperOperations += 24
        #expect(made.cost == cost)
    }
}
