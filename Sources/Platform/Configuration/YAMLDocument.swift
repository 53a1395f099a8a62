/// A configuration file as a tree: one document, no aliases, no tags, no key twice.
package struct YAMLDocument: Sendable {
    package let file: String
    package let root: YAMLNode

    /// Files past this are refused unread: 1 MiB.
    package static let largestFile = 1 << 20

    /// Parses bytes that were read from `file`.
    ///
    /// - Throws: ``ConfigurationError`` with the first thing that is no acceptable YAML.
    package init(file: String, bytes: [UInt8]) throws(ConfigurationError) {
        func refused(_ message: String, _ advice: String) -> ConfigurationError {
            ConfigurationError([
                ConfigurationProblem(
                    file: file, position: nil, path: "", message: message, advice: advice)
            ])
        }
        guard bytes.count <= Self.largestFile else {
            throw refused("the file is larger than 1 MiB", "a configuration is written by people")
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let offset = firstInvalidUTF8(text) {
            let before = text[..<offset]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            throw refused("line \(line) is not UTF-8", "save the file in UTF-8")
        }
        self.file = file
        root = try YAMLParser(file: file).parse(text)
    }

    /// Reads and parses a file.
    ///
    /// - Throws: ``ConfigurationError``, also for a file that cannot be read.
    package init(path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: Self.largestFile)
        } catch {
            throw ConfigurationError([
                ConfigurationProblem(
                    file: path, position: nil, path: "", message: error.what, advice: error.advice)
            ])
        }
        try self.init(file: path, bytes: bytes)
    }
}

/// The offset of the first byte that is no UTF-8, or `nil`.
func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    var low = 0
    var high = bytes.count
    // The longest prefix that is valid but for a cut last character.
    while low < high {
        let middle = (low + high + 1) / 2
        let isGood = (0...3).contains { cut in
            cut <= middle && String(validating: bytes[..<(middle - cut)], as: UTF8.self) != nil
        }
        if isGood { low = middle } else { high = middle - 1 }
    }
    return low
}
