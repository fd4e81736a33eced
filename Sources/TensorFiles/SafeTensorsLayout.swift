/// The order of the tensors in a safetensors file, and the header that describes it.
struct SafeTensorsLayout {
    /// The tensors in the order of their bytes, with their sizes.
    let entries: [(source: TensorSource, size: Int)]

    /// The length and the JSON, padded so that the data begins at a multiple of eight bytes.
    let header: [UInt8]

    /// Whether the header has room for checksums.
    let hasChecksums: Bool

    /// Lays out a file.
    ///
    /// - Parameters:
    ///   - tensors: the tensors, in any order.
    ///   - metadata: any text by key.
    ///   - checksums: leave room for them in the metadata.
    ///   - path: the path of the file, for errors.
    init(_ tensors: [TensorSource], metadata: [String: String], checksums: Bool = false, path: String) throws {
        var metadata = metadata
        if checksums {
            metadata[SafeTensorsChecksums.key] = SafeTensorsChecksums.placeholder(tensors: tensors.count)
        }
        hasChecksums = checksums
        var problems: [TensorFileError.Problem] = []
        var names: Set<String> = []
        var entries: [(source: TensorSource, type: String, size: Int)] = []
        for source in tensors {
            func report(_ fault: TensorFileFault) { problems.append(.init(key: source.name, fault)) }
            if source.name == "__metadata__" { report(.reservedName) }
            if !names.insert(source.name).inserted { report(.duplicateName) }
            switch (source.elementType.safeTensorsName, source.elementType.byteCount(of: source.shape)) {
            case (nil, _): report(.unwritableElementType(source.elementType))
            case (_, .failure(let fault)): report(fault)
            case (let type?, .success(let size)): entries.append((source, type, size))
            }
        }
        entries.sort { left, right in
            let (leftRank, rightRank) = (left.source.elementType.layoutRank, right.source.elementType.layoutRank)
            if leftRank != rightRank { return leftRank > rightRank }
            return left.source.name.utf8.lexicographicallyPrecedes(right.source.name.utf8)
        }

        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            members.append(
                "\"__metadata__\":{"
                    + pairs.map { key, value in
                        let isOurs = checksums && key == SafeTensorsChecksums.key
                        return isOurs ? "\(SafeTensorsChecksums.start)\(value)\"" : "\(json(key)):\(json(value))"
                    }.joined(separator: ",") + "}")
        }
        var offset = 0
        for (source, type, size) in entries {
            let (end, overflow) = offset.addingReportingOverflow(size)
            if overflow {
                problems.append(.init(key: source.name, .sizeOverflow(source.shape)))
                break
            }
            let shape = source.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(json(source.name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        if text.count > SafeTensorsFile.maximumHeaderLength {
            problems.append(.init(.headerTooLong(length: UInt64(text.count))))
        }
        guard problems.isEmpty else { throw TensorFileError(path: path, problems: problems) }
        self.entries = entries.map { ($0.source, $0.size) }
        self.header = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}

/// Writes `text` as a JSON string, escaped as the reference implementation's serde_json does.
private func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{8}": result += "\\b"
        case "\u{C}": result += "\\f"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
