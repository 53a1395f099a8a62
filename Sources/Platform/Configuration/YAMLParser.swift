import CYAML

/// Turns libyaml's events into a tree, and refuses what a configuration has no use for.
struct YAMLParser {
    let file: String
    /// Lists and groups within each other at most.
    static let deepest = 32

    func parse(_ bytes: [UInt8]) throws(ConfigurationError) -> YAMLNode {
        var result: Result<YAMLNode, ConfigurationError> = .failure(ConfigurationError([]))
        bytes.withUnsafeBufferPointer { buffer in
            result = Result { () throws(ConfigurationError) in try parse(buffer) }
        }
        return try result.get()
    }

    private func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(ConfigurationError) -> YAMLNode {
        var events = try YAMLEvents(bytes, file: file)
        _ = try events.next()  // the stream's start
        guard case .documentStart = try events.next() else {
            throw problem("the file is empty", SourcePosition(line: 1, column: 1))
        }
        let root = try node(try events.next(), from: &events, depth: 0)
        _ = try events.next()  // the document's end
        guard case .streamEnd = try events.next() else {
            throw problem(
                "a second document begins here", events.position, "one file, one document")
        }
        return root
    }

    private func node(
        _ event: YAMLEvents.Event, from events: inout YAMLEvents, depth: Int
    ) throws(ConfigurationError) -> YAMLNode {
        let position = events.position
        guard depth <= Self.deepest else {
            throw problem("more than \(Self.deepest) levels within each other", position)
        }
        switch event {
        case .scalar(let scalar): return YAMLNode(.scalar(scalar), at: position)
        case .sequenceStart:
            var elements: [YAMLNode] = []
            while true {
                let next = try events.next()
                if case .end = next { break }
                elements.append(try node(next, from: &events, depth: depth + 1))
            }
            return YAMLNode(.sequence(elements), at: position)
        case .mappingStart:
            return YAMLNode(.mapping(try entries(from: &events, depth: depth)), at: position)
        case .streamStart, .streamEnd, .documentStart, .end:
            throw problem("a value is missing", position)
        }
    }

    private func entries(
        from events: inout YAMLEvents, depth: Int
    ) throws(ConfigurationError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if case .end = event { return entries }
            let position = events.position
            guard case .scalar(let key) = event else {
                throw problem("a key must be a single word", position)
            }
            guard !(key.isPlain && key.text == "<<") else {
                throw problem("merging with '<<' is not supported", position, "write the keys out")
            }
            if let line = lines.updateValue(position.line, forKey: key.text) {
                throw problem("the key '\(key.text)' already stands in line \(line)", position)
            }
            let value = try node(try events.next(), from: &events, depth: depth + 1)
            entries.append(YAMLEntry(key: key.text, keyPosition: position, value: value))
        }
    }

    private func problem(
        _ message: String, _ position: SourcePosition, _ advice: String = ""
    ) -> ConfigurationError {
        ConfigurationError([
            ConfigurationProblem(
                file: file, position: position, path: "", message: message, advice: advice)
        ])
    }
}
