import Kernel
import Platform
import TradingModel

/// Limits as people wrote them: of every account, and of single ones, which stand before those.
struct RiskSetting: Hashable {
    var limits = RiskLimits()
    /// By the account's name; only what it was given.
    var accounts: [String: RiskLimits] = [:]

    func limits(of account: String) -> RiskLimits {
        (accounts[account] ?? RiskLimits()).over(limits)
    }

    var written: RiskText {
        RiskText(
            common: limits.fields,
            accounts: accounts.filter { $0.value != RiskLimits() }.mapValues(\.fields))
    }

    /// What differs, `order_value 1000000 -> 2000000`, with the account whose it is.
    func differences(to next: RiskSetting) -> [String] {
        let normal = TradingState.normal
        let common = Self.differences((limits, normal), (next.limits, normal))
        let names = Set(accounts.keys).union(next.accounts.keys).sorted()
        let states = (limits.state ?? normal, next.limits.state ?? normal)
        return common
            + names.flatMap { name in
                Self.differences(
                    (accounts[name] ?? RiskLimits(), states.0),
                    (next.accounts[name] ?? RiskLimits(), states.1)
                ).map { "\($0) of \(name)" }
            }
    }

    /// With the state that holds where none is written: a state is never off.
    private static func differences(
        _ old: (limits: RiskLimits, state: TradingState),
        _ new: (limits: RiskLimits, state: TradingState)
    ) -> [String] {
        RiskLimits.keys.compactMap { key in
            let (was, will) = (old.limits.text(of: key), new.limits.text(of: key))
            guard was != will else { return nil }
            let none = { (state: TradingState) in key == "state" ? state.rawValue : "off" }
            return "\(key) \(was ?? none(old.state)) -> \(will ?? none(new.state))"
        }
    }
}

/// Limits as text, to be changed and read again: so what a person sets is held to what a file is held to.
struct RiskText: Hashable {
    var common: [Piece.Field]
    var accounts: [String: [Piece.Field]]

    /// As JSON, which is YAML too: what the log keeps of a change.
    var text: String {
        var parts = common.map(Self.part)
        if !accounts.isEmpty {
            let groups = accounts.sorted { $0.key < $1.key }.map { name, fields in
                "{\((["\"id\": \(jsonText(name))"] + fields.map(Self.part)).joined(separator: ", "))}"
            }
            parts.append("\"accounts\": [\(groups.joined(separator: ", "))]")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// Whole numbers stand without quotes, as the reader asks.
    private static func part(_ field: Piece.Field) -> String {
        let isPlain =
            ["symbols", "orders_per_minute"].contains(field.key) && Int(field.text) != nil
        return "\(jsonText(field.key)): \(isPlain ? field.text : jsonText(field.text))"
    }

    /// Puts another value in; `off` takes the limit away.
    ///
    /// - Parameter account: `nil`: of every account.
    mutating func set(
        _ values: [ChangeFile.Assignment], of account: String?
    ) throws(RunError) {
        var fields = account.map { accounts[$0] ?? [] } ?? common
        for value in values {
            guard RiskLimits.keys.contains(value.key) else {
                let near = nearestName(to: value.key, in: RiskLimits.keys)
                throw RunError(
                    .usage,
                    "there is no limit '\(value.key)'\n  there are: "
                        + RiskLimits.keys.joined(separator: ", ")
                        + (near.map { "   did you mean '\($0)'?" } ?? ""))
            }
            fields.removeAll { $0.key == value.key }
            if value.value != "off" { fields.append(Piece.Field(value.key, value.value)) }
        }
        if let account {
            accounts[account] = fields.isEmpty ? nil : fields
        } else {
            common = fields
        }
    }
}

extension RiskLimits {
    /// Of limit orders where nobody says another: longer than any market is closed.
    static let usualAge = Nanoseconds.seconds(14 * 86_400)

    fileprivate static var age: ValueFormat<Nanoseconds> {
        let span = ValueFormat.duration(in: 1_000_000_000...31_622_400_000_000_000)
        return ValueFormat(
            span.expectation + ", or never",
            show: { $0 == .never ? "never" : showDuration($0.count) }
        ) { scalar in
            if scalar.text == "never" { return .value(.never) }
            return switch span.read(scalar) {
            case .value(let count): .value(Nanoseconds(count))
            case .refused: .refused
            case .refusedBecause(let why): .refusedBecause(why)
            }
        }
    }

    /// As a configuration names them, in the order in which they are shown.
    static let keys = [
        "state", "order_value", "symbol_value", "symbol_weight", "symbols", "day_value",
        "price_band", "day_loss", "drawdown", "confidence", "orders_per_minute", "duplicate_within",
        "cool_down", "price_age", "order_age",
    ]

    /// As a configuration has it; `nil` where there is no limit.
    func text(of key: String) -> String? {
        func percentage(_ value: Int64?) -> String? { value.map(showPercentage) }
        func span(_ value: Nanoseconds?) -> String? { value.map { showDuration($0.count) } }
        return switch key {
        case "state": state?.rawValue
        case "order_value": orderValue.map { "\($0)" }
        case "symbol_value": symbolValue.map { "\($0)" }
        case "symbol_weight": percentage(symbolWeight)
        case "symbols": symbols.map { "\($0)" }
        case "day_value": dayValue.map { "\($0)" }
        case "price_band": percentage(priceBand)
        case "day_loss": percentage(dayLoss)
        case "drawdown": percentage(drawdown)
        case "confidence": percentage(confidence)
        case "orders_per_minute": ordersPerMinute.map { "\($0)" }
        case "duplicate_within": span(duplicateWithin)
        case "cool_down": span(coolDown)
        case "price_age": span(priceAge)
        case "order_age": orderAge.map(Self.age.show)
        default: nil
        }
    }

    /// Those that limit.
    var fields: [Piece.Field] {
        Self.keys.compactMap { key in text(of: key).map { Piece.Field(key, $0) } }
    }
}

extension ConfigurationLoader {
    /// - Returns: `nil` where the group is not there.
    func risk(_ root: Section) -> RiskSetting? {
        guard let section = root.section("risk") else { return nil }
        var risk = RiskSetting(limits: limits(section))
        let known = configuration.accounts.map(\.name)
        for own in section.sections("accounts") {
            guard let name = own.required("id", Formats.name) else { continue }
            guard known.contains(name) else {
                own.reportUnknown("id", name, "an account", allowed: known)
                continue
            }
            guard risk.accounts[name] == nil else {
                own.report("id", "'\(name)' has limits already", advice: "put them together")
                continue
            }
            risk.accounts[name] = limits(own)
        }
        return risk
    }

    private func limits(_ section: Section) -> RiskLimits {
        var limits = RiskLimits(
            orderValue: section.optional("order_value", Formats.money),
            symbolValue: section.optional("symbol_value", Formats.money),
            symbolWeight: section.optional("symbol_weight", .percentage(in: 0...1_000_000)),
            symbols: section.optional("symbols", .int(in: 1...100_000)),
            priceBand: section.optional("price_band", .percentage(in: 0...1_000_000)),
            dayLoss: section.optional("day_loss", .percentage(in: 0...1_000_000)))
        let span = ValueFormat.duration(in: 1_000_000_000...86_400_000_000_000)
        limits.dayValue = section.optional("day_value", Formats.money)
        limits.drawdown = section.optional("drawdown", .percentage(in: 0...1_000_000))
        limits.confidence = section.optional("confidence", .percentage(in: 0...1_000_000))
        limits.ordersPerMinute = section.optional("orders_per_minute", .int(in: 1...30_000))
        limits.duplicateWithin = section.optional("duplicate_within", span).map(Nanoseconds.init)
        limits.coolDown = section.optional("cool_down", span).map(Nanoseconds.init)
        let age = ValueFormat.duration(in: 1_000_000_000...1_209_600_000_000_000)
        limits.priceAge = section.optional("price_age", age).map(Nanoseconds.init)
        limits.orderAge = section.optional("order_age", RiskLimits.age)
        limits.state = section.optional(
            "state", .choice("a state of trading", of: TradingState.self))
        return limits
    }
}

extension KernelPlan {
    mutating func take(_ setting: RiskSetting) {
        risk = setting.limits
        risk.orderAge = risk.orderAge ?? RiskLimits.usualAge
        for index in accounts.indices {
            accounts[index].risk = setting.accounts[accounts[index].name] ?? RiskLimits()
        }
    }
}

extension Nanoseconds {
    /// No order is as old.
    fileprivate static let never = Nanoseconds(.max)
}
