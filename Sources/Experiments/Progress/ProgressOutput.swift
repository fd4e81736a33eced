import Foundation
import Support

/// Where progress goes.
public protocol ProgressOutput {
    /// Columns, if this is a terminal; nil for a file or a pipe.
    var columns: Int? { get }
    /// Writes the text as it is and at once. It may hold carriage returns and escape sequences, and not end a line.
    func write(_ text: String)
}

/// The standard error stream.
public struct StandardErrorOutput: ProgressOutput {
    /// Needs no state: every use goes to the process's own stream.
    public init() {}

    /// Asked anew each time, since windows are resized.
    public var columns: Int? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A stream that nobody reads any more is no reason to stop training.
    public func write(_ text: String) {
        try? StandardStream.error.write(text)
    }
}
