import Architectures
import ArgumentParser
import Datasets
import Experiments
import Methods
import Proxies
import SearchStrategies
import Support
import Tasks
import Torch
import Training
import Workflows

/// The options of commands that read the images of a run: the handling of unreadable and of changed images.
struct ImageOptions: ParsableArguments {
    @Flag(name: .long, help: "Leave out unreadable images instead of stopping.") var skipBadImages = false
    @Flag(name: .long, help: "Continue although images were added, removed or replaced since the run began.")
    var changedData = false

    /// The options as settings, in the form of `--set`.
    var settings: [String] { skipBadImages ? ["data.skip-bad-images=true"] : [] }

    /// The policy for images that differ from those that the run began with.
    var policy: ChangedDataPolicy { changedData ? .accepted : .undecided }
}

/// The options of cross-validation: the number of folds, and the one that is tested.
struct FoldOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            Cross-validation: the number of parts that all images of the source are cut into, its own test images \
            included. For classification.
            """
    ) var folds: Int?
    @Option(name: .long, help: "The part that is tested, from 1 to the number of folds; the others are learned from.")
    var fold: Int?

    /// The options as settings, in the form of `--set`.
    var settings: [String] {
        [folds.map { "data.folds=\($0)" }, fold.map { "data.fold=\($0)" }].compactMap { $0 }
    }
}

extension DataConfiguration {
    /// The end of the name of a run's folder, so that the runs of a cross-validation have one each; empty without folds.
    var foldSuffix: String { folds > 0 ? "-fold-\(fold)-of-\(folds)" : "" }
}

/// The option `--threads`, which several commands share.
enum ThreadOption {
    /// Checks a number of threads.
    ///
    /// - Throws: `ValidationError` for a number of threads out of range.
    static func validate(_ threads: Int?) throws {
        guard let threads, !(1...Runtime.mostThreads).contains(threads) else { return }
        throw ValidationError("--threads must be in 1...\(Runtime.mostThreads), is \(threads)")
    }
}

/// The option `--size`: a number of pixels such as `64`, or height and width such as `128x64`.
extension ImageSize: ExpressibleByArgument {
    /// The range of sides in pixels where networks are trained.
    static let trainedSides = 8...1024

    /// Parses a size as `ImageSize.init(_:)` does.
    public init?(argument: String) { self.init(argument) }

    /// The size as `--size` takes it.
    public var defaultValueDescription: String { side.map(String.init) ?? "\(height)x\(width)" }

    /// Checks that both sides are in range.
    ///
    /// - Throws: `ValidationError` for a side out of range.
    func validate(_ sides: ClosedRange<Int> = trainedSides) throws {
        guard sides.contains(height), sides.contains(width) else {
            throw ValidationError(
                "--size must be in \(sides.lowerBound)...\(sides.upperBound), is \(defaultValueDescription)")
        }
    }
}

/// The option `--space` of commands that work without a study.
enum SpaceOptions {
    /// The help of an option that names a space.
    static let nameHelp: ArgumentHelp =
        "The search space: \(SpaceFamily.registry.names.joined(separator: ", ")), or the path of a YAML file."

    /// The list of spaces and their settings, for help texts.
    static let discussion = "Search spaces and their settings:\n\n" + SpaceFamily.help.joined(separator: "\n")

    /// Loads a space by name, with settings of its own.
    ///
    /// - Throws: `NamedOptionsError` for an unknown name; `ConfigurationError` for invalid settings.
    static func load(_ name: String, _ settings: [String]) throws -> SpaceConfiguration {
        try ConfigurationLoader.load(
            over: SpaceConfiguration(named: name), files: [], overrides: settings
        ).value
    }
}

/// The option `--task`, which several commands share.
enum TaskOption {
    /// Checks the name of a task.
    ///
    /// - Throws: `ValidationError` for an unknown task.
    static func validate(_ name: String?) throws {
        guard let name, !TaskFamily.registry.names.contains(name) else { return }
        let nearest = NearestKeys.of(name, among: TaskFamily.registry.names)
        throw ValidationError(
            "there is no task `\(name)`"
                + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?")
                + "; the tasks are \(TaskFamily.nameList.joined(separator: ", "))")
    }
}

/// The checks of `--precision` and `--device`.
enum ComputeOptions {
    /// Checks a precision and a device.
    ///
    /// - Throws: `ValidationError` for an unknown precision or device.
    static func validate(precision: String, device: String) throws {
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision must be float32 or bfloat16, not \(precision)")
        }
        guard Device(device) != nil else {
            throw ValidationError("--device must be cpu, cuda or cuda:N, not \(device)")
        }
    }
}

/// The options of a budget: hard limits on the cost of a network.
struct BudgetOptions: ParsableArguments {
    @Option(
        name: .long, help: "The largest number of parameters, including the classifier, such as 300000, 300k or 2.5M.")
    var maxParams: String?
    @Option(name: .long, help: "The largest number of multiply-adds for one image, such as 20M or 4.1G.") var maxMacs:
        String?
    @Option(
        name: .long,
        help: """
            The largest latency of one image in milliseconds, with one thread and up to the features, predicted from \
            measurements on this machine or from a table.
            """
    )
    var maxLatencyMs: Double?
    @Option(
        name: .long,
        help: """
            Several budgets with commas between, for each of which a network is found and trained: percentages of what \
            the most expensive path has, such as 25%,50%,100%, or amounts such as 20M,40M or 2ms,4ms.
            """
    )
    var budgets: String?
    @Option(
        name: .long,
        help: "What --budgets limit: \(BudgetRequest.Quantity.allCases.map(\.rawValue).joined(separator: ", ")).")
    var budgetKind: String?

    @Option(
        name: .long,
        help: """
            A table of latencies that another machine may have measured, a CSV file as `supernet profile \
            --latency-table` writes it.
            """
    )
    var latencyTable: String?

    private func requested() -> [String] {
        (budgets ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func validate() throws {
        let kind = BudgetRequest.Quantity(rawValue: budgetKind ?? BudgetRequest.Quantity.multiplyAdds.rawValue)
        guard let kind else {
            throw ValidationError(
                "--budget-kind is one of \(BudgetRequest.Quantity.allCases.map(\.rawValue).joined(separator: ", ")), not "
                    + "\(budgetKind ?? "")")
        }
        guard budgetKind == nil || budgets != nil else {
            throw ValidationError("--budget-kind says what --budgets limit; give --budgets, too")
        }
        guard budgets == nil || !requested().isEmpty else { throw ValidationError("--budgets names no budget") }
        if let wrong = requested().first(where: { BudgetRequest($0, of: kind) == nil }) {
            throw ValidationError(
                "--budgets holds percentages above 0 and at most 100%, such as 25%, or amounts such as "
                    + "\(kind == .latency ? "3.5ms" : "48M"); `\(wrong)` is neither")
        }
        for (name, value) in [("--max-params", maxParams), ("--max-macs", maxMacs)] {
            guard let value else { continue }
            guard Self.number(value) != nil else {
                throw ValidationError("\(name) is a number such as 300000, 300k, 20M or 4.1G, not \(value)")
            }
        }
    }

    /// The options as settings, in the form of `--set`.
    func settings() throws -> [String] {
        var settings: [String] = []
        if let number = maxParams.flatMap(Self.number) { settings.append("search.max-params=\(number)") }
        if let number = maxMacs.flatMap(Self.number) { settings.append("search.max-macs=\(number)") }
        if let maxLatencyMs { settings.append("search.max-latency-ms=\(maxLatencyMs)") }
        if budgets != nil {
            settings.append("search.budgets=[" + requested().map { "\"\($0)\"" }.joined(separator: ", ") + "]")
        }
        if let budgetKind { settings.append("search.budget-kind=\(budgetKind)") }
        // A path that looks like a number or a list stays a text.
        if let latencyTable { settings.append("search.latency-table=\(try JSONText.of(latencyTable))") }
        return settings
    }

    /// Parses a number such as `4.1G`; nil for other text.
    static func number(_ text: String) -> Int? {
        let units: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "g": 1e9]
        let unit = text.last.flatMap { units[$0] }
        guard let value = Double(unit == nil ? text : String(text.dropLast())) else { return nil }
        let number = (value * (unit ?? 1)).rounded()
        return number >= 1 && number < 1e18 ? Int(number) : nil
    }
}

extension RegisteredName: ExpressibleByArgument {
    /// The registered names, which help texts and error messages list.
    public static var allValueStrings: [String] { all.map(\.rawValue) }
}

/// The lists of registered names with their summaries, for the discussions of help texts.
enum FamilyHelp {
    /// The tasks.
    static var tasks: String { list("Tasks", TaskFamily.registry.members.map { ($0.name, $0.summary) }) }
    /// The methods of training a supernet.
    static var methods: String {
        list("Methods (method.name)", SupernetMethodFamily.registry.members.map { ($0.name, $0.summary) })
    }
    /// The search strategies.
    static var strategies: String {
        list("Strategies", SearchStrategyFamily.registry.members.map { ($0.name, $0.summary) })
    }
    /// The zero-cost proxies.
    static var proxies: String {
        list("Zero-cost proxies", ZeroCostProxyFamily.registry.members.map { ($0.name, $0.summary) })
    }

    private static func list(_ title: String, _ members: [(name: String, summary: String)]) -> String {
        "\(title):\n" + members.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n")
    }
}
