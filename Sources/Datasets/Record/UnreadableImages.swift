import Support
import Synchronization

/// The images that could not be read and were left out. Whether a file can be read is a property of the file, so there is
/// one register for the process: an image is told when it is first met, and never again.
public final class UnreadableImages: Sendable {
    /// An image and why it was left out.
    public struct Entry: Sendable, Hashable, Codable {
        /// The path or place that the image comes from.
        public var image: String
        /// What was wrong, its source in it.
        public var reason: String

        /// An image that was left out.
        public init(image: String, reason: String) {
            (self.image, self.reason) = (image, reason)
        }

        /// The sample at `index`, with what reading it threw.
        package init(_ error: any Error, in dataset: any ImageDataset, at index: Int) {
            image = dataset.source(at: index)
            // Advice stands on lines of its own, and what becomes of the image has been decided.
            let words = TextFile.lines(of: "\(error)").first.map(String.init) ?? ""
            reason = words.contains(image) ? words : "\(image): \(words)"
        }
    }

    /// Hears of every image that is met for the first time.
    public typealias Listener = @Sendable (Entry) -> Void

    /// The register of the process.
    public static let shared = UnreadableImages()

    private struct State {
        var entries: [String: Entry] = [:]
        var listeners: [Int: Listener] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// An empty register.
    public init() {}

    /// Takes an image down; those that are known already are passed over.
    public func note(_ entry: Entry) {
        let listeners = state.withLock { state -> [Listener] in
            guard state.entries.updateValue(entry, forKey: entry.image) == nil else { return [] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener(entry) }
    }

    /// Takes images down that were told earlier, by an interrupted run, without telling them again.
    public func remember(_ entries: [Entry]) {
        state.withLock { state in
            for entry in entries { state.entries[entry.image] = entry }
        }
    }

    /// All that were met, by name.
    public var all: [Entry] { state.withLock { $0.entries.values.sorted { $0.image < $1.image } } }

    /// Gives the entries whose sources are given, by name.
    public func among(_ sources: Set<String>) -> [Entry] {
        state.withLock { state in
            state.entries.count < sources.count
                ? state.entries.values.filter { sources.contains($0.image) }
                : sources.compactMap { state.entries[$0] }
        }.sorted { $0.image < $1.image }
    }

    /// Has a listener told of what is new from now on.
    ///
    /// - Returns: by which it is taken away again.
    @discardableResult
    public func listen(_ listener: @escaping Listener) -> Int {
        state.withLock { state in
            state.next += 1
            state.listeners[state.next] = listener
            return state.next
        }
    }

    /// Takes a listener away.
    public func stopListening(_ number: Int) {
        state.withLock { $0.listeners[number] = nil }
    }
}
