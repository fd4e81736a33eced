import CTorch
import Foundation

/// The loaded libtorch, and what belongs to the process as a whole.
///
/// The library is loaded at the first use of any tensor. It is looked for in `SUPERNET_TORCH_LIBRARY`, then as
/// `.deps/native/libsupernet-torch.so` in the folders above the running program and above the current folder.
public enum Runtime {
    static let libraryVariable = "SUPERNET_TORCH_LIBRARY"
    static let libraryPath = ".deps/native/libsupernet-torch.so"

    /// Loads libtorch if that has not happened yet. Every operation does this by itself; call it to learn early
    /// whether it works.
    ///
    /// - Throws: `TorchError` of kind `.notLoaded` that names what was tried and what to do.
    public static func load() throws {
        if case .failure(let error) = loaded { throw error }
    }

    private static let loaded: Result<Void, TorchError> = Result {
        // OpenMP's workers spin between parallel regions by default, and then any other busy process turns a step of
        // 0.2 s into seconds; put to sleep at once, they wake too late for small tensors. A short spin is best with the
        // machine idle (1.7 times the steps of a small network) and shared (1.3 times). OpenMP reads this when it
        // starts, so it must be set before libtorch is loaded; what the user has set stays.
        if getenv("OMP_WAIT_POLICY") == nil {
            setenv("OMP_WAIT_POLICY", "PASSIVE", 1)
            setenv("GOMP_SPINCOUNT", "4000", 0)
        }
        // What fails is said in an error of its own; c10d's warnings with stack frames would stand before it.
        setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0)
        let path = try findLibrary()
        var message = [CChar](repeating: 0, count: 2048)
        guard ct_load(path, &message, message.count) else {
            let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // A library that was built for another libtorch may already fail to link with the one it finds.
            let advice =
                text.contains("undefined symbol") || text.contains("cannot open shared object")
                ? "; it was built for another libtorch than the one it found: rebuild it with Scripts/build-native "
                    + "(make setup does)" : ""
            throw TorchError(.notLoaded, operation: "load \(path)", message: text + advice)
        }
    }.mapError { $0 as? TorchError ?? TorchError(.notLoaded, operation: "load", message: "\($0)") }

    private static func findLibrary() throws -> String {
        let files = FileManager.default
        if let named = ProcessInfo.processInfo.environment[libraryVariable], !named.isEmpty {
            guard files.fileExists(atPath: named) else {
                throw TorchError(
                    .notLoaded, operation: "load \(named)",
                    message:
                        "\(libraryVariable) names this file, which does not exist; unset it or run Scripts/build-native"
                )
            }
            return named
        }
        let program = (try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        // Under `swift test` the program is the toolchain's runner; the package is then the current folder, or above.
        for start in [program, files.currentDirectoryPath + "/."] {
            var folder = URL(fileURLWithPath: start).deletingLastPathComponent()
            while true {
                let candidate = folder.appendingPathComponent(libraryPath).path
                if files.fileExists(atPath: candidate) { return candidate }
                let above = folder.deletingLastPathComponent()
                if above.path == folder.path { break }
                folder = above
            }
        }
        throw TorchError(
            .notLoaded, operation: "load libtorch",
            message: "\(libraryPath) was found neither above \(program) nor above the current folder; "
                + "run `make setup`, or name the library in \(libraryVariable)")
    }

    /// The loaded table; loads it if need be.
    static func api() throws -> ct_api {
        try load()
        return ct_loaded().pointee
    }

    /// The most bytes that tensors of the CPU had in use at once since the last call, as far as they come in blocks of
    /// 128 KiB and more; 0 where blocks are not kept (`SUPERNET_NO_BLOCK_CACHE`).
    public static func takeMemoryMark() throws -> Int { Int(try api().take_memory_mark()) }

    /// Gives memory of the CPU that is kept for later tensors back to the system: after a phase that needed much.
    public static func trimMemory() throws { try api().trim_memory() }

    /// The version of libtorch, such as `2.13.0`.
    public static func version() throws -> String { text(try api().compiled_version) }

    /// The components that libtorch was built with: compiler, BLAS, oneDNN, CUDA.
    public static func buildSummary() throws -> String { text(try api().build_summary()) }

    /// The number of threads that one operation on the CPU may use.
    public static func threadCount() throws -> Int { Int(try api().thread_count()) }

    /// The most threads that one operation may use.
    public static let mostThreads = 1024

    /// Sets the number of threads that one operation on the CPU may use.
    ///
    /// - Throws: `TorchError` unless `count` is in 1...``mostThreads``.
    public static func setThreadCount(_ count: Int) throws {
        // OpenMP takes a part of the stack for each, and does not look how much there is.
        guard (1...mostThreads).contains(count), let narrow = Int32(exactly: count) else {
            throw TorchError(
                .invalidArgument, operation: "setThreadCount",
                message: "the number of threads must be in 1...\(mostThreads), not \(count)")
        }
        try check(try api().set_thread_count(narrow), "setThreadCount")
    }

    /// Makes operations that have a slower deterministic form use it, and others throw. On the CPU the operations of
    /// this library are deterministic as they are, for a given number of threads.
    public static func setDeterministic(_ enabled: Bool) throws {
        try check(try api().set_deterministic(enabled), "setDeterministic")
    }

    /// The number of CUDA devices that can be used, 0 where libtorch has no CUDA.
    public static func cudaDeviceCount() throws -> Int { Int(try api().cuda_device_count()) }

    /// Waits until all work given to a device is done.
    public static func synchronize(_ device: Device) throws {
        try check(try api().synchronize(device.packed), "synchronize \(device)")
    }
}
