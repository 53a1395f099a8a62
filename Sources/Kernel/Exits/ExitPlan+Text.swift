import TradingModel

extension ExitPlan.Tier: CustomStringConvertible {
    /// `-5% all`, `+4% half`, `+8% rest`, `trail 3% all`, `trail 3% from +2% all`, `+4% 25%`.
    public var description: String {
        trigger == .always ? "all \(trigger)" : "\(trigger) \(words(of: share))"
    }

    private func words(of share: ExitPlan.Share) -> String {
        switch share {
        case .rest: trigger.isStop ? "all" : "rest"
        case .part(500_000): "half"
        case .part(let part): percent(part)
        }
    }

    /// Reads what ``description`` writes.
    ///
    /// - Throws: ``ExitPlanError`` with the text and what is wrong with it.
    public init(_ text: String) throws(ExitPlanError) {
        var words = text.split(separator: " ")[...]
        func fail(_ why: String) -> ExitPlanError {
            ExitPlanError("'\(text)' is no tier: \(why), as in '-5% all' or 'trail 3% half'")
        }
        func distance(_ word: Substring?) throws(ExitPlanError) -> Int64 {
            guard let word, let read = millionths(word) else {
                throw fail("a distance in percent is wanted, not '\(word ?? "")'")
            }
            return read
        }
        let trigger: ExitPlan.Trigger
        if words.first == "trail" {
            words = words.dropFirst()
            let behind = try distance(words.popFirst())
            var start: Int64 = 0
            if words.first == "from" {
                words = words.dropFirst()
                start = try distance(words.popFirst())
            }
            trigger = .trailing(distance: behind, start: start)
        } else {
            let word = words.popFirst()
            let signed = try distance(word)
            switch word?.first {
            case "-": trigger = .loss(-signed)
            case "+": trigger = .gain(signed)
            default: throw fail("a distance begins with + or -")
            }
        }
        switch words.popFirst() {
        case "all", "rest": self.init(trigger, .rest)
        case "half": self.init(trigger, .part(500_000))
        case .some(let word):
            guard let part = millionths(word) else { throw fail("what to sell is not '\(word)'") }
            self.init(trigger, .part(part))
        case nil: throw fail("it does not say what to sell: all, rest, half or a percentage")
        }
        guard words.isEmpty else { throw fail("'\(words.joined(separator: " "))' is too much") }
    }
}

extension ExitPlan.Trigger: CustomStringConvertible {
    public var description: String {
        switch self {
        case .loss(let part): "-\(percent(part))"
        case .gain(let part): "+\(percent(part))"
        case .trailing(let distance, 0): "trail \(percent(distance))"
        case .trailing(let distance, let start):
            "trail \(percent(distance)) from +\(percent(start))"
        case .always: "at any price"
        }
    }
}

extension ExitPlan: CustomStringConvertible {
    public var description: String { tiers.map(\.description).joined(separator: ", ") }

    /// - Parameter lines: A tier each, in any order.
    public init(reading lines: [String]) throws(ExitPlanError) {
        var tiers: [Tier] = []
        for line in lines { tiers.append(try Tier(line)) }
        try self.init(tiers)
    }

    /// A preset by its name.
    public init(preset name: String) throws(ExitPlanError) {
        guard let found = Self.presets.first(where: { $0.name == name }) else {
            let names = Self.presets.map(\.name).joined(separator: ", ")
            throw ExitPlanError("there is no exit plan '\(name)': one of \(names), or tiers")
        }
        self = found.plan
    }
}

/// `5%` or `-2.5%` as millionths, exact; `nil` for anything else and past four decimals.
private func millionths(_ word: some StringProtocol) -> Int64? {
    guard word.last == "%", let value = parseDecimal(word.dropLast().utf8, scale: 4) else {
        return nil
    }
    return Int64(exactly: value)
}
private func percent(_ millionths: Int64) -> String {
    decimalString(Int128(millionths), scale: 4) + "%"
}
