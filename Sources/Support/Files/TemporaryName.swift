import Foundation

/// The name of an unfinished file, `.NAME.PROCESS-SERIAL.tmp`: it says whose it is, so that a leftover of a killed process is
/// told from what another process is writing, and from the files of other programs.
struct TemporaryName {
    let text: String
    let process: Int32
    let serial: Int

    /// Bytes of the file's own name that are taken over: a name may have 255 in all.
    private static let mostBytes = 200

    /// A name for a file that is to become `name`, of this process.
    init(of name: String, serial: Int) {
        var stem = name
        while stem.utf8.count > Self.mostBytes { stem.unicodeScalars.removeLast() }
        process = getpid()
        self.serial = serial
        text = ".\(stem).\(process)-\(serial)\(AtomicFile.temporarySuffix)"
    }

    /// Nil for any other name.
    init?(_ name: String) {
        guard name.hasPrefix("."), name.hasSuffix(AtomicFile.temporarySuffix) else { return nil }
        let rest = name.dropLast(AtomicFile.temporarySuffix.count)
        guard let dot = rest.lastIndex(of: "."), dot > rest.startIndex else { return nil }
        let numbers = rest[rest.index(after: dot)...].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let process = Int32(numbers[0]), let serial = Int(numbers[1]), process > 0,
            serial > 0
        else { return nil }
        (text, self.process, self.serial) = (name, process, serial)
    }

    /// Whether the process lives, or another one that was given its number.
    var isOfLiveProcess: Bool { kill(process, 0) == 0 || errno == EPERM }
}
