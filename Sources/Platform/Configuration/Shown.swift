/// What `config show` prints: values as written, secrets masked, defaults marked.
indirect enum Shown {
    enum Origin { case plain, quoted, byDefault }
    case scalar(String, Origin)
    case list([Shown])
    case section(Section)
}

extension ConfigurationReader {
    /// The configuration in force as YAML, with `# default` behind what the file leaves out.
    ///
    /// Holds what was asked for so far; `${NAME}` stands as written.
    ///
    /// - Parameter isLeftOut: Asked with the path of each key.
    package func shownText(without isLeftOut: (String) -> Bool = { _ in false }) -> String {
        var lines: [String] = []
        Self.write(root, indent: "", isLeftOut, into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as one JSON object; `defaults` lists the paths that the file leaves out.
    package func shownJSON() -> String {
        var defaults: [String] = []
        let values = Self.json(root, &defaults)
        return "{\"configuration\":\(values),\"defaults\":["
            + defaults.map(jsonText).joined(separator: ",") + "]}"
    }

    private static func write(
        _ section: Section, indent: String, _ isLeftOut: (String) -> Bool,
        into lines: inout [String]
    ) {
        for (key, value) in section.shown where !isLeftOut(section.path(of: key)) {
            switch value {
            case .scalar(let text, let origin):
                lines.append("\(indent)\(yamlText(key)): \(written(text, origin))\(mark(origin))")
            case .section(let child):
                let before = lines.count
                lines.append("\(indent)\(yamlText(key)):")
                write(child, indent: indent + "  ", isLeftOut, into: &lines)
                // Nothing below: read again, it would be a key without a value.
                if lines.count == before + 1 { lines.removeLast() }
            case .list(let values):
                write(list: values, key: key, indent: indent, isLeftOut, into: &lines)
            }
        }
    }

    private static func write(
        list: [Shown], key: String, indent: String, _ isLeftOut: (String) -> Bool,
        into lines: inout [String]
    ) {
        var words: [String] = []
        var isDefault = list.isEmpty
        for case .scalar(let text, let origin) in list {
            words.append(written(text, origin))
            if case .byDefault = origin { isDefault = true }
        }
        guard words.count < list.count else {
            lines.append(
                "\(indent)\(yamlText(key)): [\(words.joined(separator: ", "))]"
                    + (isDefault ? mark(.byDefault) : ""))
            return
        }
        lines.append("\(indent)\(yamlText(key)):")
        for case .section(let child) in list {
            let first = lines.count
            write(child, indent: indent + "    ", isLeftOut, into: &lines)
            guard first < lines.count else { continue }
            lines[first] = indent + "  - " + lines[first].dropFirst(indent.count + 4)
        }
    }

    private static func json(_ section: Section, _ defaults: inout [String]) -> String {
        var members: [String] = []
        for (key, value) in section.shown {
            let path = section.path(of: key)
            members.append("\(jsonText(key)):\(json(value, path, &defaults))")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func json(_ value: Shown, _ path: String, _ defaults: inout [String]) -> String {
        switch value {
        case .scalar(let text, let origin):
            if case .byDefault = origin, defaults.last != path { defaults.append(path) }
            let scalar = YAMLScalar(text: text, isPlain: origin != .quoted)
            if let bool = scalar.bool { return "\(bool)" }
            if let int = scalar.int, "\(int)" == text { return text }
            return jsonText(text)
        case .section(let child): return json(child, &defaults)
        case .list(let values):
            return "[" + values.map { json($0, path, &defaults) }.joined(separator: ",") + "]"
        }
    }

    private static func mark(_ origin: Shown.Origin) -> String {
        origin == .byDefault ? "  # default" : ""
    }

    private static func written(_ text: String, _ origin: Shown.Origin) -> String {
        origin == .quoted ? jsonText(text) : yamlText(text)
    }

    /// Plain where YAML reads it back as the same text everywhere, else quoted.
    private static func yamlText(_ text: String) -> String {
        let special = ":#{}[],&*!|>'\"%@`?"
        let isPlain =
            !text.isEmpty && !text.contains { special.contains($0) || $0.isNewline || $0 == "\t" }
            && text.first != " " && text.last != " " && text.first != "-" || isNegativeNumber(text)
        return isPlain || text == Secret.mask ? text : jsonText(text)
    }

    private static func isNegativeNumber(_ text: String) -> Bool {
        text.first == "-" && text.dropFirst().first?.isNumber == true
            && text.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    }
}

/// Text as a JSON string, quotes included. Also a YAML double-quoted scalar.
package func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7F:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
