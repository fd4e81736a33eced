import Foundation
import Glibc

/// Processes of this program that another one of it starts.
enum ChildProcess {
    /// The variable by which a process knows that it was started here, and by whom.
    private static let parentVariable = "SUPERNET_LAUNCHER"

    /// Starts the program by exec: a process that holds libtorch must not be forked.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - threads: the number of its threads.
    ///   - isSilent: whether its results go nowhere.
    ///   - environment: variables beside those of this process.
    /// - Throws: `POSIXError` where no process can be started.
    static func start(
        _ arguments: [String], threads: Int, isSilent: Bool, environment more: [String: String] = [:]
    ) throws -> pid_t {
        var environment = ProcessInfo.processInfo.environment.merging(more) { $1 }
        environment[parentVariable] = "\(getpid())"
        environment["OMP_NUM_THREADS"] = "\(threads)"
        var words = ([CommandLine.arguments[0]] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if isSilent { posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) }
        var child: pid_t = 0
        let failure = posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, &variables)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EAGAIN) }
        return child
    }

    /// Arguments without some options and their values.
    ///
    /// - Parameters:
    ///   - arguments: the arguments, without the program.
    ///   - options: options with a value each, such as `--workers`.
    static func arguments(_ arguments: [String], without options: Set<String>) -> [String] {
        var (left, isValue): ([String], Bool) = ([], false)
        for argument in arguments {
            let name = argument.prefix { $0 != "=" }
            if isValue {
                isValue = false
            } else if options.contains(String(name)) {
                isValue = name.count == argument.count
            } else {
                left.append(argument)
            }
        }
        return left
    }

    /// The process that has started this one; nil for one that was not started here.
    static var parent: pid_t? { ProcessInfo.processInfo.environment[parentVariable].flatMap { pid_t($0) } }

    /// Whether this process was started here, and is not rank 0.
    static var isFollower: Bool { parent != nil && ProcessInfo.processInfo.environment["RANK"] != "0" }

    /// Ends this process when the one that started it has ended without a word.
    static func endWithParent() {
        guard let parent else { return }
        let thread = Thread {
            while getppid() == parent { usleep(500_000) }
            kill(getpid(), SIGKILL)
        }
        thread.start()
    }
}
