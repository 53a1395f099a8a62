extension Section {
    // MARK: Lists of values

    /// A list of values; one value alone counts as a list of one. `nil` when absent or wrong.
    package func list<Value>(_ key: String, of format: ValueFormat<Value>) -> [Value]? {
        guard let node = present(key) else { return nil }
        var values: [Value] = []
        var shown: [Shown] = []
        let isSingle: Bool
        let elements: [YAMLNode]
        switch node.content {
        case .sequence(let nodes): (elements, isSingle) = (nodes, false)
        case .scalar: (elements, isSingle) = ([node], true)
        case .mapping:
            findings.note(
                "this is \(node.kind), not a list", at: node.position, path: path(of: key))
            return nil
        }
        for (index, element) in elements.enumerated() {
            let place = path(of: key) + (isSingle ? "" : "[\(index)]")
            guard let (value, text) = read(element, place, format) else { continue }
            values.append(value)
            shown.append(text)
        }
        self.shown.append((key, isSingle ? shown.first ?? .list([]) : .list(shown)))
        return values.count == elements.count ? values : nil
    }

    /// A list that must be there, with at least one value.
    package func requiredList<Value>(_ key: String, of format: ValueFormat<Value>) -> [Value]? {
        guard present(key) != nil else {
            missing(key, "a list, each \(format.expectation)")
            return nil
        }
        guard let values = list(key, of: format) else { return nil }
        if values.isEmpty { report(key, "the list is empty", advice: "give at least one value") }
        return values.isEmpty ? nil : values
    }

    /// A list with a default.
    package func list<Value>(
        _ key: String, of format: ValueFormat<Value>, default fallback: [Value]
    ) -> [Value] {
        guard present(key) != nil else {
            shown.append((key, .list(fallback.map { .scalar(format.show($0), .byDefault) })))
            return fallback
        }
        return list(key, of: format) ?? fallback
    }

    // MARK: Groups

    /// A group of keys below this one; `nil` when absent or no group.
    package func section(_ key: String) -> Section? {
        present(key).flatMap { group($0, path(of: key)) }.map { child in
            shown.append((key, .section(child)))
            return child
        }
    }

    /// A group that must be there.
    package func requiredSection(_ key: String) -> Section? {
        guard present(key) != nil else {
            missing(key, "a group of keys")
            return nil
        }
        return section(key)
    }

    /// A list of groups, `strategies: [{…}, {…}]`; empty when absent. Elements that are no group
    /// are noted.
    package func sections(_ key: String) -> [Section] {
        guard let node = present(key) else { return [] }
        guard case .sequence(let nodes) = node.content else {
            findings.note(
                "this is \(node.kind), not a list", at: node.position, path: path(of: key),
                advice: "begin each element with '-'")
            return []
        }
        let children = nodes.enumerated().compactMap { group($1, "\(path(of: key))[\($0)]") }
        shown.append((key, .list(children.map(Shown.section))))
        return children
    }

    /// Groups under names of the user's choice, `brokers: { paper: {…} }`, in the order of the
    /// file.
    package func namedSections(_ key: String) -> [(name: String, section: Section)] {
        guard let child = section(key) else { return [] }
        return child.keys.compactMap { name in child.section(name).map { (name, $0) } }
    }

    /// Single values under names of the user's choice, `parameters: { fast: 20 }`, in the order of
    /// the file; empty when absent.
    package func scalars(_ key: String) -> [(key: String, value: YAMLScalar)] {
        guard let child = section(key) else { return [] }
        return child.keys.compactMap { name in
            child.optional(name, .scalar).map { (name, $0) }
        }
    }

    private func group(_ node: YAMLNode, _ path: String) -> Section? {
        guard case .mapping(let entries) = node.content else {
            findings.note(
                "this is \(node.kind), not a group of keys", at: node.position, path: path)
            return nil
        }
        return addChild(entries, path: path, position: node.position)
    }
}

extension ValueFormat<YAMLScalar> {
    /// Any single value, as written.
    package static var scalar: Self {
        Self("a single value", show: { $0.text }) { .value($0) }
    }
}
