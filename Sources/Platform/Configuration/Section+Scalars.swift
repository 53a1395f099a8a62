extension Section {
    /// Reads one scalar by its format; notes what is wrong with it.
    func read<Value>(
        _ node: YAMLNode, _ path: String, _ format: ValueFormat<Value>
    ) -> (Value, Shown)? {
        let mayLack = format.isSecret && findings.mayLack(path)
        guard
            let (scalar, raw, isSubstituted) = resolve(
                node, path, format.expectation, orElse: mayLack ? Self.missing : nil)
        else { return nil }
        if isSubstituted, !format.isSecret { findings.substituted[path] = scalar.text }
        let shown = Shown.scalar(
            format.isSecret ? (isSubstituted ? raw.text : Secret.mask) : raw.text,
            raw.isPlain ? .plain : .quoted)
        switch format.read(scalar) {
        case .value(let value):
            if format.isSecret, !isSubstituted {
                findings.warn(
                    "the secret stands in the file", at: node.position, path: path,
                    advice: "write ${NAME} and set NAME in the environment, or ${file:PATH}")
            }
            return (value, shown)
        case .refused:
            let quoted = format.isSecret && !isSubstituted ? "the value" : "'\(raw.text)'"
            findings.note(
                "\(quoted) is not \(format.expectation)", at: node.position, path: path,
                allowed: format.allowed, suggestion: nearest(to: raw.text, in: format.allowed))
        case .refusedBecause(let reason):
            let quoted = format.isSecret && !isSubstituted ? "the value" : "'\(raw.text)'"
            findings.note(
                "\(quoted) \(reason)", at: node.position, path: path,
                advice: "give \(format.expectation)")
        }
        return nil
    }

    private static let missing = "missing"

    /// The scalar with `${…}` filled in, and as it stands in the file.
    ///
    /// What was filled in counts as plain, for in `{ }` YAML wants `"${NAME}"` quoted.
    ///
    /// - Parameter missing: What stands for what cannot be filled in; `nil`: that is noted.
    func resolve(
        _ node: YAMLNode, _ path: String, _ expectation: String, orElse missing: String? = nil
    ) -> (scalar: YAMLScalar, raw: YAMLScalar, isSubstituted: Bool)? {
        guard case .scalar(let raw) = node.content else {
            findings.note(
                "this is \(node.kind), not \(expectation)", at: node.position, path: path)
            return nil
        }
        do throws(Substitution.Failure) {
            let (text, isSubstituted) = try findings.substitution.apply(to: raw.text)
            let scalar = YAMLScalar(text: text, isPlain: raw.isPlain || isSubstituted)
            return (scalar, raw, isSubstituted)
        } catch {
            if let missing { return (YAMLScalar(text: missing, isPlain: true), raw, true) }
            findings.note(error.message, at: node.position, path: path, advice: error.advice)
            return nil
        }
    }
}
