import StrategyWire

/// What a server says of itself, held against the contract.
enum DescriptionRules {
    static func name(_ name: String) -> [Fault] {
        let isFit = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "_.-".utf8.contains(byte)
        }
        guard isFit, (1...64).contains(name.utf8.count) else {
            return [Fault("the name '\(name)'")]
        }
        return []
    }

    static func identity(_ description: PBDescribeResponse) -> [Fault] {
        let texts = [
            ("version", description.version), ("instance_id", description.instanceID),
            ("model.hash", description.model?.hash_ ?? ""),
        ]
        var faults = texts.filter { $0.1.utf8.count > 64 }.map {
            Fault("\($0.0) of \($0.1.utf8.count) bytes")
        }
        if description.instanceID.isEmpty { faults.append(Fault("an empty instance_id")) }
        return faults
    }

    static func revisions(_ range: PBRevisionRange?) -> [Fault] {
        guard let range else { return [Fault("no revisions")] }
        guard range.lowest >= 1, range.lowest <= range.highest else {
            return [Fault("revisions \(range.lowest) to \(range.highest)")]
        }
        guard range.lowest == 1 else {
            return [Fault("revisions \(range.lowest) to \(range.highest), and the host speaks 1")]
        }
        return []
    }

    static func inputs(_ inputs: [PBInput]) -> [Fault] {
        var faults: [Fault] = inputs.isEmpty ? [Fault("no inputs")] : []
        var seen: Set<[Int64]> = []
        for input in inputs {
            let kind = Int64(input.kind.rawValue)
            let needsInterval = input.kind == .candles || input.kind == .timers
            switch input.kind {
            case .unspecified, .unrecognized: faults.append(Fault("an input of kind \(kind)"))
            default: break
            }
            if needsInterval, !isInterval(input.intervalNs) {
                faults.append(Fault("an interval of \(input.intervalNs) ns"))
            }
            if !needsInterval, input.intervalNs != 0 {
                faults.append(Fault("an interval of \(input.intervalNs) ns for ticks or quotes"))
            }
            if input.warmUp > 1_000_000 {
                faults.append(Fault("a warm-up of \(input.warmUp) events"))
            }
            if !seen.insert([kind, input.intervalNs]).inserted {
                faults.append(Fault("the same input twice"))
            }
        }
        return faults
    }

    private static func isInterval(_ span: Int64) -> Bool {
        span > 0 && span % 1_000_000_000 == 0 && span / 1_000_000_000 <= 366 * 86_400
    }

    static func parameters(_ parameters: [PBParameter]) -> [Fault] {
        var seen: Set<String> = []
        return parameters.flatMap { parameter in
            var faults = ParameterRules.schema(parameter)
            if parameter.name.isEmpty { faults.append(Fault("a parameter without a name")) }
            if !seen.insert(parameter.name).inserted {
                faults.append(Fault("the parameter '\(parameter.name)' twice"))
            }
            return faults
        }
    }
}

/// One parameter's schema, and values that break it.
enum ParameterRules {
    static func schema(_ parameter: PBParameter) -> [Fault] {
        let name = parameter.name
        var faults: [Fault] = []
        switch parameter.type {
        case .unspecified, .unrecognized: return [Fault("'\(name)' has no type")]
        default: break
        }
        for (what, bound) in [("minimum", parameter.minimum), ("maximum", parameter.maximum)]
        where !bound.isEmpty && number(bound, parameter.type) == nil {
            faults.append(Fault("'\(name)' has the \(what) '\(bound)'"))
        }
        if let low = number(parameter.minimum, parameter.type),
            let high = number(parameter.maximum, parameter.type), low > high
        {
            faults.append(Fault("'\(name)' has its minimum above its maximum"))
        }
        if !allows(parameter.defaultValue, parameter) {
            faults.append(Fault("'\(name)' has the default '\(parameter.defaultValue)'"))
        }
        return faults
    }

    /// Whether the schema allows a value.
    static func allows(_ value: String, _ parameter: PBParameter) -> Bool {
        switch parameter.type {
        case .integer, .number:
            guard let number = number(value, parameter.type) else { return false }
            if let low = self.number(parameter.minimum, parameter.type), number < low {
                return false
            }
            if let high = self.number(parameter.maximum, parameter.type), number > high {
                return false
            }
            return true
        case .boolean: return value == "true" || value == "false"
        case .text: return parameter.choices.isEmpty || parameter.choices.contains(value)
        case .unspecified, .unrecognized: return true
        }
    }

    private static func number(_ text: String, _ type: PBParameter.TypeEnum) -> Double? {
        if type == .integer { return Int64(text).map(Double.init) }
        let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || "+-.eE".utf8.contains($0) }
        guard isPlain, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// A value of the right type beyond a bound or beside the choices; `nil` where there is none.
    static func beyond(_ parameter: PBParameter) -> String? {
        switch parameter.type {
        case .integer:
            if let low = Int64(parameter.minimum), low > .min { return String(low - 1) }
            if let high = Int64(parameter.maximum), high < .max { return String(high + 1) }
        case .number:
            if let low = Double(parameter.minimum) { return plain(low - max(1, low.magnitude)) }
            if let high = Double(parameter.maximum) { return plain(high + max(1, high.magnitude)) }
        case .text where !parameter.choices.isEmpty: return "no-such-choice"
        default: break
        }
        return nil
    }

    private static func plain(_ number: Double) -> String {
        number.magnitude < 1e15 && number == number.rounded() ? "\(Int64(number))" : "\(number)"
    }

    /// A value that is not of the parameter's type; `nil` for texts.
    static func ofAnotherType(_ parameter: PBParameter) -> String? {
        switch parameter.type {
        case .integer: "1.5x"
        case .number: "much"
        case .boolean: "perhaps"
        default: nil
        }
    }
}
