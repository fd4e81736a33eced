import ArgumentParser
import Foundation
import Torch

/// What one call costs beside its arithmetic: adding two tensors of one element.
struct Overhead: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Microseconds of one 1-element addition, from Swift, C++ and Python.")

    @Option(help: "Times that each side is measured, in turn.") var rounds = 5

    func run() throws {
        let root = try Peer.repository()
        let program = try compile(root)
        var swift: [(Double, Double)] = []
        var python: [(Double, Double)] = []
        var cpp: [(Double, Double)] = []
        for _ in 0..<rounds {
            swift.append((try microseconds(recording: false), try microseconds(recording: true)))
            python.append(try pair(Peer.run("op_overhead.py", [])))
            cpp.append(try pair(Peer.output(program, [])))
        }
        print("\nOne addition of one element, microseconds (median of \(rounds)): without recording, recorded")
        for (name, values) in [("Swift", swift), ("C++", cpp), ("Python", python)] {
            print(
                String(
                    format: "  %@  %.2f  %.2f", name.padding(toLength: 6, withPad: " ", startingAt: 0),
                    median(values.map(\.0)), median(values.map(\.1))))
        }
        let ratio = { (peer: [(Double, Double)]) in
            median(zip(swift, peer).map { $0.0 / $1.0 })
        }
        print(String(format: "  ratio Swift / Python %.2f, Swift / C++ %.2f", ratio(python), ratio(cpp)))
    }

    private func microseconds(recording: Bool) throws -> Double {
        let one = try Tensor([Float(1)])
        let other = try Tensor([Float(1)]).requireGradient(recording)
        let count = 200_000
        func loop() throws -> Double {
            let start = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<count { _ = try one + other }
            return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e3 / Double(count)
        }
        _ = try loop()
        return recording ? try loop() : try withoutGradients(loop)
    }

    private func compile(_ root: URL) throws -> URL {
        let info = try String(contentsOf: root.appendingPathComponent(".deps/native/build-info"), encoding: .utf8)
        guard let torch = info.split(separator: "\n").first(where: { $0.hasPrefix("libtorch: ") })?.dropFirst(10) else {
            throw Peer.Failure(description: ".deps/native/build-info names no libtorch; type: make setup")
        }
        let program = root.appendingPathComponent(".deps/native/op-overhead")
        _ = try Peer.output(
            URL(fileURLWithPath: "/usr/bin/env"),
            [
                "g++", "-O2", "-std=c++20", "-I\(torch)/include", "-I\(torch)/include/torch/csrc/api/include", "-o",
                program.path, root.appendingPathComponent("Benchmarks/peers/op_overhead.cpp").path, "-L\(torch)/lib",
                "-Wl,-rpath,\(torch)/lib", "-ltorch", "-ltorch_cpu", "-lc10",
            ])
        return program
    }

    private func pair(_ output: String) throws -> (Double, Double) {
        let lines = output.split(separator: "\n").map(String.init)
        guard lines.count >= 2 else { throw Peer.Failure(description: "the peer printed too little") }
        return (
            try Peer.number("median_us", in: lines[lines.count - 2]),
            try Peer.number("median_us", in: lines[lines.count - 1])
        )
    }
}
