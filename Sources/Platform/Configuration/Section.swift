/// A group of keys while it is read. See ``ConfigurationReader``.
///
/// A method that returns `nil` for a required key has noted why; the caller goes on to the next
/// key. A key without a value counts as absent.
package final class Section {
    /// `strategies[1]`; empty at the top.
    package let path: String
    package let position: SourcePosition
    let findings: ConfigurationFindings
    private var entries: [String: YAMLEntry] = [:]
    private var order: [String] = []
    private var asked: Set<String> = []
    private var isLeft = false
    private(set) var children: [Section] = []
    /// What `config show` prints, in the order of asking.
    var shown: [(key: String, value: Shown)] = []

    init(
        entries: [YAMLEntry], path: String, position: SourcePosition,
        findings: ConfigurationFindings
    ) {
        self.path = path
        self.position = position
        self.findings = findings
        for entry in entries {
            self.entries[entry.key] = entry
            order.append(entry.key)
        }
    }

    // MARK: Single values

    /// A key that must be there.
    package func required<Value>(_ key: String, _ format: ValueFormat<Value>) -> Value? {
        guard let node = present(key) else {
            missing(key, format.expectation)
            return nil
        }
        return scalar(node, key, format)
    }

    /// A key that may be absent; `nil` then, and when it is wrong.
    package func optional<Value>(_ key: String, _ format: ValueFormat<Value>) -> Value? {
        present(key).flatMap { scalar($0, key, format) }
    }

    /// A key with a default, which is shown as such.
    package func value<Value>(
        _ key: String, _ format: ValueFormat<Value>, default fallback: Value
    ) -> Value {
        guard let node = present(key) else {
            shown.append(
                (key, .scalar(format.isSecret ? Secret.mask : format.show(fallback), .byDefault)))
            return fallback
        }
        return scalar(node, key, format) ?? fallback
    }

    // MARK: Own findings

    /// Notes a problem at the key, or at the section: for what only the caller can know.
    package func report(
        _ key: String? = nil, _ message: String, allowed: [String] = [], suggestion: String? = nil,
        advice: String = ""
    ) {
        findings.note(
            message, at: key.flatMap { entries[$0]?.value.position } ?? position,
            path: key.map(path(of:)) ?? path, allowed: allowed, suggestion: suggestion,
            advice: advice)
    }

    /// As ``report(_:_:allowed:suggestion:advice:)``, with the nearest of `allowed` suggested:
    /// `section.reportUnknown("account", "demi", "an account", allowed: accounts)`.
    package func reportUnknown(_ key: String, _ word: String, _ noun: String, allowed: [String]) {
        report(
            key, "'\(word)' is not \(noun)", allowed: allowed,
            suggestion: nearest(to: word, in: allowed))
    }

    /// Says that the rest is not read, for what it may hold hangs on a key that is wrong: then its
    /// keys are not told as unknown.
    package func leave() { isLeft = true }

    /// Whether the key stands there with a value. Does not count as asking.
    package func has(_ key: String) -> Bool { entries[key].map { !Self.isNull($0.value) } ?? false }

    /// All keys, in the order of the file. Does not count as asking.
    package var keys: [String] { order }

    // MARK: For the extensions

    func path(of key: String) -> String { path.isEmpty ? key : path + "." + key }

    /// Marks the key as known.
    ///
    /// - Returns: Its value, unless absent or null.
    func present(_ key: String) -> YAMLNode? {
        asked.insert(key)
        guard let node = entries[key]?.value, !Self.isNull(node) else { return nil }
        return node
    }

    func missing(_ key: String, _ expectation: String) {
        findings.note(
            "this key is required", at: entries[key]?.value.position ?? position,
            path: path(of: key),
            advice: "give \(expectation)")
    }

    func addChild(_ entries: [YAMLEntry], path: String, position: SourcePosition) -> Section {
        let child = Section(entries: entries, path: path, position: position, findings: findings)
        children.append(child)
        return child
    }

    func noteUnknownKeys() {
        guard !isLeft else { return }
        for key in order where !asked.contains(key) {
            findings.note(
                "unknown key", at: entries[key]?.keyPosition, path: path(of: key),
                allowed: asked.sorted(), suggestion: nearest(to: key, in: asked.sorted()))
        }
        children.forEach { $0.noteUnknownKeys() }
    }

    private func scalar<Value>(
        _ node: YAMLNode, _ key: String, _ format: ValueFormat<Value>
    ) -> Value? {
        guard let (value, shown) = read(node, path(of: key), format) else { return nil }
        self.shown.append((key, shown))
        return value
    }

    private static func isNull(_ node: YAMLNode) -> Bool {
        if case .scalar(let scalar) = node.content { scalar.isNull } else { false }
    }
}
