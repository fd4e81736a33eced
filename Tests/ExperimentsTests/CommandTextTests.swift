import Experiments
import Foundation
import Testing

@Suite struct CommandTextTests {
    /// A shell takes the text apart into what it was made of.
    @Test func aShellReadsTheArgumentsBack() throws {
        let arguments = [
            "rank", "runs/a b", "--set", "data.source='x'", "--set", "depths=[1, 2]", "$HOME", "*", "", "größe", "a\\b",
            "x;y", "--size", "128x64",
        ]
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        let text = CommandText.text(["/somewhere/supernet"] + arguments)
        shell.arguments = ["-c", "supernet() { printf '%s\\n' \"$@\"; }; " + text]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(output == arguments.map { $0 + "\n" }.joined())
    }

    @Test func plainArgumentsStayPlain() {
        #expect(
            CommandText.text(["supernet", "adapt", "--set", "supernet.epochs=3", "--size", "128x64"])
                == "supernet adapt --set supernet.epochs=3 --size 128x64")
    }

    @Test func whatComesNextIsGivenAsItStands() {
        #expect(
            CommandText.command("adapt", "--source", "runs/my study #1", "--data", "IMAGES")
                == "supernet adapt --source 'runs/my study #1' --data IMAGES")
        #expect(CommandText.path("-photos/a") == "./-photos/a")
        #expect(CommandText.path("photos") == "photos")
    }

    @Test func whatComesNextNamesTheDataAsAShellTakesIt() {
        #expect(
            CommandText.next(["run"], data: "in/my photos #1", ["--size", "56x80"])
                == "supernet run --data 'in/my photos #1' --size 56x80")
        #expect(CommandText.next(["adapt"], data: "-photos") == "supernet adapt --data ./-photos")
    }
}
