import Foundation
import Kernel
import Platform
import TradingModel

/// What was decided about exits, in words.
struct ExitWords {
    let symbol: String
    let text: String
    /// Whether somebody should look.
    let isWarning: Bool

    /// - Parameters:
    ///   - asked: Why somebody said so, where it is what people say.
    ///   - isHalted: Whether a symbol does not trade.
    /// - Returns: `nil` for what an order says already.
    init?(
        _ fact: ExitFact, _ plan: KernelPlan, asked: String? = nil,
        isHalted: (String) -> Bool = { _ in false }
    ) {
        func symbol(_ id: InstrumentID) -> String { plan.instruments[Int(id.index)].symbol }
        let asked = asked.map { " (\($0))" } ?? ""
        switch fact {
        case .armed(let desk, let index, _, let price, _):
            self.symbol = symbol(desk.instrument)
            guard index != ExitSettings.everything, let guarding = plan.exits.plan(at: index)
            else {
                text = "is sold, whatever the price is"
                isWarning = false
                return
            }
            text = "guarded from \(grouped("\(price)")): \(guarding)"
            isWarning = false
        case .fired(let desk, let index, let tier, let price):
            self.symbol = symbol(desk.instrument)
            guard let exit = plan.exits.plan(at: index)?.tiers[tier] else { return nil }
            isWarning = isHalted(self.symbol)
            text =
                "exit \(exit) fired at \(grouped("\(price)"))"
                + (isWarning
                    ? ", and waits until it trades again: madang exits resume \(self.symbol)" : "")
        case .assigned: return nil
        case .doubted(let desk, let price, let since):
            self.symbol = symbol(desk.instrument)
            text =
                "went from \(grouped("\(since)")) to \(grouped("\(price)")) at once: exits wait until"
                + " it comes back, or you say what it is: madang exits split \(self.symbol) NEW:OLD,"
                + " or madang exits believe \(self.symbol)"
            isWarning = true
        case .believed(let desk):
            self.symbol = symbol(desk.instrument)
            text = "exits guard again\(asked)"
            isWarning = false
        case .held(let on, let reason):
            self.symbol = ""
            text = "exits are \(on ? "held: nothing fires" : "free again"): \(reason)"
            isWarning = true
        case .halted(let instrument, let on):
            self.symbol = symbol(instrument)
            text =
                (on
                    ? "is halted: exits wait, and nothing new is bought"
                    : "trades again: exits go on") + asked
            isWarning = true
        case .dayLimits(let instrument, let limits):
            self.symbol = symbol(instrument)
            text = Self.words(of: limits) + asked
            isWarning = false
        case .split(let instrument, let new, let old):
            self.symbol = symbol(instrument)
            text =
                "split, \(new) for \(old): positions and exits are rescaled, nothing fired"
                + asked
            isWarning = true
        case .flattening(let account, let on, let reason):
            self.symbol = ""
            let name = plan.accounts[Int(account.index)].name
            text =
                on
                ? "everything that '\(name)' holds is sold: \(reason)"
                : "'\(name)' is sold out no more: \(reason)"
            isWarning = true
        }
    }

    static func words(of limits: DayLimits?) -> String {
        guard let limits else { return "has no price limits any more" }
        return "trades from \(grouped("\(limits.lower)")) to \(grouped("\(limits.upper)")) on"
            + " \(date(limits.day))"
    }
    /// - Parameter day: Since 1970-01-01.
    static func date(_ day: Int64) -> String {
        let (time, isOut) = day.multipliedReportingOverflow(by: 86_400_000_000_000)
        return isOut ? "day \(day)" : TimeParts(utc: time).dateText
    }

    /// The tiers that a text of ``ExitFact/armed(_:plan:source:price:quantity:)`` names.
    static func tiers(armed text: String) -> [String] {
        guard let colon = text.range(of: ": ") else { return [] }
        return text[colon.upperBound...].components(separatedBy: ", ")
    }

    /// The tier that a text of ``ExitFact/fired(_:plan:tier:price:)`` names.
    static func tier(fired text: String) -> String? {
        guard text.hasPrefix("exit "), let end = text.range(of: " fired at ") else { return nil }
        return String(text[..<end.lowerBound].dropFirst("exit ".count))
    }

    /// As a risk event is stored: which rule of the exits.
    static func rule(_ fact: ExitFact) -> String {
        switch fact {
        case .armed: "armed"
        case .fired: "fired"
        case .assigned: "assigned"
        case .doubted: "doubted"
        case .believed: "believed"
        case .held(let on, _): on ? "held" : "released"
        case .halted(_, let on): on ? StandingStops.haltRule : StandingStops.resumeRule
        case .dayLimits(_, let limits): limits == nil ? "limits_off" : "limits"
        case .split: "split"
        case .flattening(_, let on, _): on ? "flatten" : "flatten_off"
        }
    }
    /// `nil`: of every account.
    static func desk(_ fact: ExitFact) -> DeskKey? {
        switch fact {
        case .armed(let desk, _, _, _, _), .fired(let desk, _, _, _), .assigned(let desk, _, _, _),
            .doubted(let desk, _, _), .believed(let desk):
            desk
        case .held, .halted, .dayLimits, .split, .flattening: nil
        }
    }
}
