#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A thread that can be waited for; Foundation's cannot, and does not say when it could not start.
package final class WorkerThread {
    private let handle: pthread_t
    private var isJoined = false

    /// Starts a thread that runs `body`.
    ///
    /// - Throws: ``ThreadError``.
    package init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let box = Unmanaged.passRetained(Body(body))
        #if canImport(Glibc)
            var created = pthread_t()
            let status = pthread_create(&created, nil, { Body.run($0) }, box.toOpaque())
            let thread: pthread_t? = created
        #else
            var thread: pthread_t?
            let status = pthread_create(&thread, nil, { Body.run($0) }, box.toOpaque())
        #endif
        guard status == 0, let thread else {
            box.release()
            throw ThreadError(status: status)
        }
        handle = thread
    }

    /// Waits for the end of the thread.
    package func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(handle, nil)
    }

    private final class Body: Sendable {
        private let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }

        static func run(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let raw else { return nil }
            Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
            return nil
        }
    }
}

/// A thread that could not be started.
package struct ThreadError: Error, Equatable, CustomStringConvertible {
    /// The number of the system's error.
    package let status: Int32

    /// The message of the system.
    package var description: String { "a thread could not be started: \(String(cString: strerror(status)))" }
}
