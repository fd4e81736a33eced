import ArgumentParser
import Foundation
import Networks
import Torch

/// An ONNX file of this project, open in onnxruntime in a Python process of its own: what is scored is what will be served.
final class ONNXRuntimeSession {
    /// The card that travels in the file.
    let card: NetworkFile.Card
    private let path: String
    private let child: Process
    private let (questions, answers): (FileHandle, FileHandle)

    /// The variable that names the Python to use.
    private static let pythonVariable = "SUPERNET_PYTHON"

    /// Opens a file.
    ///
    /// - Throws: `ValidationError` where there is no Python with onnxruntime, or the file is none of `supernet export`'s or
    ///   cannot be opened.
    init(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw ValidationError("there is no file \(path)") }
        self.path = path
        child = Process()
        let python = ProcessInfo.processInfo.environment[Self.pythonVariable] ?? "python3"
        child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        child.arguments = [python, "-c", Self.program, path]
        let (input, output) = (Pipe(), Pipe())
        (child.standardInput, child.standardOutput) = (input, output)
        child.standardError = FileHandle.nullDevice
        (questions, answers) = (input.fileHandleForWriting, output.fileHandleForReading)
        try child.run()
        guard let header = try? Self.header(answers) else {
            throw ValidationError(
                "\(path) is scored by onnxruntime, and `\(python)` has none: type `\(python) -m pip install onnxruntime`, or "
                    + "name another Python in \(Self.pythonVariable)")
        }
        if let problem = header.problem { throw ValidationError("onnxruntime cannot open \(path): \(problem)") }
        guard let card = header.metadata[NetworkFile.cardKey] else {
            throw ValidationError("\(path) does not say how images are prepared: export it with `supernet export`")
        }
        do { self.card = try JSONDecoder().decode(NetworkFile.Card.self, from: Data(card.utf8)) } catch {
            throw ValidationError("the card in \(path) is damaged: \(error)")
        }
    }

    deinit {
        try? questions.close()
        child.terminate()
    }

    /// What the network makes of images, float32 [N, C, H, W]: its first output.
    ///
    /// - Throws: `ValidationError` with onnxruntime's words.
    func outputs(of images: Tensor) throws -> Tensor {
        do {
            try questions.write(contentsOf: Self.bytes(images.shape.map { Int64($0) }))
            try images.contiguous().withUnsafeBytes { try questions.write(contentsOf: Data($0)) }
            let rank = try integers(1)[0]
            guard rank >= 0 else {
                let length = try integers(1)[0]
                let words = String(decoding: try read(length), as: UTF8.self)
                throw ValidationError("onnxruntime cannot run \(path): \(words)")
            }
            let shape = try integers(rank)
            let made = try Tensor.empty(shape)
            let data = try read(shape.reduce(4, *))
            try made.withUnsafeMutableBytes { $0.copyBytes(from: data) }
            return made
        } catch let error as CocoaError {
            throw ValidationError("onnxruntime has ended while it ran \(path): \(error.localizedDescription)")
        }
    }

    private struct Header: Decodable {
        var metadata: [String: String]
        var problem: String?
    }

    /// The first line, which says what is in the file.
    private static func header(_ answers: FileHandle) throws -> Header {
        var line = Data()
        while let byte = try answers.read(upToCount: 1), byte.first != UInt8(ascii: "\n"), !byte.isEmpty {
            line += byte
        }
        return try JSONDecoder().decode(Header.self, from: line)
    }

    private func read(_ count: Int) throws -> Data {
        var data = Data()
        while data.count < count {
            guard let more = try answers.read(upToCount: count - data.count), !more.isEmpty else {
                throw CocoaError(.fileReadCorruptFile)
            }
            data += more
        }
        return data
    }

    private func integers(_ count: Int) throws -> [Int] {
        let data = try read(8 * count)
        return (0..<count).map { place in
            Int(data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8 * place, as: Int64.self) })
        }
    }

    private static func bytes(_ values: [Int64]) -> Data { values.withUnsafeBytes { Data($0) } }

    /// What Python does: a line about the file, then for each batch its shape, the outputs' rank, shape and values.
    private static let program = """
        import json, struct, sys
        import numpy, onnxruntime
        try:
            session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
            header = {"metadata": session.get_modelmeta().custom_metadata_map}
        except Exception as error:
            header = {"metadata": {}, "problem": str(error)[:500]}
        out, source = sys.stdout.buffer, sys.stdin.buffer
        out.write((json.dumps(header) + "\\n").encode())
        out.flush()
        while len(sizes := source.read(32)) == 32:
            shape = struct.unpack("<4q", sizes)
            data = source.read(4 * shape[0] * shape[1] * shape[2] * shape[3])
            images = numpy.frombuffer(data, numpy.float32).reshape(shape)
            try:
                answer = session.run(None, {session.get_inputs()[0].name: images})[0].astype(numpy.float32)
                out.write(struct.pack(f"<q{answer.ndim}q", answer.ndim, *answer.shape) + answer.tobytes())
            except Exception as error:
                words = str(error)[:500].encode()
                out.write(struct.pack("<qq", -1, len(words)) + words)
            out.flush()
        """
}
