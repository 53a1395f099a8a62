import CYAML

/// Owns one libyaml parser over borrowed bytes, and hands out its events as values.
struct YAMLEvents: ~Copyable {
    enum Event {
        case streamStart, streamEnd, documentStart
        case scalar(YAMLScalar)
        case sequenceStart, mappingStart
        /// Of a list, a group or the document.
        case end
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: String
    /// Where the last event begins.
    private(set) var position = SourcePosition(line: 1, column: 1)

    /// - Parameter bytes: UTF-8; must outlive this value.
    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws(ConfigurationError) {
        self.file = file
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw ConfigurationError([
                ConfigurationProblem(file: file, position: nil, path: "", message: "out of memory")
            ])
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// - Throws: ``ConfigurationError`` for bad syntax, and for anchors, aliases and tags.
    mutating func next() throws(ConfigurationError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        position = Self.position(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT:
            let tags = event.data.document_start.tag_directives
            guard tags.start == tags.end else { throw refused("tags are not supported") }
            return .documentStart
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
        case YAML_SCALAR_EVENT: return .scalar(try scalar(event.data.scalar))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try refuse(anchor: start.anchor, tag: start.tag)
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try refuse(anchor: start.anchor, tag: start.tag)
            return .mappingStart
        case YAML_ALIAS_EVENT:
            throw refused("aliases ('*name') are not supported", "write the value out")
        default: return .end
        }
    }

    private func scalar(
        _ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar
    ) throws(ConfigurationError) -> YAMLScalar {
        try refuse(anchor: scalar.anchor, tag: scalar.tag)
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return YAMLScalar(
            text: String(decoding: bytes, as: UTF8.self),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?
    ) throws(ConfigurationError) {
        if anchor != nil {
            throw refused("anchors ('&name') are not supported", "write the value out")
        }
        if tag != nil {
            throw refused("tags ('!name') are not supported", "quote text that begins with '!'")
        }
    }

    private func refused(_ message: String, _ advice: String = "") -> ConfigurationError {
        ConfigurationError([
            ConfigurationProblem(
                file: file, position: position, path: "", message: message, advice: advice)
        ])
    }

    private func syntaxError() -> ConfigurationError {
        let state = parser.pointee
        let words = state.problem.map { String(cString: $0) } ?? "unknown reason"
        let context = state.context.map { " (\(String(cString: $0)))" } ?? ""
        let isReader = state.error == YAML_READER_ERROR
        return ConfigurationError([
            ConfigurationProblem(
                file: file, position: Self.position(isReader ? state.mark : state.problem_mark),
                path: "", message: "this is not YAML: \(words)\(context)",
                advice: Self.advice(words))
        ])
    }

    /// What people did, mostly, when the library says this.
    private static func advice(_ words: String) -> String {
        if words.contains("tab") { return "indent with spaces" }
        if words.contains("cannot start any token") {
            return "indent with spaces, not tabs; quote text that begins with %, @ or `"
        }
        if words.contains("mapping values are not allowed") {
            return "indent this line as the one above, or quote text that holds ': '"
        }
        if words.contains("did not find expected") {
            return
                "compare the indentation of this line with its neighbours; look above it for an open"
                + " bracket or quote"
        }
        return ""
    }

    private static func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
