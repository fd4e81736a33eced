import Glibc

/// The message of a command that SIGINT or SIGTERM ends during its work, which says how to continue. The process still
/// ends at once and by the same signal.
enum Interruption {
    /// The commands that can be continued.
    private static let verbs: Set = [
        "demo", "run", "train", "probe", "search", "finetune", "retrain", "adapt", "benchmark", "truth", "rank",
        "compare",
        "study",
    ]

    /// Lets this process hear what it is told to end by: who starts programs from one of many threads hands down what that thread
    /// does not hear of.
    static func listen() {
        var heard = sigset_t()
        sigemptyset(&heard)
        for number in [SIGINT, SIGTERM] { sigaddset(&heard, number) }
        pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    }

    /// Installs the signal handlers for a command that can be continued.
    ///
    /// - Parameter arguments: the program and its arguments.
    static func announce(_ arguments: [String]) {
        // Rank 0 says it for all.
        guard let text = text(arguments), wordsAtTheEnd == nil, !ChildProcess.isFollower else { return }
        let bytes = Array(text.utf8)
        // For as long as the process lives: a signal may come at any moment, and its handler must not allocate.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        wordsAtTheEnd = UnsafeRawBufferPointer(memory)
        for number in [SIGINT, SIGTERM] {
            guard !isIgnored(number) else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                if let words = wordsAtTheEnd { _ = write(STDERR_FILENO, words.baseAddress, words.count) }
                // The handler is gone by now: this ends the process, and its parent sees by what.
                raise(number)
            }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_NODEFER)
            sigaction(number, &action, nil)
        }
    }

    /// Whether a signal is ignored: who started the program in the background, or with nohup, wants it to be left alone.
    static func isIgnored(_ number: Int32) -> Bool {
        var before = sigaction()
        return sigaction(number, nil, &before) != 0
            || unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// The message; nil for a command that cannot be continued.
    static func text(_ arguments: [String]) -> String? {
        guard let verb = arguments.dropFirst().first, verbs.contains(verb),
            !arguments.contains(where: { ["--dry-run", "--help", "-h"].contains($0) })
        else { return nil }
        let command = arguments.contains("--fresh") ? "the same command without --fresh" : "the same command"
        return "\nstopped; what is finished is kept, and \(command) goes on from the last checkpoint\n"
    }
}

/// The message that the handler writes. It is a global, as a signal handler cannot capture values.
nonisolated(unsafe) private var wordsAtTheEnd: UnsafeRawBufferPointer?
