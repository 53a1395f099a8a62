import Kernel
import Platform
import TradingModel

/// Exits as people wrote them: a plan for all, and others for strategies and symbols.
struct ExitsSetting {
    var plans: [ExitPlan] = []
    var general = ExitSettings.Choice.off
    /// By the name of a strategy or rule.
    var sources: [String: ExitSettings.Choice] = [:]
    var instruments: [InstrumentID: ExitSettings.Choice] = [:]

    /// Whether any position is guarded by a plan.
    var isAnywhere: Bool {
        general != .off || sources.values.contains { $0 != .off }
            || instruments.values.contains { $0 != .off }
    }

    /// - Parameter names: Of the sources, in their order.
    func settings(_ names: [String]) -> ExitSettings {
        var settings = ExitSettings()
        settings.plans = plans
        settings.general = general
        settings.instruments = instruments
        for (index, name) in names.enumerated() {
            settings.sources[SourceID(index)] = sources[name]
        }
        return settings
    }

    mutating func add(_ plan: ExitPlan?) -> ExitSettings.Choice {
        guard let plan else { return .off }
        if let known = plans.firstIndex(of: plan) { return .plan(known) }
        plans.append(plan)
        return .plan(plans.count - 1)
    }
}

extension ConfigurationLoader {
    mutating func readExits(_ root: Section) {
        guard let section = root.section("exits") else { return }
        var exits = ExitsSetting()
        let protection = section.value(
            "protection", .percentage(in: 0...500_000), default: ExitPlan.threeTier.protection)
        let jump = section.value(
            "jump", .percentage(in: 10_000...1_000_000), default: ExitPlan.threeTier.jump)
        func plan(_ section: Section) -> ExitPlan? {
            var plan = self.plan(section)
            plan?.protection = protection
            plan?.jump = jump
            return plan
        }
        exits.general = exits.add(plan(section))
        for other in section.sections("overrides") {
            let strategies = other.list("strategies", of: .string(limit: 64)) ?? []
            let symbols = other.list("symbols", of: .string(limit: 32)) ?? []
            let choice = exits.add(plan(other))
            if strategies.isEmpty, symbols.isEmpty {
                other.report(
                    nil, "it is of no strategy and no symbol",
                    advice: "say strategies: [...] or symbols: [...]")
            }
            for name in strategies { set(choice, ofStrategy: name, other, &exits) }
            for symbol in symbols { set(choice, ofSymbol: symbol, other, &exits) }
        }
        set(exits)
        // What two brokers hold parts of cannot be sold by one order.
        if let parted = configuration.accounts.first(where: { $0.brokers.count > 1 }),
            !exits.plans.isEmpty
        {
            root.report(
                "exits", "'\(parted.name)' has two brokers, and an exit sells at one",
                advice: "take its secondary out, or the exits")
        }
    }

    private func set(
        _ choice: ExitSettings.Choice, ofStrategy name: String, _ section: Section,
        _ exits: inout ExitsSetting
    ) {
        let known = configuration.strategies.map(\.name) + configuration.rules.map(\.name)
        guard known.contains(name) else {
            return section.reportUnknown(
                "strategies", name, "a strategy or rule", allowed: known)
        }
        guard exits.sources.updateValue(choice, forKey: name) == nil else {
            return section.report("strategies", "'\(name)' has its exits already")
        }
    }

    private func set(
        _ choice: ExitSettings.Choice, ofSymbol symbol: String, _ section: Section,
        _ exits: inout ExitsSetting
    ) {
        guard let instrument = configuration.instruments.first(where: { $0.symbol == symbol })
        else {
            return section.reportUnknown(
                "symbols", symbol, "one of the instruments",
                allowed: configuration.instruments.map(\.symbol))
        }
        guard exits.instruments.updateValue(choice, forKey: instrument.id) == nil else {
            return section.report("symbols", "'\(symbol)' has its exits already")
        }
    }

    /// A preset, tiers, or off.
    private func plan(_ section: Section) -> ExitPlan? {
        let names = ExitPlan.presets.map(\.name)
        if let lines = section.list("tiers", of: .string(limit: 64)) {
            if section.has("plan") {
                section.report("plan", "tiers are given too", advice: "keep one of the two")
            }
            do { return try ExitPlan(reading: lines) } catch {
                section.report("tiers", error.description)
                return nil
            }
        }
        let words = [("off", nil)] + names.map { ($0, Optional($0)) }
        let name = section.value("plan", .choice("an exit plan", words), default: nil)
        return name.flatMap { try? ExitPlan(preset: $0) }
    }
}
